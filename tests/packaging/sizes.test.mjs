// What the package's entries cost a page.

import assert from "node:assert/strict";
import test from "node:test";
import { BUDGET, MODULE_BUDGETS, SLIM, SLIM_BUDGET, moduleSize, sizes } from "../harness/sizes.mjs";

test(`WebAssembly and JavaScript of the default entry take at most ${BUDGET} bytes, brotli`, async () => {
  const sum = (await sizes(process.env.RESHELVE_PACKAGE)).at(-1);
  assert.ok(sum.brotli <= BUDGET, `${sum.brotli} bytes`);
});

test(`with the WebAssembly of reshelve/slim/wasm at most ${SLIM_BUDGET}`, async () => {
  const sum = (await sizes(process.env.RESHELVE_PACKAGE, SLIM)).at(-1);
  assert.ok(sum.brotli <= SLIM_BUDGET, `${sum.brotli} bytes`);
});

for (const [subpath, budget] of Object.entries(MODULE_BUDGETS)) {
  test(`${subpath} takes at most ${budget} bytes, brotli`, async () => {
    const { brotli } = await moduleSize(process.env.RESHELVE_PACKAGE, subpath);
    assert.ok(brotli <= budget, `${brotli} bytes`);
  });
}
