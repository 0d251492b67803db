// For browsers, and for bundlers that build for them.
import { createLoadRulesCompiler } from "../lib/compiler.js";

export const loadRulesCompiler = /* @__PURE__ */ createLoadRulesCompiler({
  wasm: () => new URL("../wasm/rules.wasm", import.meta.url),
});
export { RankerError } from "../lib/error.js";
export { VERSION as version } from "../wasm/build-id.js";
