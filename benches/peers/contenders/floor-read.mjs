// Reading every row, and nothing else. See `floor.wat`.

import { openFloor } from "./floor.mjs";

export { FLOOR_ASSETS as assets, FLOOR_INPUTS as inputs } from "./floor.mjs";
export const title = "floor: reading";
export const open = openFloor("read");
