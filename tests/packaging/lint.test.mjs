// The tarball as the linters of packages see it, and its documents as their readers do.

import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { runTool } from "./project.mjs";

test("publint finds nothing", () => runTool("publint/src/cli.js", ["--strict", process.env.RESHELVE_TARBALL]));

test("attw finds every type from ES modules", () =>
  runTool("@arethetypeswrong/cli/dist/index.js", ["--profile", "esm-only", process.env.RESHELVE_TARBALL]));

test("the documents link to what is in the package", async () => {
  const folder = process.env.RESHELVE_PACKAGE;
  const documents = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".md"));
  assert.ok(documents.includes("README.md") && documents.includes(path.join("docs", "PACKAGE.md")), documents.join());
  for (const document of documents) {
    const text = await readFile(path.join(folder, document), "utf8");
    for (const [, target] of text.matchAll(/\]\(([^)#\s]+)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      await assert.doesNotReject(stat(path.join(folder, path.dirname(document), target)), `${document}: ${target}`);
    }
  }
});
