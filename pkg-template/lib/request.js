// Options into what WebAssembly takes: texts, numbers and typed arrays. Ranges are checked there; here it is made sure
// that every value has the type that the call needs, and the caller's functions run before the call.

import { UNKNOWN_ROW } from "./catalog.js";
import { OptionError } from "./ranking.js";

const NO_NUMBERS = new Float64Array(0);
/** In an overlay: no number. */
const NO_VALUE = -(2 ** 31);
/** Stands between texts that cross as one. */
const NUL = "\0";

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
    pinned: numbers(given, pinned),
    // NaN stands for the model's own.
    strength: options.strength === undefined ? NaN : toNumber("strength", options.strength),
    maxShift: toNumber("maxShift", options.maxShift ?? Infinity),
  };
}

/**
 * @param {import("./catalog.js").Catalog} catalog
 * @param {import("../index.d.ts").RecommendOptions} options
 */
export function readRecommend(catalog, options) {
  const { seeds, exclude, basis = "session" } = options;
  return {
    ...readCommon(options),
    limit: toNumber("limit", options.limit),
    seeds: seeds === undefined ? undefined : toRows(catalog, "seeds", seeds),
    basis: toText("basis", basis),
    exclude: toRows(catalog, "exclude", exclude ?? []),
    threshold: toNumber("threshold", options.threshold ?? 0),
    ...flat(catalog.overlays),
  };
}

/** The overlays of a list: its own, and those of the model that it does not bring itself. */
function readOverlays(catalog, own, given, rows) {
  const overlays = new Map(catalog.overlays);
  for (const [name, byRow] of overlays)
    overlays.set(
      name,
      Array.from(rows, (row) => byRow[row] ?? NO_VALUE),
    );
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
  const values = [...overlays.values()].flatMap((values) => [...values]);
  return { overlays: joined("overlays", [...overlays.keys()]), values: Int32Array.from(values) };
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

function readCommon({ surface, diversity = 0, context = {}, explain = false, now = Date.now() }) {
  return {
    surface: toText("surface", surface),
    diversity: toNumber("diversity", diversity),
    context: joined(
      "context",
      Object.entries(context)
        .filter(([, word]) => word !== undefined)
        .flat(),
    ),
    now: toNumber("now", now),
    explain: Boolean(explain),
  };
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

function toNumber(option, value) {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new OptionError(option, `\`${option}\` is ${String(value)}; give a number`);
  }
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
