// What `rerank` and `recommend` return, whether or not they could do what they were asked.

import { RankerError, messageOf } from "../error.js";

/** By the numbers that the WebAssembly uses. */
const OUTCOMES = [
  { outcome: "personalized" },
  { outcome: "unchanged", reason: "empty_session" },
  { outcome: "unchanged", reason: "unknown_items" },
  { outcome: "unchanged", reason: "strength_zero" },
  { outcome: "popular", reason: "empty_session" },
  { outcome: "popular", reason: "unknown_items" },
];

/** The number of an outcome that has no reason but what went wrong. */
const UNCHANGED = 1;

/**
 * @template T
 * @param {import("./catalog.js").Catalog} catalog
 * @param {number} outcome an index into {@link OUTCOMES}
 * @param {T[]} items
 * @param {number} [barred] how many at their end rules bar
 * @param {number[]} [discovered] slots for something different
 * @returns {import("../../index.d.ts").Ranking<T>}
 */
export function answered(catalog, outcome, items, barred = 0, discovered = []) {
  return { items, barred, discovered, rankingId: randomId(), modelId: catalog.info.id, ...OUTCOMES[outcome] };
}

/**
 * The items as they came, and why.
 *
 * @template T
 * @param {import("./catalog.js").Catalog} catalog
 * @param {unknown} error what was thrown on the way
 * @param {T[]} items
 * @returns {import("../../index.d.ts").Ranking<T>}
 */
export function unanswered(catalog, error, items) {
  const reason =
    error === OVER_BUDGET ? "over_budget" : error instanceof RankerError ? reasonOf(error) : "invalid_argument";
  // A trap has told the console already, and what was disposed of was meant to be.
  if (reason === "invalid_argument" || reason === "left_out") warn(error);
  return { ...answered(catalog, UNCHANGED, items), reason };
}

const REASONS = {
  ERR_DISPOSED: "disposed",
  ERR_INVALID_ARGUMENT: "invalid_argument",
  ERR_LEFT_OUT: "left_out",
};

function reasonOf({ code }) {
  return REASONS[code] ?? "internal_error";
}

/** Thrown where a call takes longer than it may. */
export const OVER_BUDGET = Symbol("over budget");

/** An option that cannot be used. */
export class OptionError extends TypeError {
  constructor(option, message) {
    super(message);
    this.option = option;
  }
}

const warned = new Set();

/** Says it once for each option: a page that keeps its own order looks as if nothing were wrong. */
function warn(error) {
  const cause =
    error instanceof OptionError
      ? error.option
      : error instanceof RankerError
        ? (error.details.option ?? error.code)
        : "callback";
  if (warned.has(cause)) return;
  warned.add(cause);
  console.warn(`reshelve changes nothing: ${messageOf(error)}`, error);
}

/**
 * 32 random hexadecimal digits. Guessing them does no harm; `crypto` would take Node longer to load than the first ranking takes,
 * and workerd refuses it outside of a request.
 */
function randomId() {
  const digits = () =>
    Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return digits() + digits() + digits() + digits();
}
