// The types, as strict TypeScript projects of every usual setting see them. Declarations are checked, not skipped.

import path from "node:path";
import test from "node:test";
import { project, runTool } from "./project.mjs";

const MODULES = {
  bundler: ["--module", "esnext", "--moduleResolution", "bundler"],
  nodenext: ["--module", "nodenext", "--moduleResolution", "nodenext"],
};
const DOM = "es2022,dom,dom.iterable";

async function check(files, module, lib, types) {
  const folder = await project();
  const settings = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];
  await runTool("typescript/bin/tsc", [
    ...settings,
    ...["--ignoreConfig", "--target", "es2022", "--lib", lib, "--types", types],
    ...MODULES[module],
    ...files.map((file) => path.join(folder, "types", file)),
  ]);
}

for (const module of Object.keys(MODULES)) {
  test(`${module}, with lib.dom`, () => check(["consumer.ts", "web.ts"], module, DOM, ""));
  test(`${module}, without any types of a runtime`, () => check(["consumer.ts"], module, "es2022", ""));
  test(`${module}, with Node's types`, () => check(["consumer.ts"], module, "es2022", "node"));
  test(`${module}, with Cloudflare's types`, () =>
    check(["consumer.ts", "worker.ts"], module, "es2022", "@cloudflare/workers-types"));
}
