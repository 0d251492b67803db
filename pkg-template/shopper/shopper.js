// A shopper: a session, and what may become of it.

import { follow, hasPrivacyControl, isTier, lower, rank, remember } from "./consent.js";
import { isIn, isRoughlyIn, readDocument, toDocument } from "./document.js";
import { isReload, onceShown, watchTouch, whyIdle } from "./hygiene.js";
import { Keeper } from "./keeper.js";
import { intercept } from "./kept.js";
import { invalidArgument, messageOf } from "../lib/error.js";
import { retentionOf } from "./retention.js";
import { Tabs } from "./tabs.js";

/** What the shopper says outright counts while the session is paused, too. */
const SAID = new Set(["answer", "not_interested", "less_like_this"]);

/** The `Shopper` of `shopper.d.ts`. */
export class Shopper extends EventTarget {
  #name;
  #model;
  #session;
  /** The session's own methods. */
  #own;
  #keeper;
  #tabs;
  #countsAutomated;
  #cap;
  /** @type {import("../shopper.d.ts").ConsentTier} */
  #tier = "none";
  /** What was said last, and when; none before anything was. */
  #decision;
  #isWaiting = false;
  /** What was recorded while the page was prerendered. */
  #early = [];
  #problems = new Map();
  /** Places that failed when they were used last. */
  #failing = new Set();
  #listeners = new AbortController();
  #isTouched = watchTouch(this.#listeners.signal);
  #isTold = false;

  /**
   * @param {import("../index.d.ts").Model} model
   * @param {import("../shopper.d.ts").ShopperOptions} options
   */
  constructor(model, { consent, consentEvent = "reshelve:consent", ...options } = {}) {
    super();
    if (typeof model?.session !== "function")
      throw invalidArgument("openShopper needs a model: what loadModel gives once it is awaited");
    const { name = "reshelve", retentionDays, underPrivacyControl = "none", countAutomated = false } = options;
    this.#name = name;
    this.#model = model;
    this.#countsAutomated = countAutomated;
    this.#cap = hasPrivacyControl() ? (isTier(underPrivacyControl) ? underPrivacyControl : "none") : "persist";
    this.#session = model.session();
    this.#own = intercept(this.#session, {
      admit: (event) => this.#admit(event),
      changed: () => this.#sync(),
      clear: () => this.#clear(),
    });
    this.#keeper = new Keeper(
      this.#own,
      { name, days: retentionOf(retentionDays) },
      {
        changed: () => this.#changed(),
        written: () => this.#tabs.tell({ say: "changed" }),
        erased: () => this.#erasedElsewhere(),
        problem: (code, place, message) => this.#problem(code, place, message),
        works: (place) => this.#failing.delete(place),
      },
    );
    this.#tabs = new Tabs(name, (message) => this.#hear(message));
    this.#watchPage();
    const failed = (error) => this.#problem("consent_failed", undefined, messageOf(error));
    const decide = (tier, at) => this.#decide(tier, at);
    const unfollow = follow({ consent, name, event: consentEvent }, decide, () => this.#decision !== undefined, failed);
    this.#listeners.signal.addEventListener("abort", unfollow);
    if (this.#cap !== "persist" && !this.#decision) this.#apply();
    // A tab where consent was withdrawn meanwhile answers.
    if (this.#decision && rank(this.#tier) > rank("none")) this.#tabs.tell({ say: "hello", at: this.#decision.at });
  }

  get session() {
    return this.#session;
  }

  get status() {
    const tier = this.#tier;
    const idle = this.#whyIdle();
    return {
      tier,
      isDecided: this.#decision !== undefined || this.#cap !== "persist",
      ...(this.#isCapped() ? { limitedBy: "global_privacy_control" } : {}),
      place: this.#place(),
      isPaused: this.#keeper.isPaused,
      isRecording: idle === undefined,
      ...(idle ? { idle } : {}),
      problems: [...this.#problems.values()],
    };
  }

  async consent(tier) {
    this.#decide(tier, Date.now());
    await this.settled();
    return this.status;
  }

  pause() {
    this.#keeper.isPaused = true;
    this.#changed();
  }

  resume() {
    this.#keeper.isPaused = false;
    this.#changed();
  }

  notInterested(itemId) {
    return this.#session.record({ type: "not_interested", itemId });
  }

  lessLikeThis(itemId) {
    return this.#session.record({ type: "less_like_this", itemId });
  }

  async reset() {
    this.#keeper.isPaused = false;
    this.#session.clear();
    await this.settled();
    return this.status;
  }

  export() {
    return toDocument(this.#session.state().events, Date.now());
  }

  code() {
    return this.#session.token();
  }

  import(from) {
    if (this.#tier === "off") return { outcome: "refused", reason: "off", added: 0 };
    const now = Date.now();
    const { state, isWhole, reason } = readDocument(from, now);
    if (reason) return { outcome: "refused", reason, added: 0 };
    let other;
    try {
      // A session of its own says what this model makes of it.
      other = this.#model.session(state);
      const { restored } = other;
      const events = other.events();
      const held = this.#own.events();
      const added = this.#add(events, typeof state === "string" ? isRoughlyIn(held, now) : isIn(held));
      if (isWhole || restored.outcome !== "whole") return { outcome: restored.outcome, ...reasonOf(restored), added };
      return { outcome: events.length ? "partial" : "refused", reason: "damaged", added };
    } catch (error) {
      if (error.code !== "ERR_DISPOSED") throw error;
      return { outcome: "refused", reason: "disposed", added: 0 };
    } finally {
      other?.dispose();
    }
  }

  stored() {
    return this.#keeper.stored();
  }

  settled() {
    return this.#keeper.settled();
  }

  async close() {
    this.#listeners.abort();
    await this.settled();
    this.#keeper.close();
    this.#tabs.close();
  }

  #admit(event) {
    const idle = this.#whyIdle();
    if (idle === "prerendering") this.#early.push(event);
    if (idle === undefined || (idle === "paused" && SAID.has(event?.type)))
      return !this.#isTouched() && isReload(event, this.#own.events()) ? undefined : event;
    return undefined;
  }

  #whyIdle() {
    if (this.#tier === "off") return "off";
    const idle = whyIdle(this.#countsAutomated);
    return idle ?? (this.#keeper.isPaused ? "paused" : undefined);
  }

  /** Does what asks the session, which may have been disposed of. */
  #attempt(work) {
    try {
      work();
    } catch (error) {
      this.#problem("session_failed", undefined, messageOf(error));
    }
  }

  /** Stores what changed before the turn ends, once, however much was recorded. */
  #sync() {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    queueMicrotask(() => {
      this.#isWaiting = false;
      this.#attempt(() => this.#keeper.sync());
      this.#changed();
    });
  }

  #clear() {
    this.#early = [];
    this.#keeper.clear();
    this.#tabs.tell({ say: "cleared" });
    this.#changed();
  }

  /** What the shopper said, here or in another tab; the last word holds. */
  #decide(tier, at) {
    if (!isTier(tier)) return this.#problem("consent_unknown", undefined, `${String(tier)} is no tier`);
    this.#decision = { tier, at };
    remember(this.#name, at);
    this.#apply();
    return undefined;
  }

  /**
   * Brings tier, memory and storage to what was decided. What must not be is gone from memory when this returns.
   *
   * @param {number} [withdrawnAt] when another tab did, if one did
   */
  #apply(withdrawnAt) {
    const before = this.#tier;
    const tier = lower(this.#decision?.tier ?? "none", this.#cap);
    const isLower = rank(tier) < rank(before);
    this.#tier = tier;
    if (tier === "off" || (isLower && tier === "none")) {
      this.#early = [];
      this.#attempt(() => this.#keeper.forgetAll());
    } else if (isLower) {
      this.#attempt(() => this.#keeper.forgetStored());
    }
    if (tier !== "persist" && (isLower || this.#decision || this.#cap !== "persist"))
      this.#keeper.erase({ tab: tier !== "session", before: withdrawnAt });
    if (isLower && withdrawnAt === undefined) this.#tabs.tell({ say: "withdrawn", ...this.#decision });
    if (tier !== before) this.#enter();
    this.#changed();
  }

  #enter() {
    if (!this.#isClosed())
      this.#attempt(() => this.#keeper.enter(this.#tier === "off" ? "none" : this.#tier, this.#decision?.at));
  }

  #isClosed() {
    return this.#listeners.signal.aborted;
  }

  #hear({ say, tier, at }) {
    if (say === "changed") this.#refresh();
    if (say === "cleared") this.#clearedElsewhere();
    const isWithdrawn = this.#decision && rank(this.#tier) <= rank("none");
    if (say === "hello" && isWithdrawn && this.#decision.at > at)
      this.#tabs.tell({ say: "withdrawn", ...this.#decision });
    if (say !== "withdrawn" || !isTier(tier) || !(at > (this.#decision?.at ?? 0))) return;
    // Consent is the store's, not the tab's; but only less of it spreads.
    if (rank(tier) >= rank(this.#tier) && tier !== "none") return;
    this.#decision = { tier: lower(tier, this.#tier), at };
    if (tier !== "session") this.#attempt(() => this.#keeper.forgetAll());
    this.#apply(at);
  }

  #clearedElsewhere() {
    this.#early = [];
    // What the database holds of after that is read from there.
    if (this.#tier === "persist") return this.#keeper.refresh();
    this.#attempt(() => {
      this.#keeper.forgetEvents();
      this.#keeper.sync();
    });
    return this.#changed();
  }

  /** The database was there and is not: what it held counts no more, here either. */
  #erasedElsewhere() {
    this.#problem("erased_elsewhere", "database");
    this.#decision = { tier: "none", at: Date.now() };
    // What is there by now is another's.
    this.#apply(0);
  }

  #refresh() {
    // A page that nobody looks at finds out when somebody does.
    if (globalThis.document?.visibilityState === "hidden") return;
    this.#keeper.refresh();
  }

  #watchPage() {
    const { document } = globalThis;
    const { signal } = this.#listeners;
    document?.addEventListener("visibilitychange", () => this.#refresh(), { signal });
    // Out of the back/forward cache: it has heard nothing in there.
    globalThis.addEventListener?.("pageshow", ({ persisted }) => persisted && this.#refresh(), { signal });
    if (document?.prerendering) onceShown(() => this.#shown());
  }

  #shown() {
    const early = this.#early.splice(0);
    for (const event of early) {
      try {
        this.#session.record({ ...event, timestamp: Date.now() });
      } catch (error) {
        this.#problem("event_refused", undefined, messageOf(error));
      }
    }
    this.#changed();
  }

  /** Records what is not held yet; pauses and automation are about what happens, not about what is brought along. */
  #add(events, isHeld) {
    const ids = events.filter((event) => !isHeld(event)).map(({ id, ...event }) => this.#own.record(event));
    const added = ids.filter((id) => id !== undefined).length;
    if (added) this.#sync();
    return added;
  }

  #isCapped() {
    return this.#cap !== "persist" && rank(this.#decision?.tier ?? "none") > rank(this.#cap);
  }

  #place() {
    if (this.#tier === "off") return "nowhere";
    if (this.#isClosed()) return "memory";
    if (this.#tier === "persist" && !this.#failing.has("database")) return "database";
    if (this.#tier !== "none" && !this.#failing.has("tab")) return "tab";
    return "memory";
  }

  #problem(code, place, message) {
    const problem = { code, at: Date.now(), ...(place ? { place } : {}), ...(message ? { message } : {}) };
    this.#problems.set(`${code} ${place ?? ""}`, problem);
    if (place && code.startsWith("storage_")) this.#failing.add(place);
    this.#changed();
  }

  /** Tells the page once a turn. */
  #changed() {
    if (this.#isTold) return;
    this.#isTold = true;
    queueMicrotask(() => {
      this.#isTold = false;
      this.dispatchEvent(new Event("change"));
    });
  }
}

const reasonOf = ({ reason }) => (reason ? { reason } : {});
