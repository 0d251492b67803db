// For browsers, and for bundlers that build for them: the WebAssembly is the file beside this one.
import { createLoadModel } from "./lib/core.js";

export const loadModel = /* @__PURE__ */ createLoadModel({
  wasm: () => new URL("./wasm/reshelve.wasm", import.meta.url),
});
export { RankerError } from "./lib/error.js";
export { VERSION as version } from "./wasm/build-id.js";
