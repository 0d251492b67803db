// Options into what WebAssembly takes: texts, numbers and typed arrays. Here it is made sure that every value has the type
// that the call needs and is in its range, and the caller's functions run before the call.

import { MAX_TIME_MS, UNKNOWN_ROW } from "./catalog.js";
import { OptionError } from "./ranking.js";

/** In an overlay: no number. */
const NO_VALUE = -(2 ** 31);
/** Stands between texts that cross as one. */
const NUL = "\0";
/** In a list: no slot, or, as its length, no list. */
const NONE = 2 ** 32 - 1;

/** What numbers of an option may be, and how that is said. */
const SHARE = [(value) => value >= 0 && value <= 1, "a number from 0 to 1"];
const COUNT = [(value) => value >= 0 && (Number.isInteger(value) || value === Infinity), "a whole number from 0"];
const DURATION = [(value) => value >= 0, "milliseconds from 0"];
const TIME = [(value) => Math.abs(value) <= MAX_TIME_MS, "in milliseconds since the Unix epoch"];

/** Options that are numbers, in the order that WebAssembly knows. */
const OF_ALL = Object.entries({ diversity: SHARE, discovery: SHARE, broaden: SHARE, seed: COUNT });
const OF_RERANK = [...OF_ALL, ...Object.entries({ strength: SHARE, maxShift: COUNT, keepFirst: COUNT })];
const OF_RECOMMEND = [...OF_ALL, ...Object.entries({ threshold: SHARE, limit: COUNT })];
/** How many settings every request has: these, the time, and what is yes or no. */
const N_SETTINGS = 11;

const NOTHING = [];
const NO_OVERLAYS = new Map();

/**
 * @param {import("./catalog.js").Catalog} catalog
 * @param {readonly unknown[]} candidates
 * @param {import("../../index.d.ts").RerankOptions<unknown>} options
 */
export function readRerank(catalog, candidates, options) {
  if (!Array.isArray(candidates)) throw new OptionError("candidates", "the candidates must be an array");
  const { itemId, baseScore, price, pinned } = options;
  if (typeof itemId !== "function") throw new OptionError("itemId", "`itemId` must be a function from candidate to id");
  // A copy, so that the answer is a permutation even if the caller's functions change the list.
  const given = [...candidates];
  const itemIds = [];
  const rows = new Uint32Array(given.length);
  for (let index = 0; index < given.length; index++) {
    const id = itemId(given[index], index);
    if (typeof id !== "string") {
      throw new OptionError("itemId", `\`itemId\` gives ${typeof id} for candidate ${index}; it must give a string`);
    }
    if (options.explain) itemIds.push(id);
    rows[index] = catalog.row(id);
  }
  const explain = Boolean(options.explain);
  return {
    given,
    itemIds,
    explain,
    ...packed(options, OF_RERANK, readNames(options), readContext(options), {
      base: baseScore ? Float64Array.from(given, baseScore) : NOTHING,
      // NaN stands for "not known" and for "free".
      prices: numbers(given, price),
      lists: [rows, numbers(given, pinned).map(toSlot)],
      overlays: readOverlays(catalog, options.overlays, given, rows),
    }),
  };
}

/**
 * @param {import("./catalog.js").Catalog} catalog
 * @param {import("../../index.d.ts").RecommendOptions} options
 * @param {string[]} shown items of the page that are not to be shown again
 */
export function readRecommend(catalog, options, shown) {
  const { seeds, exclude = NOTHING, basis = "" } = options;
  const names = [...readNames(options), toText("basis", basis)];
  const lists = [
    seeds === undefined ? undefined : toRows(catalog, "seeds", seeds),
    [...toRows(catalog, "exclude", exclude), ...toRows(catalog, "exclude", shown)],
  ];
  const explain = Boolean(options.explain);
  return {
    explain,
    ...packed(options, OF_RECOMMEND, names, readContext(options), { lists, overlays: catalog.overlays }),
  };
}

/** @param {import("../../index.d.ts").OrderOptions<unknown>} options */
export function readOrder(things, options) {
  if (!Array.isArray(things)) throw new OptionError("things", "the things must be an array");
  const given = [...things];
  const tags = given.map((thing, index) => options.tags(thing, index).map(([column, value]) => [column, `${value}`]));
  const texts = tags.flat(2).map((tag) => toText("tags", tag));
  return { given, ...packed(options, OF_ALL, ["", ""], texts, { lists: [tags.map((tags) => tags.length)] }) };
}

/** Surface and placement. A placement has a surface of its own. */
function readNames({ surface, placement = "" }) {
  const known = surface === undefined && placement ? "" : surface;
  return [toText("surface", known), toText("placement", placement)];
}

/** Names and words in turn, up to an empty name. */
function readContext({ context }) {
  const words = context ? Object.entries(context).filter(([name, word]) => name && word !== undefined) : NOTHING;
  return [...words.flat().map((word) => toText("context", word)), ""];
}

/** Most milliseconds that a call may take. */
export function readBudget({ timeBudget = Infinity }) {
  return toNumber("timeBudget", timeBudget, DURATION);
}

/** The overlays of a list: its own, and those of the model that it does not bring itself. */
function readOverlays(catalog, own, given, rows) {
  if (!own && catalog.overlays.size === 0) return NO_OVERLAYS;
  const overlays = new Map(catalog.overlays);
  for (const [name, byRow] of overlays) {
    const values = new Int32Array(rows.length);
    for (let index = 0; index < rows.length; index++) values[index] = byRow[rows[index]] ?? NO_VALUE;
    overlays.set(name, values);
  }
  for (const [name, of] of Object.entries(own ?? {})) {
    if (of)
      overlays.set(
        name,
        given.map((candidate, index) => toValue(name, of(candidate, index))),
      );
  }
  return overlays;
}

/**
 * A number for every row of the model.
 *
 * @param {import("./catalog.js").Catalog} catalog
 * @param {string} name
 * @param {Iterable<[string, number]>} entries
 */
export function readOverlay(catalog, name, entries) {
  toText("overlay", name);
  if (typeof entries?.[Symbol.iterator] !== "function")
    throw new OptionError("overlay", "an overlay takes a Map, or a list of [itemId, number]");
  const byRow = new Int32Array(catalog.info.itemCount).fill(NO_VALUE);
  for (const [itemId, value] of entries) {
    // Beyond the last row nothing is written.
    byRow[catalog.row(toText("overlay", itemId))] = toValue(name, value);
  }
  return byRow;
}

function numbers(given, of) {
  return of ? Float64Array.from(given, (candidate, index) => of(candidate, index) ?? NaN) : NOTHING;
}

/** The slot of a candidate as it crosses. */
function toSlot(slot) {
  return Number.isNaN(slot) ? NONE : Math.min(toNumber("pinned", slot, COUNT), NONE - 1);
}

/**
 * A request as it crosses: texts, numbers and lists of whole numbers, each in one piece (`Asked` in
 * `src/wasm/session.rs`).
 *
 * @param {object} options
 * @param {[string, [Function, string]][]} kinds of the options that are numbers
 * @param {string[]} names surface, placement, and other texts that every such request has
 * @param {string[]} texts the others, in front of the names of overlays
 * @param {object} own what only this kind of request has
 */
export function packed(options, kinds = OF_ALL, names = NOTHING, texts = NOTHING, own = {}) {
  const { base = NOTHING, prices = NOTHING, lists = NOTHING, overlays = NO_OVERLAYS } = own;
  const { now = Date.now(), explain, gift, without = NOTHING } = options;
  const ids = [...without].filter((id) => toNumber("without", id, COUNT) < NONE);
  const numbers = new Float64Array(N_SETTINGS + base.length + prices.length);
  numbers[0] = toNumber("now", now, TIME);
  numbers[1] = explain ? 1 : 0;
  numbers[2] = gift ? 1 : 0;
  for (let at = 0; at < kinds.length; at++) {
    const [name, kind] = kinds[at];
    const value = options[name];
    numbers[3 + at] = value === undefined ? NaN : toNumber(name, value, kind);
  }
  numbers[N_SETTINGS - 1] = base.length ? 1 : 0;
  if (base.length) numbers.set(base, N_SETTINGS);
  if (prices.length) numbers.set(prices, N_SETTINGS + base.length);
  const named = [...overlays.keys()].map((name) => toText("overlays", name));
  return {
    texts: [...names, ...texts, ...named].join(NUL),
    numbers,
    lists: joined([ids, ...lists], [...overlays.values()]),
  };
}

/** Lists one behind the other, `counted` ones each behind its length. */
function joined(counted, others) {
  let length = counted.length;
  for (const list of counted) length += list?.length ?? 0;
  for (const list of others) length += list.length;
  const all = new Uint32Array(length);
  let end = 0;
  const add = (list) => {
    if (list.length) all.set(list, end);
    end += list.length;
  };
  for (const list of counted) {
    all[end++] = list?.length ?? NONE;
    if (list) add(list);
  }
  others.forEach(add);
  return all;
}

/** The rows of those of the items that the model knows. */
function toRows(catalog, option, itemIds) {
  const ids = [...itemIds];
  if (typeof itemIds === "string" || ids.some((id) => typeof id !== "string")) {
    throw new OptionError(option, `\`${option}\` must be a list of strings`);
  }
  const rows = ids.map((id) => catalog.row(id));
  return rows.filter((row) => row !== UNKNOWN_ROW);
}

function toNumber(option, value, [fits, kind]) {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new OptionError(option, `\`${option}\` is ${String(value)}; give a number`);
  }
  if (!fits(value)) throw new OptionError(option, `\`${option}\` must be ${kind}`);
  return value;
}

/** A number of an overlay, as it crosses. */
function toValue(name, value) {
  if (value === undefined || value === null) return NO_VALUE;
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) return value;
  const advice = "give a whole number within ±2147483647, prices in cents";
  throw new OptionError("overlays", `a number of the overlay \`${name}\` is ${String(value)}; ${advice}`);
}

function toText(option, value) {
  if (typeof value !== "string") throw new OptionError(option, `\`${option}\` is ${String(value)}; give a string`);
  if (value.includes(NUL)) throw new OptionError(option, `\`${option}\` holds a text with a NUL`);
  return value;
}
