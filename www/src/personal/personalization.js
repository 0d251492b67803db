// The one module that talks to Reshelve: a session in, orders and reasons out.
//
// Whatever fails here, the store goes on in its own order: `ready` is false, `failure` says why, and every method
// answers as for a shopper of whom nothing is known.

import { loadModel } from "reshelve";
import { openShopper } from "reshelve/shopper";
import { describeToken } from "reshelve/token";
import { rememberConsent, rememberedConsent } from "./consent.js";
import { asHeld } from "./placements.js";
import { DEFAULTS, keepSettings, restoreSettings } from "./settings.js";

/** Between the events of a persona's history. */
const REPLAY_STEP_MS = 90_000;
const DAY_MS = 86_400_000;

/** What the store's rules know of prices: cents, by item. */
export const pricesOf = (items) => items.map(({ item_id, price }) => [item_id, Math.round(price * 100)]);

/** A history, as if its last event had happened just now; earlier visits lie as many days back as they say. */
export function asJustNow(events) {
  const now = Date.now();
  return events.map(({ daysAgo, ...event }, index) => ({
    ...event,
    timestamp: now - (daysAgo ? daysAgo * DAY_MS : (events.length - index) * REPLAY_STEP_MS),
  }));
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
  /** @type {import("reshelve/shopper").Shopper} */
  #shopper;
  #session;
  /** What was told of last: so that the shopper's own news are told once. */
  #told;
  #isPersonal = true;
  #settings = DEFAULTS;
  /** @type {Uint8Array | null} */
  #storeRules = null;
  /** The latest reordering: candidates and milliseconds. */
  lastRanking;
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
      // A demo is shown by programs, too, and tested by them: here they count as shoppers.
      const consent = rememberedConsent();
      personal.#shopper = await openShopper(personal.#model, { consent, name: "larkmoor", countAutomated: true });
      personal.#session = personal.#shopper.session;
      if (personal.tier !== consent) rememberConsent(personal.tier);
      personal.#settings = restoreSettings(personal.tier);
      personal.#told = personal.#news();
      personal.#shopper.addEventListener("change", () => personal.#follow());
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

  /** What the shopper has agreed to, and what came of it. */
  get status() {
    return this.#shopper?.status;
  }

  get tier() {
    return this.#shopper?.status.tier ?? "none";
  }

  /** Changes what the shopper agrees to; what is no longer allowed is gone from memory when this returns. */
  async consent(tier) {
    if (!this.ready) return;
    const erased = this.#shopper.consent(tier);
    // Not what was asked for, but what holds: under Global Privacy Control that is less.
    rememberConsent(this.tier);
    if (tier === "none" || tier === "off") this.#settings = DEFAULTS;
    this.#changed();
    this.refresh();
    await erased;
    this.#changed();
  }

  /** What lies on the device, as storage itself says. */
  stored() {
    return this.#shopper?.stored() ?? Promise.resolve([]);
  }

  /** Whether what the shopper does is not noted for the moment. */
  get isPaused() {
    return this.status?.isPaused ?? false;
  }

  set isPaused(value) {
    if (!this.ready) return;
    if (value) this.#shopper.pause();
    else this.#shopper.resume();
    this.#changed();
  }

  /** Notes that an item, or what is like it, is not wanted; the event, to be taken back with `forget`. */
  turnDown(itemId, { alike }) {
    if (!this.ready) return undefined;
    const id = alike ? this.#shopper.lessLikeThis(itemId) : this.#shopper.notInterested(itemId);
    this.#changed();
    this.refresh();
    return id;
  }

  /** Everything, as a document for a file. */
  export() {
    return this.#shopper?.export();
  }

  /** Takes in a document or a code. */
  import(from) {
    if (!this.ready) return { outcome: "refused", added: 0 };
    const result = this.#shopper.import(from);
    this.#changed();
    this.refresh();
    return result;
  }

  /** The session as `Model.session` takes it. */
  get state() {
    return this.#session?.state();
  }

  /** What the session holds, oldest first. */
  get events() {
    return this.#session?.events() ?? [];
  }

  /** Those of the events that count now: what was done for a gift, or what was not. */
  get counting() {
    return this.events.filter(({ gift = false }) => gift === this.#settings.gift);
  }

  /** What follows from the events, if there is a model. */
  get about() {
    return this.#session?.about({ gift: this.#settings.gift });
  }

  /** See `settings.js`. */
  get settings() {
    return this.#settings;
  }

  /** Changes some of the settings. */
  choose(settings) {
    this.#settings = { ...this.#settings, ...settings };
    this.#changed();
    this.refresh();
  }

  /** The session as a text, for an edge worker or another device. */
  get token() {
    return this.#shopper?.code() ?? "";
  }

  /** What a token says, as this model reads it. */
  describe(token) {
    return this.ready ? describeToken(this.#model, token) : undefined;
  }

  record(event) {
    if (!this.ready) return;
    this.#session.record(this.#settings.gift ? { ...event, gift: true } : event);
    this.#changed();
  }

  /** Lives through a history as if its last event had happened just now. */
  replay(events) {
    if (!this.ready) return;
    this.#shopper.resume();
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
    this.#settings = DEFAULTS;
    this.#changed();
    if (!quietly) this.refresh();
  }

  /** Asks for all lists to be ordered anew. */
  refresh() {
    this.dispatchEvent(new Event("order"));
  }

  #changed() {
    keepSettings(this.#settings, this.tier);
    this.#told = this.#news();
    this.dispatchEvent(new Event("log"));
  }

  /** Which events are held, and how things stand. */
  #news() {
    const { tier, place, isPaused, problems } = this.status;
    return JSON.stringify([this.events.map(({ id }) => id), tier, place, isPaused, problems.length]);
  }

  /** Another tab did something, storage answered late, or an event's time is over. */
  #follow() {
    if (this.#news() === this.#told) return;
    this.#changed();
    this.refresh();
  }

  /** What every request says. In the store's own order the shopper's events count for nothing. */
  #said(request, isOwn = this.#isPersonal) {
    const { broaden, gift } = this.#settings;
    return isOwn ? { ...request, broaden, gift } : { ...request, without: this.events.map(({ id }) => id) };
  }

  /**
   * Puts a listing in order, and leaves out what rules bar.
   *
   * @template T
   * @param {readonly T[]} candidates in the store's order
   * @param {{ placement: string, itemOf: (candidate: T) => { item_id: string }, baseScore?: (candidate: T) => number }} options
   * @returns {{ candidate: T, reason?: import("reshelve").Reason }[]}
   */
  order(candidates, { placement, itemOf, baseScore }) {
    if (!this.ready) return candidates.map((candidate) => ({ candidate }));
    const options = this.#said({ placement, itemId: (candidate) => itemOf(candidate).item_id, explain: true });
    if (baseScore) options.baseScore = baseScore;
    const strength = this.#isPersonal ? this.#settings.strength : 0;
    if (strength !== undefined) options.strength = strength;
    const start = performance.now();
    const { items, barred, outcome, explanations } = asHeld(options, (options) =>
      this.#session.rerank(candidates, options),
    );
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
   * @param {{ placement: string, itemOf: (candidate: T) => { item_id: string } }} options
   * @returns {T[]}
   */
  allowed(candidates, { placement, itemOf }) {
    if (!this.ready) return [...candidates];
    const options = this.#said({ placement, itemId: (candidate) => itemOf(candidate).item_id, strength: 0 }, false);
    const { items, barred } = asHeld(options, (options) => this.#session.rerank(candidates, options));
    const shown = new Set(items.slice(0, items.length - barred));
    return candidates.filter((candidate) => shown.has(candidate));
  }

  /**
   * Fills the blocks of a page out of the whole catalog, one after the other: no item stands in two of them.
   *
   * @param {(Omit<import("reshelve").RecommendOptions, "explain"> & { isOwn?: boolean })[]} requests each with its
   *   placement and limit; `isOwn` where it goes by what the shopper did, in whatever order the shelves stand
   * @returns {{ isPersonal: boolean, picks: { itemId: string, reason: import("reshelve").Reason }[] }[]}
   */
  blocks(requests) {
    if (!this.ready) return requests.map(() => ({ isPersonal: false, picks: [] }));
    const said = requests.map(({ isOwn, ...request }) => this.#said({ ...request, explain: true }, isOwn));
    const rankings = asHeld(said, (said) => this.#session.blocks(said));
    return rankings.map(({ items, outcome, explanations }) => ({
      isPersonal: outcome === "personalized",
      picks: items.map(({ itemId }, index) => ({ itemId, reason: explanations?.[index].reason })),
    }));
  }

  #measured(candidates, milliseconds) {
    this.lastRanking = { candidates, milliseconds };
    this.dispatchEvent(new Event("ranked"));
  }
}
