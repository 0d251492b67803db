import type { LoadOptions, Model, ModelSource, WasmSource } from "./index.js";

export * from "./index.js";

/** As `loadModel` of `reshelve`, with no WebAssembly of its own: the first call must say where it is. */
export declare function loadModel(source: ModelSource, options: SlimLoadOptions): Promise<Model>;

export interface SlimLoadOptions extends LoadOptions {
  /**
   * The file `reshelve/wasm`, or `reshelve/slim/wasm`, which reranks and nothing else: compiled, or where to get it. Later
   * calls reuse what the first one compiled.
   *
   * The smaller one refuses models with rules or a learned ranker (`ERR_LEFT_OUT`), and has no `explain`, `diversity`,
   * `discovery`, `broaden`, `context`, and none of `recommend`, `blocks`, `order`, `about`, `useRules`: rankings asked for
   * with one of these come as they were, with the reason `left_out`, and the others throw `ERR_LEFT_OUT`.
   */
  wasm: WasmSource;
}
