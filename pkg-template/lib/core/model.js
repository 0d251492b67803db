import { Catalog } from "./catalog.js";
import { invalidArgument, reading } from "../error.js";
import { readOverlay } from "./request.js";
import { Session, restore } from "./session.js";
import { toBytes } from "../source.js";
import { call } from "./wasm.js";

/** @type {(model: Model) => Uint8Array} the bytes of its file */
export let bytesOf;

/** The `Model` of `index.d.ts`. */
export class Model {
  #catalog;

  static {
    bytesOf = (model) => {
      const { handle } = model.#catalog;
      return call(() => handle.bytes());
    };
  }

  /** @param {import("../../wasm/reshelve.js").ModelHandle} handle */
  constructor(handle) {
    this.#catalog = new Catalog(handle);
  }

  /** As that of `Session`. */
  get [Symbol.toStringTag]() {
    return "Model";
  }

  get info() {
    return this.#catalog.info;
  }

  has(itemId) {
    return typeof itemId === "string" && this.#catalog.has(itemId);
  }

  session(from, { now = Date.now(), maxAgeMs = MAX_AGE_MS } = {}) {
    const { handle } = this.#catalog;
    const isToken = typeof from === "string";
    const [at, oldest] = reading(() => [Number(now), Number(maxAgeMs)]);
    const session = new Session(
      this.#catalog,
      call(() => (isToken ? handle.sessionFromToken(from, at, oldest) : handle.session())),
    );
    if (from !== undefined && from !== null) restore(session, from);
    return session;
  }

  useRules(rules) {
    const { handle } = this.#catalog;
    const bytes = rules === null ? undefined : toBytes(rules);
    if (rules !== null && !bytes) throw invalidArgument("rules are bytes, or null for the model's own");
    this.#catalog.rulesId = call(() => handle.useRules(bytes));
  }

  overlay(name, entries) {
    const { overlays } = this.#catalog;
    if (entries === null) overlays.delete(name);
    else
      overlays.set(
        name,
        reading(() => readOverlay(this.#catalog, name, entries)),
      );
  }

  dispose() {
    this.#catalog.dispose();
  }
}

/** Age at which a token is no longer read. */
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000;

if (Symbol.dispose) Model.prototype[Symbol.dispose] = Model.prototype.dispose;
