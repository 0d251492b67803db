// What the package's entries cost a page.

import assert from "node:assert/strict";
import test from "node:test";
import {
  BUDGET,
  MODULE_BUDGETS,
  PARTS_BUDGET,
  SLIM,
  SLIM_BUDGET,
  moduleSize,
  partsSize,
  sizes,
} from "../harness/sizes.mjs";

test(`WebAssembly and JavaScript of the default entry take at most ${BUDGET} bytes, brotli`, async () => {
  const sum = (await sizes(process.env.RESHELVE_PACKAGE)).at(-1);
  assert.ok(sum.brotli <= BUDGET, `${sum.brotli} bytes`);
});

test(`with the WebAssembly of reshelve/slim/wasm at most ${SLIM_BUDGET}`, async () => {
  const sum = (await sizes(process.env.RESHELVE_PACKAGE, SLIM)).at(-1);
  assert.ok(sum.brotli <= SLIM_BUDGET, `${sum.brotli} bytes`);
});

test(`what joins shards and applies deltas takes at most ${PARTS_BUDGET}`, async () => {
  const { brotli } = await partsSize(process.env.RESHELVE_PACKAGE);
  assert.ok(brotli <= PARTS_BUDGET, `${brotli} bytes`);
});

for (const [subpath, budget] of Object.entries(MODULE_BUDGETS)) {
  test(`${subpath} takes at most ${budget} bytes, brotli`, async () => {
    const { brotli } = await moduleSize(process.env.RESHELVE_PACKAGE, subpath);
    assert.ok(brotli <= budget, `${brotli} bytes`);
  });
}
