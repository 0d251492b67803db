// Counts exposures, clicks and purchases by arm and placement: one randomized report a visit.

import { cellsOf, nameOf, readOptions } from "./lib/cells.js";
import { messageOf } from "./lib/error.js";
import { WHOLE, drawBelow, randomize } from "./lib/randomize.js";
import { WINDOW_DAYS, isOver, newVisit, readRecord, recentReports, spentBy, writeRecord } from "./lib/visit.js";

const MECHANISM = "one_bit_mean";

/** The `openCounters` of `counters.d.ts`. */
export function openCounters(options) {
  let read;
  try {
    read = readOptions(options);
  } catch (error) {
    warn(error);
  }
  const counters = new Counters(read);
  counters.arm();
  return counters;
}

class Counters {
  /** Undefined where they cannot be used: nothing is counted then. */
  #options;
  #cells;

  constructor(options) {
    this.#options = options;
    this.#cells = options && cellsOf(options.design);
  }

  /** What proxies of other libraries go by: Vue leaves an object with a name of its own alone. */
  get [Symbol.toStringTag]() {
    return "Counters";
  }

  arm() {
    return this.#update().record?.arm;
  }

  exposed(placement, ranking) {
    this.#count("exposures", placement, ranking?.discovered?.length > 0);
  }

  clicked(placement, ranking, slot) {
    this.#count("clicks", placement, ranking?.discovered?.includes?.(slot));
  }

  purchased(placement, discovered = false) {
    this.#count("purchases", placement, discovered);
  }

  end() {
    this.#update((record, now) => this.#close(record, now), { begins: false });
  }

  about() {
    const { status, record } = this.#update();
    const { design, epsilon, budget } = this.#options ?? {};
    const facts = {
      status,
      mechanism: MECHANISM,
      experiment: design?.experiment,
      epsilon,
      budget,
      windowDays: WINDOW_DAYS,
    };
    if (!record) return facts;
    const { arm, sent, visit } = record;
    const spent = spentBy(sent);
    const counting = this.#cells.find((cell) => nameOf(cell) === visit.cell);
    return {
      ...facts,
      status: this.#mayReport(record) ? status : "budget_spent",
      arm,
      spent,
      counting,
      count: visit.count,
    };
  }

  erase() {
    try {
      const { storage, key } = this.#options;
      open(storage).removeItem(key);
      return true;
    } catch {
      return false;
    }
  }

  /** Counts, if this is what the visit counts. Without a placement it is the visit as a whole that counts. */
  #count(counted, placement, discovered) {
    const { placements, caps } = this.#options?.design ?? { placements: [placement] };
    const isNamed = placements.includes(placement);
    if (placement != null && !isNamed) warn(new TypeError(`\`placements\` does not name \`${placement}\``));
    const names = (isNamed ? [null, placement] : [null]).map((placement) =>
      nameOf({ placement, discovered: false, counted }),
    );
    if (discovered) names.push(nameOf({ placement, discovered: true, counted }));
    this.#update(({ visit }) => {
      if (!visit.ended && names.includes(visit.cell)) visit.count = Math.min(visit.count + 1, caps[counted]);
    });
  }

  /**
   * Reads the record, closes a visit that is over, begins one if there is none and this does begin one, lets `change` at
   * the visit, writes it, and only then sends: what cannot be written down is not sent either. Nothing is held between
   * calls, so that pages that are open at once see what the other wrote.
   */
  #update(change = () => undefined, { begins = true } = {}) {
    const status = obstacle(this.#options);
    if (status) return { status };
    const { design, storage, key } = this.#options;
    // With another name or another share the arm is drawn anew.
    const drawnFor = `${design.holdout}/${design.experiment}`;
    const reports = [];
    let record;
    try {
      const now = Date.now();
      const store = open(storage);
      record = readRecord(store, key, drawnFor);
      record.sent = recentReports(record.sent, now);
      record.arm ??= drawBelow(WHOLE) < Math.round(design.holdout * WHOLE) ? "holdout" : "personalized";
      if (record.visit && isOver(record.visit, now)) {
        reports.push(this.#close(record, now));
        record.visit = undefined;
      }
      if (begins) record.visit ??= newVisit(now, this.#cells[drawBelow(this.#cells.length)]);
      if (record.visit) {
        record.visit.at = now;
        reports.push(change(record, now));
      }
      if (!writeRecord(store, key, drawnFor, record)) return { status: "no_storage" };
    } catch {
      return { status: "no_storage" };
    }
    for (const report of reports) if (report) this.#send(report);
    return { status: "counting", record };
  }

  /** Ends the visit. Its report, unless there was one, or the budget does not allow another. */
  #close(record, now) {
    const { arm, visit } = record;
    const cell = this.#cells.find((cell) => nameOf(cell) === visit.cell);
    const mayReport = !visit.ended && cell && this.#mayReport(record);
    visit.ended = true;
    if (!mayReport) return undefined;
    const { design, epsilon } = this.#options;
    record.sent.push({ at: now, epsilon });
    const cap = design.caps[cell.counted];
    const bit = randomize(Math.min(visit.count, cap), cap, epsilon);
    return { v: 1, mechanism: MECHANISM, epsilon, design, arm, cell, bit };
  }

  #mayReport({ sent }) {
    const { epsilon, budget } = this.#options;
    // The sum of tenths is no tenth.
    return spentBy(sent) + epsilon <= budget + 1e-9;
  }

  /** What the store's own code throws or rejects with is told to the console, and nothing is sent again. */
  #send(report) {
    const { send } = this.#options;
    new Promise((resolve) => resolve(send(report))).catch(warn);
  }
}

/** Why nothing may be counted now. Storage is not touched before this has said nothing. */
function obstacle(options) {
  if (!options) return "invalid_options";
  const { navigator, document, crypto } = globalThis;
  if (navigator?.globalPrivacyControl) return "opted_out";
  if (navigator?.webdriver) return "automated";
  if (document?.prerendering) return "prerendering";
  if (!crypto?.getRandomValues) return "no_randomness";
  return hasAgreed(options) ? undefined : "not_agreed";
}

/** Only `true` is a yes: a promise is none. */
function hasAgreed({ agreed }) {
  try {
    return agreed() === true;
  } catch (error) {
    warn(error);
    return false;
  }
}

/** Where storage is blocked, already to name `localStorage` throws: so a function may give it. */
function open(storage) {
  return typeof storage === "function" ? storage() : storage;
}

const warned = new Set();

/** Says it once. */
function warn(error) {
  const message = messageOf(error);
  if (warned.has(message)) return;
  warned.add(message);
  console.warn(`reshelve does not count: ${message}`, error);
}
