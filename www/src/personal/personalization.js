// The one module that talks to Reshelve: a session in, orders and reasons out.
//
// Whatever fails here, the store goes on in its own order: `ready` is false, `failure` says why, and every method
// answers as for a shopper of whom nothing is known.

import { loadModel } from "reshelve";
import { Memory } from "./memory.js";

/** Between the events of a persona's history. */
const REPLAY_STEP_MS = 90_000;

/** What the store's rules know of prices: cents, by item. */
export const pricesOf = (items) => items.map(({ item_id, price }) => [item_id, Math.round(price * 100)]);

/** A history, as if its last event had happened just now. */
export function asJustNow(events) {
  const start = Date.now() - events.length * REPLAY_STEP_MS;
  return events.map((event, index) => ({ ...event, timestamp: start + index * REPLAY_STEP_MS }));
}

/** A file; a store that has lost its rules goes on without. */
async function bytesOf(url) {
  try {
    const response = await fetch(url);
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
  } catch {
    return null;
  }
}

/**
 * Events: `log` when what is remembered changed, `order` when lists on the page should be put in order anew.
 */
export class Personalization extends EventTarget {
  #model;
  #session;
  /** A session that stays empty: what everyone gets. */
  #everyone;
  #isPersonal = true;
  /** @type {Uint8Array | null} */
  #storeRules = null;
  /** The latest reordering: candidates and milliseconds. */
  lastRanking;
  /** Where events are kept. */
  memory = new Memory();
  /** Why there is no personalization: one of the package's error codes. */
  failure;

  /**
   * Loads WebAssembly, model and the store's rules. Never throws.
   *
   * @param {string} url of the model
   * @param {string} rulesUrl of its rules
   * @param {Promise<import("../data/catalog.js").Item[]>} items whose prices rules may speak of
   */
  static async load(url, rulesUrl, items) {
    const personal = new Personalization();
    try {
      const rules = bytesOf(rulesUrl);
      personal.#model = await loadModel(url);
      personal.#model.overlay("price", pricesOf(await items));
      personal.#storeRules = await rules;
      personal.useRules();
      personal.#everyone = personal.#model.session();
      personal.#session = personal.memory.open(personal.#model);
    } catch (error) {
      personal.#model = undefined;
      personal.failure = error?.code ?? String(error);
    }
    return personal;
  }

  get ready() {
    return this.#model !== undefined;
  }

  /** Facts about the model, if there is one. */
  get info() {
    return this.#model?.info;
  }

  /** Whether lists are in the shopper's order; the store's own otherwise. */
  get isPersonal() {
    return this.ready && this.#isPersonal;
  }

  set isPersonal(value) {
    this.#isPersonal = value;
    this.refresh();
  }

  /**
   * Puts rules in place of the store's, for every list from here on.
   *
   * @param {Uint8Array} [rules] compiled; the store's own again without
   */
  useRules(rules = this.#storeRules) {
    this.#model?.useRules(rules);
    this.refresh();
  }

  /** The session as `Model.session` takes it. */
  get state() {
    return this.#session?.state();
  }

  /** What the session holds, oldest first. */
  get events() {
    return this.#session?.events() ?? [];
  }

  /** The session as a text for an edge worker. */
  get token() {
    return this.#session?.token() ?? "";
  }

  record(event) {
    if (!this.ready) return;
    this.#session.record(event);
    this.#changed();
  }

  /** Lives through a history as if its last event had happened just now. */
  replay(events) {
    if (!this.ready) return;
    for (const event of asJustNow(events)) this.#session.record(event);
    this.#changed();
  }

  forget(eventId) {
    if (!this.ready) return;
    this.#session.forget(eventId);
    this.#changed();
    this.refresh();
  }

  forgetWhere(matches) {
    if (!this.ready) return;
    for (const event of this.events.filter(matches)) this.#session.forget(event.id);
    this.#changed();
  }

  clear({ quietly = false } = {}) {
    if (!this.ready) return;
    this.#session.clear();
    this.#changed();
    if (!quietly) this.refresh();
  }

  /** Chooses where events are kept, see {@link Memory}; false if the browser refuses. */
  remember(place) {
    return this.memory.choose(place, this.#session);
  }

  /** Asks for all lists to be ordered anew. */
  refresh() {
    this.dispatchEvent(new Event("order"));
  }

  #changed() {
    this.memory.save(this.#session);
    this.dispatchEvent(new Event("log"));
  }

  /**
   * Puts a listing in order, and leaves out what rules bar.
   *
   * @template T
   * @param {readonly T[]} candidates in the store's order
   * @param {{ surface: string, itemOf: (candidate: T) => { item_id: string }, baseScore?: (candidate: T) => number }} options
   * @returns {{ candidate: T, reason?: import("reshelve").Reason }[]}
   */
  order(candidates, { surface, itemOf, baseScore }) {
    if (!this.ready) return candidates.map((candidate) => ({ candidate }));
    const options = { surface, itemId: (candidate) => itemOf(candidate).item_id, explain: true };
    if (baseScore) options.baseScore = baseScore;
    if (!this.#isPersonal) options.strength = 0;
    const start = performance.now();
    const { items, barred, outcome, explanations } = this.#session.rerank(candidates, options);
    this.#measured(candidates.length, performance.now() - start);
    const reasons = outcome === "personalized" ? explanations : undefined;
    // What rules bar stands at the end, and is not for shoppers.
    const shown = items.slice(0, items.length - barred);
    return shown.map((candidate, index) => ({ candidate, reason: reasons?.[index].reason }));
  }

  /**
   * Those of a list that the store's rules let anyone see, in the list's own order.
   *
   * @template T
   * @param {readonly T[]} candidates
   * @param {{ surface: string, itemOf: (candidate: T) => { item_id: string } }} options
   * @returns {T[]}
   */
  allowed(candidates, { surface, itemOf }) {
    if (!this.ready) return [...candidates];
    const options = { surface, itemId: (candidate) => itemOf(candidate).item_id, strength: 0 };
    const { items, barred } = this.#everyone.rerank(candidates, options);
    const shown = new Set(items.slice(0, items.length - barred));
    return candidates.filter((candidate) => shown.has(candidate));
  }

  /**
   * Picks items out of the whole catalog.
   *
   * @param {Omit<import("reshelve").RecommendOptions, "explain">} options
   * @returns {{ isPersonal: boolean, picks: { itemId: string, reason: import("reshelve").Reason }[] }}
   */
  pick(options) {
    if (!this.ready) return { isPersonal: false, picks: [] };
    const session = this.#isPersonal ? this.#session : this.#everyone;
    const { items, outcome, explanations } = session.recommend({ ...options, explain: true });
    const picks = items.map(({ itemId }, index) => ({ itemId, reason: explanations?.[index].reason }));
    return { isPersonal: outcome === "personalized", picks };
  }

  #measured(candidates, milliseconds) {
    this.lastRanking = { candidates, milliseconds };
    this.dispatchEvent(new Event("ranked"));
  }
}
