// For Cloudflare's workerd.
import wasm from "../wasm/parts.wasm";
import { loadModel } from "../workerd.js";
import { createOpenPublished } from "../lib/published.js";

export const openPublished = /* @__PURE__ */ createOpenPublished({
  loadModel,
  wasm: () => wasm,
});
export { RankerError } from "../lib/error.js";
export { VERSION as version } from "../wasm/build-id.js";
