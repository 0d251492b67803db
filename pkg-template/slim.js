// Without WebAssembly of its own: for libraries, and for runtimes and bundlers that no other entry fits.
import { createLoadModel } from "./lib/core.js";

export const loadModel = /* @__PURE__ */ createLoadModel({});
export { RankerError } from "./lib/error.js";
export { VERSION as version } from "./wasm/build-id.js";
