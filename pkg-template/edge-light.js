// For Vercel's edge runtime: the build turns the import into a compiled module.
import wasm from "./wasm/reshelve.wasm?module";
import { createLoadModel } from "./lib/core.js";

export const loadModel = /* @__PURE__ */ createLoadModel({ wasm: () => wasm });
export { RankerError } from "./lib/error.js";
export { VERSION as version } from "./wasm/build-id.js";
