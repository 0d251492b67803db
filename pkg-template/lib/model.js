import { Catalog } from "./catalog.js";
import { RankerError, invalidArgument, messageOf } from "./error.js";
import { readOverlay } from "./request.js";
import { Session } from "./session.js";
import { toBytes } from "./source.js";
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

  useRules(rules) {
    const { handle } = this.#catalog;
    const bytes = rules === null ? undefined : toBytes(rules);
    if (rules !== null && !bytes) throw invalidArgument("rules are bytes, or null for the model's own");
    this.#catalog.rulesId = call(() => handle.useRules(bytes));
  }

  overlay(name, entries) {
    const { overlays } = this.#catalog;
    if (entries === null) overlays.delete(name);
    else {
      try {
        overlays.set(name, readOverlay(this.#catalog, name, entries));
      } catch (error) {
        if (error instanceof RankerError) throw error;
        throw new RankerError("ERR_INVALID_ARGUMENT", messageOf(error), { cause: error });
      }
    }
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
