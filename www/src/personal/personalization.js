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

/** Those of the events that count: what was done for a gift, or what was not. */
export const countingOf = (events, settings) => events.filter(({ gift = false }) => gift === settings.gift);

/** A file; a store that has lost its rules goes on without. */
async function bytesOf(url, options) {
  try {
    const response = await fetch(url, options);
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
  } catch {
    return null;
  }
}

/**
 * Events: `log` when what is remembered changed, `arrival` before it where that did not happen on this page, `order`
 * when lists on the page should be put in order anew.
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
  /** Why there is no personalization: one of the package's error codes, or `TimeoutError`. */
  failure;

  /**
   * Loads WebAssembly, model and the store's rules. Never throws.
   *
   * @param {string} url of the model
   * @param {string} rulesUrl of its rules
   * @param {Promise<import("../data/catalog.js").Item[]>} items whose prices rules may speak of
   * @param {AbortSignal} signal ends the wait for model and rules
   */
  static async load(url, rulesUrl, items, signal) {
    const personal = new Personalization();
    try {
      const rules = bytesOf(rulesUrl, { signal });
      personal.#model = await loadModel(url, { signal });
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
      personal.failure = error instanceof DOMException ? error.name : (error?.code ?? String(error));
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

  /** Whether anything is noted at all: not without a model, nor where the shopper has switched it off. */
  get isNoting() {
    return this.ready && this.tier !== "off";
  }

  /** Whether lists are in the shopper's order; the store's own otherwise. */
  get isPersonal() {
    return this.isNoting && this.#isPersonal;
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
    this.#arrived();
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

  /** Those of the events that count now. */
  get counting() {
    return countingOf(this.events, this.#settings);
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
    if (this.#news() !== this.#told) this.#arrived();
  }

  #arrived() {
    this.dispatchEvent(new Event("arrival"));
    this.#changed();
    this.refresh();
  }

  /** What every request says. In the store's own order the shopper's events count for nothing. */
  #said(request, isOwn = this.isPersonal) {
    const { broaden, gift } = this.#settings;
    return isOwn ? { ...request, broaden, gift } : { ...request, without: this.events.map(({ id }) => id) };
  }

  /**
   * Puts a listing in order, and leaves out what rules bar.
   *
   * @template T
   * @param {readonly T[]} candidates as they were found
   * @param {{ placement: string, itemOf: (candidate: T) => { item_id: string }, baseScore?: (candidate: T) => number }} listing
   * @returns {{ candidate: T, reason?: import("reshelve").Reason }[]}
   */
  order(candidates, listing) {
    if (!this.ready) return candidates.map((candidate) => ({ candidate }));
    const start = performance.now();
    const { shown, reasons } = this.#rerank(candidates, listing, this.isPersonal);
    this.#measured(candidates.length, performance.now() - start);
    return shown.map((candidate, index) => ({ candidate, reason: reasons?.[index].reason }));
  }

  /**
   * The same listing as it is for everyone.
   *
   * @type {<T>(candidates: readonly T[], listing: object) => T[]}
   */
  storeOrder(candidates, listing) {
    return this.ready ? this.#rerank(candidates, listing, false).shown : [...candidates];
  }

  /**
   * Those of a list that the store's rules let anyone see, in the list's own order.
   *
   * @type {<T>(candidates: readonly T[], listing: object) => T[]}
   */
  allowed(candidates, listing) {
    const shown = new Set(this.storeOrder(candidates, listing));
    return candidates.filter((candidate) => shown.has(candidate));
  }

  #rerank(candidates, { placement, itemOf, baseScore }, isPersonal) {
    const itemId = (candidate) => itemOf(candidate).item_id;
    const strength = isPersonal ? this.#settings.strength : 0;
    const options = this.#said({ placement, itemId, baseScore, strength, explain: true }, isPersonal);
    const { items, barred, outcome, explanations } = asHeld(options, (options) =>
      this.#session.rerank(candidates, options),
    );
    return {
      // What rules bar stands at the end, and is not for shoppers.
      shown: items.slice(0, items.length - barred),
      reasons: outcome === "personalized" ? explanations : undefined,
    };
  }

  /**
   * Fills a block of a page out of the whole catalog.
   *
   * @param {import("reshelve").RecommendRequest & { isOwn?: boolean }} request `isOwn` where it goes by what the shopper did, in
   *   whatever order the shelves stand
   * @returns {{ isPersonal: boolean, picks: { itemId: string, reason: import("reshelve").Reason }[] }}
   */
  block({ isOwn, ...request }) {
    if (!this.ready) return { isPersonal: false, picks: [] };
    const options = this.#said({ ...request, explain: true }, isOwn);
    const { items, outcome, explanations } = asHeld(options, (options) => this.#session.recommend(options));
    return {
      isPersonal: outcome === "personalized",
      picks: items.map(({ itemId }, index) => ({ itemId, reason: explanations?.[index].reason })),
    };
  }

  #measured(candidates, milliseconds) {
    this.lastRanking = { candidates, milliseconds };
    this.dispatchEvent(new Event("ranked"));
  }
}
