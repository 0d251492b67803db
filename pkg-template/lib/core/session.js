import { MAX_TIME_MS } from "./catalog.js";
import { RankerError, invalidArgument, reading } from "../error.js";
import {
  AFFINITY_WIDTH,
  EVENT_WIDTH,
  EXPLANATION_WIDTH,
  ITEM_WIDTH,
  split,
  toAffinity,
  toEvent,
  toExplanation,
  toItems,
} from "../records.js";
import { OVER_BUDGET, answered, unanswered } from "./ranking.js";
import { packed, readBudget, readOrder, readRecommend, readRerank } from "./request.js";
import { call, release } from "./wasm.js";

/** Set in a slot that is for something different. */
const DISCOVERED = 2 ** 31;

/** @type {(session: Session) => import("./catalog.js").Catalog} what its traces are written from */
export let catalogOf;

/** @type {(session: Session, from: unknown) => void} says what became of what it was made from, and takes over a state */
export let restore;

/** Events that a session holds at most, impressions included. */
export const MAX_EVENTS = 384;
/** Why a part of a token is lost, by the numbers that the WebAssembly uses. */
const LOST = [undefined, "damaged", "version", "expired", "foreign", "sensitive"];
/** What is returned of an event that is not kept as its item is marked as sensitive. */
const SENSITIVE = -2;

/** The `Session` of `index.d.ts`. */
export class Session {
  #catalog;
  #handle;
  /** Milliseconds that a candidate took in the last call, and a call for recommendations. */
  #paces = { candidate: 0, recommend: 0 };
  restored = { outcome: "none", events: 0 };

  static {
    catalogOf = (session) => session.#catalog;
    restore = (session, from) => {
      const lost = typeof from === "string" ? LOST[session.#handle.lost()] : session.#restore(from);
      const events = session.events().length;
      const reason = lost && { reason: lost };
      session.restored = { outcome: lost ? (events ? "partial" : "refused") : "whole", ...reason, events };
    };
  }

  /**
   * @param {import("./catalog.js").Catalog} catalog
   * @param {import("../../wasm/reshelve.js").SessionHandle} handle
   */
  constructor(catalog, handle) {
    this.#catalog = catalog;
    this.#handle = handle;
  }

  /** What proxies of other libraries go by: Vue leaves an object with a name of its own alone. */
  get [Symbol.toStringTag]() {
    return "Session";
  }

  get isPersonal() {
    const handle = this.#open();
    return call(() => handle.isPersonal());
  }

  record(event) {
    const id = this.#record(event);
    return id < 0 ? undefined : id;
  }

  #record(event) {
    const { type, itemId, query, timestamp = Date.now(), quantity = 1, gift = false } = event ?? {};
    const given = { type, itemId: itemId ?? "", query: query ?? "", timestamp, quantity, gift };
    for (const [name, type] of EVENT_FIELDS) {
      const found = typeof given[name];
      if (found !== type) throw invalidArgument(`the event's \`${name}\` must be a ${type}, not ${found}`);
    }
    // Seconds of this century would be the first months of 1970.
    if (!(Math.abs(timestamp) <= MAX_TIME_MS) || (timestamp >= 9e8 && timestamp < 1e10))
      throw invalidArgument("the `timestamp` must count milliseconds since the Unix epoch, not seconds");
    if (!(Number.isInteger(quantity) && quantity >= 1 && quantity <= 65_535))
      throw invalidArgument("the `quantity` must be a whole number from 1 to 65535");
    const handle = this.#open();
    return call(() => handle.record(type, itemId, query, timestamp, quantity, gift));
  }

  events() {
    const handle = this.#open();
    const fields = call(() => handle.events());
    return split(fields, 0, EVENT_WIDTH).map(toEvent);
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
      return this.#within(options, "candidate", candidates?.length, () => this.#rerank(candidates, options));
    } catch (error) {
      return unanswered(this.#catalog, error, copyOf(candidates));
    }
  }

  #rerank(candidates, options) {
    const request = readRerank(this.#catalog, candidates, options);
    const { given, texts, numbers, lists } = request;
    // After the caller's functions, which may have disposed of the session.
    const handle = this.#open();
    const answer = call(() => handle.rerank(texts, numbers, lists));
    if (request.explain) {
      const [outcome, barred] = answer;
      const explanations = split(answer, 2, EXPLANATION_WIDTH).map((fields, to) => ({
        itemId: request.itemIds[fields[0]],
        ...toExplanation(fields, to),
      }));
      const items = explanations.map(({ from }) => given[from]);
      const discovered = explanations.filter((one) => one.discovered).map(({ to }) => to);
      return { ...answered(this.#catalog, outcome, items, barred, discovered), explanations };
    }
    const items = new Array(given.length);
    const discovered = [];
    for (let slot = 0; slot < items.length; slot++) {
      const from = answer[slot + 2];
      if (from >= DISCOVERED) discovered.push(slot);
      items[slot] = given[from & (DISCOVERED - 1)];
    }
    return answered(this.#catalog, answer[0], items, answer[1], discovered);
  }

  recommend(options) {
    return this.#found(options, []);
  }

  #found(options, shown) {
    try {
      return this.#within(options, "recommend", 1, () => this.#recommend(options, shown));
    } catch (error) {
      return unanswered(this.#catalog, error, []);
    }
  }

  #recommend(options, shown) {
    const request = readRecommend(this.#catalog, options, shown);
    const { texts, numbers, lists } = request;
    const handle = this.#open();
    const answer = call(() => handle.recommend(texts, numbers, lists));
    const ids = answer.pop();
    const width = request.explain ? ITEM_WIDTH + EXPLANATION_WIDTH : ITEM_WIDTH;
    const items = toItems(ids, answer, 1, width);
    const discovered = [];
    items.forEach(({ basis }, slot) => basis === "discovery" && discovered.push(slot));
    const ranking = answered(this.#catalog, answer[0], items, 0, discovered);
    if (!request.explain) return ranking;
    const explanations = split(answer, 1, width).map((fields, to) => ({
      itemId: items[to].itemId,
      ...toExplanation(fields.slice(ITEM_WIDTH), to),
    }));
    return { ...ranking, explanations };
  }

  /** Runs a call within its time budget: one that would take longer is not begun, the answer of one that has is dropped. */
  #within(options, pace, size, run) {
    const budget = readBudget(options);
    if (this.#paces[pace] * size > budget) {
      // What took long once may be fast the next time.
      this.#paces[pace] /= 2;
      throw OVER_BUDGET;
    }
    const start = performance.now();
    const answer = run();
    const took = performance.now() - start;
    this.#paces[pace] = took / Math.max(size, 1);
    if (took > budget) throw OVER_BUDGET;
    return answer;
  }

  blocks(requests) {
    if (!Array.isArray(requests)) throw invalidArgument("`blocks` takes a list of requests, one a block");
    const shown = [];
    return requests.map((options) => {
      const ranking = this.#found(options, shown);
      shown.push(...ranking.items.map(({ itemId }) => itemId));
      return ranking;
    });
  }

  order(things, options) {
    try {
      const { given, texts, numbers, lists } = readOrder(things, options);
      const handle = this.#open();
      const [outcome, ...order] = call(() => handle.order(texts, numbers, lists));
      const items = order.map((from) => given[from]);
      return answered(this.#catalog, outcome, items);
    } catch (error) {
      return unanswered(this.#catalog, error, copyOf(things));
    }
  }

  about(options = {}) {
    const handle = this.#open();
    const { numbers, lists } = reading(() => packed(options));
    const answer = call(() => handle.about(numbers, lists));
    return { segment: answer[0], affinities: split(answer, 1, AFFINITY_WIDTH).map(toAffinity) };
  }

  state() {
    return { v: 1, events: this.events().map(({ id, ...event }) => event) };
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

  /** Records those of the stored events that are sound, and says why others are missing. */
  #restore({ v, events }) {
    if (v !== 1 || !Array.isArray(events)) return typeof v === "number" && v !== 1 ? "version" : "damaged";
    let lost;
    for (const event of events.slice(-MAX_EVENTS)) {
      try {
        if (this.#record(event) === SENSITIVE) lost ??= "sensitive";
      } catch (error) {
        if (error.code !== "ERR_INVALID_ARGUMENT") throw error;
        lost ??= "damaged";
      }
    }
    return lost;
  }

  #open() {
    if (!this.#handle) throw new RankerError("ERR_DISPOSED", "the session was disposed of; make a new one");
    void this.#catalog.handle;
    return this.#handle;
  }
}

/** The candidates as they came, of a list that is no array, too; those that cannot be copied, as a revoked proxy, themselves. */
function copyOf(candidates) {
  try {
    return Array.from(candidates ?? []);
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
