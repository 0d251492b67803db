// What the default entry costs a page.

import assert from "node:assert/strict";
import test from "node:test";
import { BUDGET, sizes } from "../harness/sizes.mjs";

test(`WebAssembly and JavaScript of the default entry take at most ${BUDGET} bytes, brotli`, async () => {
  const sum = (await sizes(process.env.RESHELVE_PACKAGE)).at(-1);
  assert.ok(sum.brotli <= BUDGET, `${sum.brotli} bytes`);
});
