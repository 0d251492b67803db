// For Cloudflare's workerd, which compiles no bytes at run time: the WebAssembly is imported as a compiled module.
import wasm from "./wasm/reshelve.wasm";
import { createLoadModel } from "./lib/core.js";

export const loadModel = /* @__PURE__ */ createLoadModel({ wasm: () => wasm });
export { RankerError } from "./lib/error.js";
export { VERSION as version } from "./wasm/build-id.js";
