// For Node, and for Deno and Bun, which ask for the same entry.
import { readFile } from "node:fs/promises";
import { loadModel } from "../node.js";
import { createOpenPublished } from "../lib/published.js";

export const openPublished = /* @__PURE__ */ createOpenPublished({
  loadModel,
  wasm: () => new URL("../wasm/parts.wasm", import.meta.url),
  readFile,
});
export { RankerError } from "../lib/error.js";
export { VERSION as version } from "../wasm/build-id.js";
