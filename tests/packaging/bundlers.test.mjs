// What bundlers make of the package. That the pages work is tested in tests/browser.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { BUILDERS, buildPage } from "./project.mjs";

for (const builder of BUILDERS) {
  test(`${builder}: one .wasm, and nothing of Node`, async () => {
    const { folder, files } = await buildPage(builder);
    // The package itself also holds what this page does not import: the compiler of rules, what reranks alone, and entries
    // for Node.
    const used = files.filter(
      (file) => !/^reshelve\/(node\.js|(rules|published)\/|wasm\/(rules|parts|slim)\.|lib\/published\.)/.test(file),
    );
    assert.equal(used.filter((file) => file.endsWith(".wasm")).length, 1, used.join(" "));
    const scripts = used.filter((file) => file.endsWith("js"));
    for (const file of scripts) {
      assert.doesNotMatch(await readFile(path.join(folder, file), "utf8"), /["']node:/, file);
    }
  });
}
