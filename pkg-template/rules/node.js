// For Node, and for Deno and Bun, which ask for the same entry.
import { readFile } from "node:fs/promises";
import { createLoadRulesCompiler } from "../lib/compiler.js";

export const loadRulesCompiler = /* @__PURE__ */ createLoadRulesCompiler({
  wasm: () => new URL("../wasm/rules.wasm", import.meta.url),
  readFile,
});
export { RankerError } from "../lib/error.js";
export { VERSION as version } from "../wasm/build-id.js";
