// Options into what WebAssembly takes: texts, numbers and typed arrays. Here it is made sure that every value has the type
// that the call needs and is in its range, and the caller's functions run before the call.

import { MAX_TIME_MS, UNKNOWN_ROW } from "./catalog.js";
import { OptionError } from "./ranking.js";

const NO_NUMBERS = new Float64Array(0);
const NO_ROWS = new Uint32Array(0);
const NO_OVERLAYS = { overlays: "", values: new Int32Array(0) };
/** In an overlay: no number. */
const NO_VALUE = -(2 ** 31);
/** Stands between texts that cross as one. */
const NUL = "\0";

/** What numbers of an option may be, and how that is said. */
const SHARE = [(value) => value >= 0 && value <= 1, "a number from 0 to 1"];
const COUNT = [(value) => value >= 0 && (Number.isInteger(value) || value === Infinity), "a whole number from 0"];
const DURATION = [(value) => value >= 0, "milliseconds from 0"];
const TIME = [(value) => Math.abs(value) <= MAX_TIME_MS, "in milliseconds since the Unix epoch"];

/** Options that are numbers, in the order that WebAssembly knows. */
const OF_ALL = Object.entries({ diversity: SHARE, discovery: SHARE, broaden: SHARE, seed: COUNT });
const OF_RERANK = [...OF_ALL, ...Object.entries({ strength: SHARE, maxShift: COUNT, keepFirst: COUNT })];
const OF_RECOMMEND = [...OF_ALL, ...Object.entries({ threshold: SHARE, limit: COUNT })];

/**
 * @param {import("./catalog.js").Catalog} catalog
 * @param {readonly unknown[]} candidates
 * @param {import("../index.d.ts").RerankOptions<unknown>} options
 */
export function readRerank(catalog, candidates, options) {
  if (!Array.isArray(candidates)) throw new OptionError("candidates", "the candidates must be an array");
  const { itemId, baseScore, price, pinned } = options;
  if (typeof itemId !== "function") throw new OptionError("itemId", "`itemId` must be a function from candidate to id");
  // A copy, so that the answer is a permutation even if the caller's functions change the list.
  const given = [...candidates];
  const itemIds = new Array(given.length);
  const rows = new Uint32Array(given.length);
  for (let index = 0; index < given.length; index++) {
    const id = itemId(given[index]);
    if (typeof id !== "string") {
      throw new OptionError("itemId", `\`itemId\` gives a ${typeof id} for candidate ${index}; it must give a string`);
    }
    itemIds[index] = id;
    rows[index] = catalog.row(id);
  }
  return {
    ...readCommon(options),
    ...readOverlays(catalog, options.overlays ?? {}, given, rows),
    given,
    itemIds,
    rows,
    base: baseScore ? Float64Array.from(given, baseScore) : NO_NUMBERS,
    // NaN stands for "not known" and for "free".
    prices: numbers(given, price),
    pinned: numbers(given, pinned).map((slot) => (Number.isNaN(slot) ? slot : toNumber("pinned", slot, COUNT))),
    settings: settings(options, OF_RERANK),
  };
}

/**
 * @param {import("./catalog.js").Catalog} catalog
 * @param {import("../index.d.ts").RecommendOptions} options
 */
export function readRecommend(catalog, options) {
  const { seeds, exclude, basis = "" } = options;
  return {
    ...readCommon(options),
    settings: settings(options, OF_RECOMMEND),
    seeds: seeds === undefined ? undefined : toRows(catalog, "seeds", seeds),
    basis: toText("basis", basis),
    exclude: exclude ? toRows(catalog, "exclude", exclude) : NO_ROWS,
    ...flat(catalog.overlays),
  };
}

/** @param {import("../index.d.ts").OrderOptions<unknown>} options */
export function readOrder(things, options) {
  if (!Array.isArray(things)) throw new OptionError("things", "the things must be an array");
  const given = [...things];
  const tags = given.map((thing, index) => options.tags(thing, index).map(([column, value]) => [column, `${value}`]));
  return {
    given,
    tags: joined("tags", tags.flat(2)),
    counts: Uint32Array.from(tags, (tags) => tags.length),
    settings: settings(options),
    without: toEvents(options),
  };
}

/** The overlays of a list: its own, and those of the model that it does not bring itself. */
function readOverlays(catalog, own, given, rows) {
  const overlays = new Map(catalog.overlays);
  for (const [name, byRow] of overlays) {
    const values = new Int32Array(rows.length);
    for (let index = 0; index < rows.length; index++) values[index] = byRow[rows[index]] ?? NO_VALUE;
    overlays.set(name, values);
  }
  for (const [name, of] of Object.entries(own)) {
    if (of)
      overlays.set(
        name,
        given.map((candidate, index) => toValue(name, of(candidate, index))),
      );
  }
  return flat(overlays);
}

/** Overlays as they cross: their names, and all numbers of the first one, then of the next. */
function flat(overlays) {
  if (overlays.size === 0) return NO_OVERLAYS;
  const lists = [...overlays.values()];
  const values = new Int32Array(lists.reduce((length, list) => length + list.length, 0));
  let end = 0;
  for (const list of lists) {
    values.set(list, end);
    end += list.length;
  }
  return { overlays: joined("overlays", [...overlays.keys()]), values };
}

/**
 * A number for every row of the model.
 *
 * @param {import("./catalog.js").Catalog} catalog
 * @param {string} name
 * @param {Iterable<[string, number]>} entries
 */
export function readOverlay(catalog, name, entries) {
  joined("overlay", [name]);
  const byRow = new Int32Array(catalog.info.itemCount).fill(NO_VALUE);
  for (const [itemId, value] of entries) {
    // Beyond the last row nothing is written.
    byRow[catalog.row(toText("overlay", itemId))] = toValue(name, value);
  }
  return byRow;
}

function numbers(given, of) {
  return of ? Float64Array.from(given, (candidate, index) => of(candidate, index) ?? NaN) : NO_NUMBERS;
}

function readCommon(options) {
  const { surface, placement = "", context, explain = false } = options;
  return {
    // A placement has a surface of its own.
    names: joined("surface", [surface === undefined && placement ? "" : surface, placement]),
    without: toEvents(options),
    context: context ? joined("context", entries(context).flat()) : "",
    explain: Boolean(explain),
  };
}

function entries(context) {
  return Object.entries(context).filter(([, word]) => word !== undefined);
}

/** What a request asks for in numbers, in the order that WebAssembly knows; NaN where it says nothing. */
export function settings(options, kinds = OF_ALL) {
  const { now = Date.now(), explain, gift } = options;
  const numbers = new Float64Array(3 + kinds.length);
  numbers[0] = toNumber("now", now, TIME);
  numbers[1] = explain ? 1 : 0;
  numbers[2] = gift ? 1 : 0;
  for (let at = 0; at < kinds.length; at++) {
    const [name, kind] = kinds[at];
    numbers[3 + at] = options[name] === undefined ? NaN : toNumber(name, options[name], kind);
  }
  return numbers;
}

/** Most milliseconds that a call may take. */
export function readBudget({ timeBudget = Infinity }) {
  return toNumber("timeBudget", timeBudget, DURATION);
}

/** The events to leave out. */
export function toEvents({ without }) {
  return without ? Uint32Array.from(without, (id) => toNumber("without", id, COUNT)) : NO_ROWS;
}

/** The rows of those of the items that the model knows. */
function toRows(catalog, option, itemIds) {
  const ids = [...itemIds];
  if (typeof itemIds === "string" || ids.some((id) => typeof id !== "string")) {
    throw new OptionError(option, `\`${option}\` must be a list of strings`);
  }
  const rows = ids.map((id) => catalog.row(id));
  return Uint32Array.from(rows.filter((row) => row !== UNKNOWN_ROW));
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

function joined(option, texts) {
  if (texts.some((text) => toText(option, text).includes(NUL)))
    throw new OptionError(option, `\`${option}\` holds a text with a NUL`);
  return texts.join(NUL);
}

function toText(option, value) {
  if (typeof value !== "string") throw new OptionError(option, `\`${option}\` is ${String(value)}; give a string`);
  return value;
}
