import { Catalog } from "./catalog.js";
import { Session } from "./session.js";
import { call } from "./wasm.js";

/** The `Model` of `index.d.ts`. */
export class Model {
  #catalog;

  /** @param {import("../wasm/reshelve.js").ModelHandle} handle */
  constructor(handle) {
    this.#catalog = new Catalog(handle);
  }

  get info() {
    return this.#catalog.info;
  }

  has(itemId) {
    return typeof itemId === "string" && this.#catalog.has(itemId);
  }

  session(from) {
    const { handle } = this.#catalog;
    if (typeof from === "string")
      return new Session(
        this.#catalog,
        call(() => handle.sessionFromToken(from)),
      );
    const session = new Session(
      this.#catalog,
      call(() => handle.session()),
    );
    if (from?.v === 1 && Array.isArray(from.events)) restore(session, from.events);
    return session;
  }

  dispose() {
    this.#catalog.dispose();
  }
}

/** Events that a session holds at most. */
const MAX_EVENTS = 256;

/** Records those of the stored events that are sound. */
function restore(session, events) {
  for (const event of events.slice(-MAX_EVENTS)) {
    try {
      session.record(event);
    } catch (error) {
      if (error.code !== "ERR_INVALID_ARGUMENT") throw error;
    }
  }
}

if (Symbol.dispose) Model.prototype[Symbol.dispose] = Model.prototype.dispose;
