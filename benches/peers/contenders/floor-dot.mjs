// The bare int8 dot product: what no search without an index goes below. See `floor.wat`.

import { openFloor } from "./floor.mjs";

export { FLOOR_ASSETS as assets, FLOOR_INPUTS as inputs } from "./floor.mjs";
export const title = "floor: SIMD128 dot";
export const open = openFloor("dot");
