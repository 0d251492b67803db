// What bundlers make of the package. That the pages work is tested in tests/browser.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { BUILDERS, buildPage } from "./project.mjs";

for (const builder of BUILDERS) {
  test(`${builder}: one .wasm, and nothing of Node`, async () => {
    const { folder, files } = await buildPage(builder);
    assert.equal(files.filter((file) => file.endsWith(".wasm")).length, 1, files.join(" "));
    // The package itself also holds the entry for Node.
    const scripts = files.filter((file) => file.endsWith("js") && file !== "reshelve/node.js");
    for (const file of scripts) {
      assert.doesNotMatch(await readFile(path.join(folder, file), "utf8"), /["']node:/, file);
    }
  });
}
