// The golden cases in the engine under test, through the package as it is packed: the same integers as everywhere.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { evaluateIn } from "../harness/browser.mjs";
import { serve } from "../harness/server.mjs";

test("every golden case gives its order and its scores", async () => {
  const { RESHELVE_GOLDEN, RESHELVE_PACKAGE, RESHELVE_SITE, RESHELVE_WASM } = process.env;
  const server = await serve({
    "/": RESHELVE_SITE,
    "/golden/": RESHELVE_GOLDEN,
    "/package/": RESHELVE_PACKAGE,
    "/wasm/": path.dirname(RESHELVE_WASM),
  });
  try {
    const run = async (wasm) => {
      const [reshelve, { runGolden }, response] = await Promise.all([
        import("/package/index.js"),
        import("/golden/run.mjs"),
        fetch("/golden/cases.json"),
      ]);
      const golden = await response.json();
      const answer = await runGolden(reshelve, golden, (file) => `/golden/${file}`, { wasm });
      return { ...answer, cases: golden.cases.length };
    };
    const { passed, failures, cases } = await evaluateIn(
      `${server.url}/`,
      run,
      `/wasm/${path.basename(RESHELVE_WASM)}`,
    );
    assert.deepEqual(failures, []);
    assert.equal(passed, cases);
    assert.ok(passed > 0);
  } finally {
    await server.close();
  }
});
