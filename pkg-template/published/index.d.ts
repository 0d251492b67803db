import type { AnyRequest, AnyResponse, AnyUrl, LoadOptions, Model, WasmSource } from "../index.js";

export { type ErrorCode, type Model, RankerError, version } from "../index.js";

/** A `Cache`, such as `caches.default` of a worker. */
export interface AnyCache {
  match(request: string): Promise<AnyResponse | undefined>;
  put(request: string, response: any): Promise<void>;
  delete(request: string): Promise<boolean>;
  /** Not in a worker: what the manifest has no more use for is left there. */
  keys?(): Promise<readonly AnyRequest[]>;
}

export interface PublishedOptions extends Pick<LoadOptions, "wasm" | "maxMemory" | "ignoreSaveData"> {
  /** Ends the opening; what is loaded later it leaves alone. The promise then rejects with `signal.reason`. */
  signal?: LoadOptions["signal"];
  /**
   * Where the WebAssembly that puts shards together comes from. Default: the `.wasm` file of the package,
   * `reshelve/published/wasm`. It is not loaded before there are two shards to join, or a delta to apply.
   */
  partsWasm?: WasmSource;
  /**
   * Where downloaded files are kept, as `await caches.open("reshelve")` gives it. With it a page whose shopper has an earlier
   * version downloads the delta alone. What the manifest has no more use for is taken out, where the cache can be listed. Default: none, and only a whole
   * model in memory can be brought up to date by a delta; what the HTTP cache keeps it keeps in any case.
   */
  cache?: AnyCache;
}

/**
 * Opens a model that `reshelve publish` has laid out: downloads its manifest and its first shard, or what has changed of
 * it. Every file is checked against the digest that the manifest has for it.
 * @param manifest address of `manifest.json`
 * @throws {RankerError} as `loadModel`
 */
export declare function openPublished(manifest: string | AnyUrl, options?: PublishedOptions): Promise<Published>;

/**
 * A published model, as far as it is loaded. Calls that load are done one after the other; where one fails, all is as it
 * was before.
 */
export interface Published {
  /** Id of the whole model that was published, whatever of it is loaded. `model.info.id` names what is. */
  readonly id: string;
  /**
   * The items that are loaded, as one model, until the next call that loads more. Scores are those of the whole model
   * for every item that is there, as long as the items of the session are there, too.
   */
  readonly model: Model;
  /** All shards, loaded or not. The first one is called `first`. */
  readonly shards: readonly ShardInfo[];
  /**
   * Loads a category: its own shards and those of what is in it, or the one that it is a part of.
   * @param category a path as the catalog has it, its steps joined by ` > `
   * @returns the model from now on. The one before goes on working until you dispose of it; sessions move by
   * `next.session(session.state())`. The same model if nothing was missing.
   * @throws {RankerError} as `loadModel`
   */
  load(category: string): Promise<Model>;
  /**
   * Loads the shards of these items, such as a list's, or those of `session.events()`. Items of no shard cost nothing.
   * Downloads the directory first, three to four bytes an item of the catalog, once.
   * @returns as `load`
   * @throws {RankerError} as `loadModel`
   */
  cover(itemIds: Iterable<string>): Promise<Model>;
  /**
   * Asks for the manifest again. If there is a new version, loads in it what is loaded now: by deltas, where there is
   * something to apply them to.
   * @returns as `load`
   * @throws {RankerError} as `loadModel`
   */
  update(): Promise<Model>;
}

export interface ShardInfo {
  /** `first`, the path of a category, or `other`. Several shards can have one name. */
  readonly name: string;
  readonly items: number;
  readonly bytes: number;
  readonly loaded: boolean;
}
