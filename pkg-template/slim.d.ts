import type { LoadOptions, Model, ModelSource, Ranking, RerankOptions, Session, Surface, WasmSource } from "./index.js";

export * from "./index.js";

/** As `loadModel` of `reshelve`, with no WebAssembly of its own: the first call must say where it is. */
export declare function loadModel(source: ModelSource, options: SlimLoadOptions): Promise<Model>;

export interface SlimLoadOptions extends LoadOptions {
  /**
   * The file `reshelve/wasm`, or `reshelve/slim/wasm`, which reranks and nothing else: compiled, or where to get it. Later
   * calls reuse what the first one compiled.
   *
   * The smaller one refuses models with rules or a learned ranker (`ERR_LEFT_OUT`), and has of a model what
   * {@link SlimModel} has. Of what that leaves out, options of a ranking are ignored, or leave it as it was with the reason why;
   * `overlay` does nothing; `recommend`, `blocks` and `order` give nothing, or what they were given, with the reason
   * `left_out`; `about` and `useRules` throw `ERR_LEFT_OUT`.
   */
  wasm: WasmSource;
}

/** A model as `reshelve/slim/wasm` serves it. Declare yours as one, and the compiler holds you to what is there. */
export interface SlimModel extends Omit<Model, "overlay" | "session" | "useRules"> {
  session(...from: Parameters<Model["session"]>): SlimSession;
}

/** A session as `reshelve/slim/wasm` serves it. */
export interface SlimSession extends Omit<Session, "about" | "blocks" | "order" | "recommend" | "rerank"> {
  /** As {@link Session.rerank}. */
  rerank<T>(candidates: readonly T[], options: SlimRerankOptions<T>): Ranking<T>;
}

export type SlimRerankOptions<T> = Omit<
  RerankOptions<T>,
  "broaden" | "context" | "discovery" | "diversity" | "explain" | "overlays" | "placement" | "price" | "seed"
> & { surface: Surface };
