// For Cloudflare's workerd.
import wasm from "../wasm/rules.wasm";
import { createLoadRulesCompiler } from "../lib/compiler.js";

export const loadRulesCompiler = /* @__PURE__ */ createLoadRulesCompiler({ wasm: () => wasm });
export { RankerError } from "../lib/error.js";
export { VERSION as version } from "../wasm/build-id.js";
