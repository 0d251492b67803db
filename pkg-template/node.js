// For Node, and for Deno and Bun, which ask for the same entry: `fetch` does not read files in Node, so this one does.
import { readFile } from "node:fs/promises";
import { createLoadModel } from "./lib/core.js";

export const loadModel = /* @__PURE__ */ createLoadModel({
  wasm: () => new URL("./wasm/reshelve.wasm", import.meta.url),
  readFile,
});
export { RankerError } from "./lib/error.js";
export { VERSION as version } from "./wasm/build-id.js";
