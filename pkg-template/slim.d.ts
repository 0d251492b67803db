import type { LoadOptions, Model, ModelSource, WasmSource } from "./index.js";

export * from "./index.js";

/** As `loadModel` of `reshelve`, with no WebAssembly of its own: the first call must say where it is. */
export declare function loadModel(source: ModelSource, options: SlimLoadOptions): Promise<Model>;

export interface SlimLoadOptions extends LoadOptions {
  /** The file `reshelve/wasm`: compiled, or where to get it. Later calls reuse what the first one compiled. */
  wasm: WasmSource;
}
