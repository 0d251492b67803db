import { RankerError } from "../error.js";
import { toInfo } from "../records.js";
import { call, release } from "./wasm.js";

/** Rows of this many ids are remembered, so that a page's candidates are looked up in WebAssembly once. */
const MAX_ROWS = 65_536;
/** Stands for an item that the model does not know. */
export const UNKNOWN_ROW = 0xffffffff;
/** The last time that a `Date` can hold, in milliseconds since the Unix epoch; the first is its negative. */
export const MAX_TIME_MS = 8.64e15;

/** What a model and its sessions share: the model in WebAssembly, until it is disposed of. */
export class Catalog {
  #handle;
  #rows = new Map();
  /** @type {Map<string, Int32Array>} by name a number for every row, `-(2 ** 31)` where there is none */
  #overlays = new Map();
  /** @type {string | undefined} id of the rules in place of the model's own */
  rulesId;

  /** @param {import("../../wasm/reshelve.js").ModelHandle} handle */
  constructor(handle) {
    this.#handle = handle;
    const { createdAtMs, ...info } = toInfo(call(() => handle.info()));
    const createdAt = new Date(Math.min(Math.max(createdAtMs, -MAX_TIME_MS), MAX_TIME_MS)).toISOString();
    /** @type {import("../../index.d.ts").ModelInfo} */
    this.info = Object.freeze({ ...info, createdAt });
  }

  /** The model, or an error if it was disposed of. */
  get handle() {
    if (!this.#handle) throw new RankerError("ERR_DISPOSED", "the model was disposed of; load it again");
    return this.#handle;
  }

  get overlays() {
    void this.handle;
    return this.#overlays;
  }

  /**
   * @param {string} itemId
   * @returns {number} its row, or a number beyond all rows if the model does not know it
   */
  row(itemId) {
    let row = this.#rows.get(itemId);
    if (row === undefined) {
      const { handle } = this;
      row = call(() => handle.row(itemId));
      if (this.#rows.size >= MAX_ROWS) this.#rows.clear();
      this.#rows.set(itemId, row);
    }
    return row;
  }

  /** @param {string} itemId */
  has(itemId) {
    return this.row(itemId) !== UNKNOWN_ROW;
  }

  dispose() {
    const handle = this.#handle;
    if (!handle) return;
    this.#handle = undefined;
    this.#rows.clear();
    this.#overlays.clear();
    release(() => {
      handle.unload();
      handle.free();
    });
  }
}
