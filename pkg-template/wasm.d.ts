import type { WasmModule } from "./index.js";

/** The WebAssembly as a compiled module, where the runtime or the bundler imports it as one: workerd and wrangler do. */
declare const wasm: WasmModule;
export default wasm;
