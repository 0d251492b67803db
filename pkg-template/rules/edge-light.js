// For Vercel's edge runtime.
import wasm from "../wasm/rules.wasm?module";
import { createLoadRulesCompiler } from "../lib/compiler.js";

export const loadRulesCompiler = /* @__PURE__ */ createLoadRulesCompiler({ wasm: () => wasm });
export { RankerError } from "../lib/error.js";
export { VERSION as version } from "../wasm/build-id.js";
