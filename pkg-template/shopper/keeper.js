// Keeps what a session holds where consent allows it: nowhere, in the tab's storage, or in the database.
//
// There is one rule: after every change, what is stored is what the session holds. `sync` finds the difference, so a
// deletion, an event that the log has no more room for and one whose time is over are all the same to it. With the
// database, the tab's storage is a journal of what has not reached it yet.

import { Database } from "./database.js";
import { codeOf, within } from "./problem.js";
import { byTime, measure, newKey, sift, toRecord } from "./records.js";
import { TabStorage } from "./tab.js";

/**
 * @typedef {object} Hooks what a keeper tells
 * @property {() => void} changed the session holds other events than before
 * @property {() => void} written the database holds something else than before
 * @property {() => void} erased somebody else has erased the database
 * @property {(code: string, place?: "tab" | "database", message?: string) => void} problem
 * @property {(place: "tab" | "database") => void} works a place has just done what it should
 */
export class Keeper {
  #session;
  #days;
  #hooks;
  #tab;
  #database;
  /** @type {"none" | "session" | "persist"} */
  #tier = "none";
  /** When the shopper said so. */
  #agreedAt;
  /** Records of the events that the session holds, by event id. */
  #records = new Map();
  /** Keys of records that the database holds as they are. */
  #stored = new Set();
  /** Keys of records that came out of the database. */
  #fetched = new Set();
  /** Keys that the database is still to delete. */
  #gone = new Set();
  /** Keys that came with the tab's storage: of the database's epoch that stands beside them. */
  #journal = new Set();
  /** What a newer version left in the tab's storage. */
  #aside = [];
  /** What the database is known by; `#nextEpoch` once everything in it is to be deleted. */
  #epoch;
  #nextEpoch;
  #isLoaded = false;
  #isPaused = false;
  /** Whether the database knows of the pause as it is now. */
  #isPauseStored = true;
  /** Grows with every change of consent; work that was begun under an earlier one writes nothing. */
  #generation = 0;
  #queue = Promise.resolve();
  #isFlushing = false;

  /**
   * @param {Pick<import("../index.d.ts").Session, "events" | "record" | "forget" | "clear">} session its own methods,
   *   with nothing in between
   * @param {{ name: string, days: Readonly<Record<string, number>> }} options
   * @param {Hooks} hooks
   */
  constructor(session, { name, days }, hooks) {
    this.#session = session;
    this.#days = days;
    this.#hooks = hooks;
    this.#tab = new TabStorage(name);
    this.#database = new Database(name);
  }

  get isPaused() {
    return this.#isPaused;
  }

  set isPaused(value) {
    if (value === this.#isPaused) return;
    this.#isPaused = value;
    this.#isPauseStored = false;
    this.sync();
  }

  /** Goes on under a tier: takes in what was stored under it, and stores what the session holds. */
  enter(tier, agreedAt) {
    this.#generation += 1;
    this.#tier = tier;
    this.#agreedAt = agreedAt;
    this.#isLoaded = false;
    this.#isFlushing = false;
    if (tier !== "none") this.#readTab();
    this.sync();
  }

  /** Stores nothing from here on. What is stored stays, unless it is erased. */
  close() {
    this.#generation += 1;
    this.#tier = "none";
  }

  /** Forgets what came out of the database; what this page and this tab have recorded stays. */
  forgetStored() {
    for (const [id, { key }] of [...this.#records]) if (this.#fetched.has(key)) this.#drop(id);
  }

  /** Forgets everything in memory, at once. */
  forgetAll() {
    this.#isPaused = false;
    this.#isPauseStored = true;
    this.forgetEvents();
  }

  /** Forgets all events in memory; a pause goes on. */
  forgetEvents() {
    this.#records.clear();
    this.#aside = [];
    this.#session.clear();
  }

  /**
   * Deletes what is stored: the tab's part before it returns, the database before it resolves.
   *
   * @param {object} what
   * @param {boolean} what.tab whether the tab's storage too
   * @param {number} [what.before] of the database, only what was agreed to before this time
   * @returns {Promise<void>} never rejects
   */
  erase({ tab, before }) {
    this.#generation += 1;
    this.#unload();
    // Where nothing can be stored there is nothing to erase.
    const failed = (place, error) =>
      codeOf(error) !== "storage_blocked" && this.#hooks.problem("erasure_incomplete", place, error.message);
    try {
      if (tab) this.#tab.erase();
    } catch (error) {
      failed("tab", error);
    }
    return this.#enqueue(() => {
      const erasure = before === undefined ? this.#database.erase() : this.#database.eraseBefore(before);
      return within(erasure).catch((error) => failed("database", error));
    });
  }

  /** Deletes all events, those included that other tabs are about to write. */
  clear() {
    this.#session.clear();
    this.#aside = [];
    for (const key of this.#stored) this.#gone.add(key);
    if (this.#tier === "persist") this.#nextEpoch = newKey();
    this.sync();
  }

  /** Stores what the session holds now. O(events); the tab's part is done when it returns. */
  sync() {
    const now = Date.now();
    const held = new Set();
    for (const event of this.#session.events()) {
      const record = this.#records.get(event.id) ?? this.#toRecord(event, now);
      if (record.until <= now) this.#session.forget(event.id);
      else held.add(event.id);
    }
    for (const [id, { key }] of [...this.#records]) {
      if (held.has(id)) continue;
      this.#records.delete(id);
      this.#gone.add(key);
    }
    if (this.#tier === "none") return this.#gone.clear();
    this.#writeTab();
    if (this.#tier === "persist") this.#flush();
  }

  /** Looks whether another tab has changed the database. */
  refresh() {
    if (this.#tier !== "persist" || !this.#isLoaded) return this.settled();
    return this.#enqueue((isWanted) => isWanted() && this.#load(isWanted, () => false));
  }

  /** Resolves once everything that was to be stored is, or cannot be. */
  async settled() {
    for (let seen; seen !== this.#queue;) await (seen = this.#queue);
  }

  /**
   * What lies on the device now, read from there.
   *
   * @returns {Promise<import("../shopper.d.ts").StoredPlace[]>}
   */
  async stored() {
    await this.settled();
    const places = [];
    try {
      places.push(...this.#tab.places());
    } catch {
      // Blocked: there is nothing.
    }
    try {
      const values = await within(this.#database.values());
      if (values) places.push({ place: "database", name: this.#database.name, ...measure(values) });
    } catch {
      // It cannot be read, so that nothing was written either; what failed then is known already.
    }
    return places;
  }

  #unload() {
    this.#isLoaded = false;
    this.#epoch = this.#nextEpoch = undefined;
    this.#stored.clear();
    this.#fetched.clear();
    this.#gone.clear();
  }

  #toRecord(event, now) {
    const record = toRecord(event, this.#days, now);
    this.#records.set(event.id, record);
    return record;
  }

  /** Forgets an event that is stored no more. */
  #drop(id) {
    this.#session.forget(id);
    this.#records.delete(id);
  }

  #readTab() {
    const { document, isDamaged } = this.#attempt("tab", () => this.#tab.read()) ?? {};
    if (isDamaged) this.#hooks.problem("records_damaged", "tab");
    if (!document) return;
    const { epoch, paused, records, gone } = document;
    if (this.#tier === "persist") this.#epoch ??= epoch;
    if (paused !== undefined) {
      this.#isPaused = paused;
      this.#isPauseStored = false;
    }
    for (const key of gone) this.#gone.add(key);
    this.#journal = new Set(records.map((record) => record?.key));
    this.#aside = this.#takeIn(records, "tab");
  }

  #writeTab() {
    const isJournal = this.#tier === "persist";
    const records = [...this.#records.values()].filter(({ key }) => !isJournal || !this.#stored.has(key));
    records.sort(byTime);
    const document = { records: [...this.#aside, ...records], gone: isJournal ? [...this.#gone] : [] };
    if (isJournal) document.epoch = this.#epoch;
    if (isJournal ? !this.#isPauseStored : this.#isPaused) document.paused = this.#isPaused;
    this.#attempt("tab", () => this.#tab.write(document));
  }

  /**
   * Records in the session what a storage gave back; what is no longer to be kept is to be deleted there too.
   *
   * @returns {object[]} records of a newer version
   */
  #takeIn(values, place) {
    const known = new Set([...this.#records.values()].map(({ key }) => key));
    const { sound, shortened, newer, expired, damaged } = sift(values, this.#days, Date.now());
    for (const key of [...expired, ...damaged]) if (typeof key === "string") this.#gone.add(key);
    if (damaged.length) this.#hooks.problem("records_damaged", place, `${damaged.length} could not be read`);
    if (newer.length) this.#hooks.problem("records_newer", place, `${newer.length} are of a newer version`);
    for (const key of shortened) this.#stored.delete(key);
    let taken = 0;
    for (const record of sound) {
      if (known.has(record.key) || this.#gone.has(record.key)) continue;
      const id = this.#record(record.event, place);
      if (id === undefined) {
        // Without sense, or of an item that the store has marked as sensitive since.
        this.#gone.add(record.key);
      } else {
        this.#records.set(id, record);
        if (place === "database") this.#fetched.add(record.key);
        taken += 1;
      }
    }
    if (taken) this.#hooks.changed();
    return newer;
  }

  #record(event, place) {
    try {
      return this.#session.record(event);
    } catch (error) {
      if (error.code !== "ERR_INVALID_ARGUMENT") throw error;
      this.#hooks.problem("records_damaged", place, error.message);
      return undefined;
    }
  }

  /** Brings the session to what the database holds. */
  async #load(isWanted, mayCreate) {
    const consent = { mayCreate: () => isWanted() && mayCreate(), agreedAt: this.#agreedAt };
    const loaded = await within(this.#database.load(consent));
    if (!isWanted()) return;
    this.#hooks.works("database");
    if (!loaded) return this.#hooks.erased();
    if (this.#isLoaded && loaded.epoch !== this.#epoch) return this.#startAnew(loaded);
    if (this.#epoch !== undefined && loaded.epoch !== this.#epoch) this.#dropJournal();
    this.#take(loaded);
  }

  #take({ epoch, paused, values }) {
    const before = this.#isLoaded ? this.#stored : new Set();
    this.#epoch = epoch;
    this.#isLoaded = true;
    this.#stored = new Set(values.map(({ key }) => key));
    // All of it is about to be deleted.
    if (this.#nextEpoch) return;
    if (this.#isPauseStored && paused !== this.#isPaused) {
      this.#isPaused = paused;
      this.#hooks.changed();
    }
    const deleted = [...this.#records].filter(([, { key }]) => before.has(key) && !this.#stored.has(key));
    for (const [id] of deleted) this.#drop(id);
    if (deleted.length) this.#hooks.changed();
    this.#takeIn(values, "database");
    this.sync();
  }

  /** The tab's storage is from before the database was erased: none of it counts any more. */
  #dropJournal() {
    for (const [id, { key }] of [...this.#records]) if (this.#journal.has(key)) this.#drop(id);
    this.#gone.clear();
    this.#aside = [];
    this.#hooks.changed();
  }

  /** Another tab has deleted everything: nothing of before is left, and what the database holds now is new. */
  #startAnew(loaded) {
    this.forgetAll();
    this.#unload();
    this.#take(loaded);
    this.#hooks.changed();
  }

  #flush() {
    if (this.#isFlushing || (this.#isLoaded && !this.#pending().hasWork)) return;
    this.#isFlushing = true;
    this.#enqueue(async (isWanted) => {
      if (!isWanted()) return;
      this.#isFlushing = false;
      if (!this.#isLoaded) await this.#load(isWanted, () => true);
      if (isWanted() && this.#isLoaded) await this.#write(isWanted);
    });
  }

  /** What the database does not hold as the session does. */
  #pending() {
    const puts = [...this.#records.values()].filter(({ key }) => !this.#stored.has(key));
    const deletes = [...this.#gone];
    const hasWork = puts.length > 0 || deletes.length > 0 || !this.#isPauseStored || this.#nextEpoch !== undefined;
    return { puts, deletes, hasWork };
  }

  /** Brings the database to what the session holds. */
  async #write(isWanted) {
    const { puts, deletes, hasWork } = this.#pending();
    if (!hasWork) return;
    const [epoch, nextEpoch, paused] = [this.#epoch, this.#nextEpoch, this.#isPaused];
    const outcome = await within(this.#database.write({ epoch, nextEpoch, paused, puts, deletes }, isWanted));
    if (!isWanted()) return;
    if (outcome === "missing") return this.#hooks.erased();
    if (outcome === "renewed") return this.#load(isWanted, () => false);
    this.#hooks.works("database");
    if (nextEpoch) {
      this.#epoch = nextEpoch;
      if (this.#nextEpoch === nextEpoch) this.#nextEpoch = undefined;
      this.#stored.clear();
    }
    for (const { key } of puts) this.#stored.add(key);
    for (const key of deletes) {
      this.#gone.delete(key);
      this.#stored.delete(key);
    }
    if (paused === this.#isPaused) this.#isPauseStored = true;
    this.#hooks.written();
    // What happened meanwhile.
    this.sync();
  }

  #attempt(place, work) {
    try {
      const answer = work();
      this.#hooks.works(place);
      return answer;
    } catch (error) {
      this.#hooks.problem(codeOf(error), place, error.message);
      return undefined;
    }
  }

  /** One piece of work of the database after the other. */
  #enqueue(work) {
    const generation = this.#generation;
    this.#queue = this.#queue
      .then(() => work(() => generation === this.#generation))
      .catch((error) => this.#hooks.problem(codeOf(error), "database", error?.message));
    return this.#queue;
  }
}
