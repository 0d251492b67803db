// For browsers, and for bundlers that build for them.
import { loadModel } from "../index.js";
import { createOpenPublished } from "../lib/published.js";

export const openPublished = /* @__PURE__ */ createOpenPublished({
  loadModel,
  wasm: () => new URL("../wasm/parts.wasm", import.meta.url),
});
export { RankerError } from "../lib/error.js";
export { VERSION as version } from "../wasm/build-id.js";
