// For Vercel's edge runtime.
import wasm from "../wasm/parts.wasm?module";
import { loadModel } from "../edge-light.js";
import { createOpenPublished } from "../lib/published.js";

export const openPublished = /* @__PURE__ */ createOpenPublished({
  loadModel,
  wasm: () => wasm,
});
export { RankerError } from "../lib/error.js";
export { VERSION as version } from "../wasm/build-id.js";
