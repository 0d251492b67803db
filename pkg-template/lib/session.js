import { RankerError, invalidArgument } from "./error.js";
import { toAffinity, toEvent, toExplanation, toItem } from "./records.js";
import { answered, unanswered } from "./ranking.js";
import { readOrder, readRecommend, readRerank, settings, toEvents } from "./request.js";
import { call, release } from "./wasm.js";

/** Set in a slot that is for something different. */
const DISCOVERED = 2 ** 31;

/** @type {(session: Session) => import("./catalog.js").Catalog} what its traces are written from */
export let catalogOf;

/** The `Session` of `index.d.ts`. */
export class Session {
  #catalog;
  #handle;

  static {
    catalogOf = (session) => session.#catalog;
  }

  /**
   * @param {import("./catalog.js").Catalog} catalog
   * @param {import("../wasm/reshelve.js").SessionHandle} handle
   */
  constructor(catalog, handle) {
    this.#catalog = catalog;
    this.#handle = handle;
  }

  record(event) {
    const { type, itemId, query, timestamp = Date.now(), quantity = 1, gift = false } = event ?? {};
    const given = { type, itemId: itemId ?? "", query: query ?? "", timestamp, quantity, gift };
    for (const [name, type] of EVENT_FIELDS) {
      const found = typeof given[name];
      if (found !== type) throw invalidArgument(`the event's \`${name}\` must be a ${type}, not ${found}`);
    }
    const handle = this.#open();
    return call(() => handle.record(type, itemId, query, timestamp, quantity, gift));
  }

  events() {
    const handle = this.#open();
    return call(() => handle.events()).map(toEvent);
  }

  forget(eventId) {
    const handle = this.#open();
    return Number.isInteger(eventId) && eventId >= 0 && eventId < 2 ** 32 && call(() => handle.forget(eventId));
  }

  clear() {
    const handle = this.#open();
    call(() => handle.clear());
  }

  rerank(candidates, options) {
    try {
      const request = readRerank(this.#catalog, candidates, options);
      const { given, names, rows, base, prices, pinned, settings, without, context, overlays, values } = request;
      // After the caller's functions, which may have disposed of the session.
      const handle = this.#open();
      const answer = call(() =>
        handle.rerank(names, rows, base, prices, pinned, settings, without, context, overlays, values),
      );
      if (request.explain) {
        const [outcome, barred, reasons] = answer;
        const explanations = reasons.map((row, to) => ({ itemId: request.itemIds[row[0]], ...toExplanation(row, to) }));
        const items = explanations.map(({ from }) => given[from]);
        const discovered = explanations.filter((one) => one.discovered).map(({ to }) => to);
        return { ...answered(this.#catalog, outcome, items, barred, discovered), explanations };
      }
      const items = new Array(rows.length);
      const discovered = [];
      for (let slot = 0; slot < items.length; slot++) {
        const from = answer[slot + 2];
        if (from >= DISCOVERED) discovered.push(slot);
        items[slot] = given[from % DISCOVERED];
      }
      return answered(this.#catalog, answer[0], items, answer[1], discovered);
    } catch (error) {
      return unanswered(this.#catalog, error, copyOf(candidates));
    }
  }

  recommend(options) {
    try {
      const request = readRecommend(this.#catalog, options);
      const { names, seeds, basis, exclude, settings, without, context, overlays, values } = request;
      const handle = this.#open();
      const [outcome, found, reasons] = call(() =>
        handle.recommend(names, seeds, basis, exclude, settings, without, context, overlays, values),
      );
      const items = found.map(toItem);
      const discovered = [...items.keys()].filter((slot) => items[slot].basis === "discovery");
      const ranking = answered(this.#catalog, outcome, items, 0, discovered);
      if (!request.explain) return ranking;
      const explanations = reasons.map((row, to) => ({ itemId: items[to].itemId, ...toExplanation(row, to) }));
      return { ...ranking, explanations };
    } catch (error) {
      return unanswered(this.#catalog, error, []);
    }
  }

  blocks(requests) {
    const shown = [];
    return requests.map((options) => {
      const ranking = this.recommend({ ...options, exclude: [...(options.exclude ?? []), ...shown] });
      shown.push(...ranking.items.map(({ itemId }) => itemId));
      return ranking;
    });
  }

  order(things, options) {
    try {
      const { given, tags, counts, settings, without } = readOrder(things, options);
      const handle = this.#open();
      const [outcome, ...order] = call(() => handle.order(tags, counts, settings, without));
      const items = order.map((from) => given[from]);
      return answered(this.#catalog, outcome, items);
    } catch (error) {
      return unanswered(this.#catalog, error, copyOf(things));
    }
  }

  about(options = {}) {
    const handle = this.#open();
    const [segment, affinities] = call(() => handle.about(settings(options, []), toEvents(options)));
    return { segment, affinities: affinities.map(toAffinity) };
  }

  state() {
    // An item that came with a token and that the model does not know has no id to store.
    const events = this.events().filter((event) => (event.itemId ?? event.query) !== undefined);
    return { v: 1, events: events.map(({ id, ...event }) => event) };
  }

  token() {
    const handle = this.#open();
    return call(() => handle.token());
  }

  dispose() {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle) release(() => handle.free());
  }

  #open() {
    if (!this.#handle) throw new RankerError("ERR_DISPOSED", "the session was disposed of; make a new one");
    void this.#catalog.handle;
    return this.#handle;
  }
}

/** The candidates as they came; those that cannot be copied, as a revoked proxy, themselves. */
function copyOf(candidates) {
  try {
    return Array.isArray(candidates) ? [...candidates] : [];
  } catch {
    return candidates;
  }
}

/** Types of an event's fields: what WebAssembly is given is of the type it takes. */
const EVENT_FIELDS = Object.entries({
  type: "string",
  itemId: "string",
  query: "string",
  timestamp: "number",
  quantity: "number",
  gift: "boolean",
});

if (Symbol.dispose) Session.prototype[Symbol.dispose] = Session.prototype.dispose;
