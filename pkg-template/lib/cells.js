// What can be counted: the cells of an experiment, and the options that say so.

const COUNTED = ["exposures", "clicks", "purchases"];

/**
 * Everything that one visit or another counts.
 *
 * @param {import("../counters.d.ts").CountersDesign} design
 * @returns {import("../counters.d.ts").CountersCell[]}
 */
export function cellsOf({ placements, discovered }) {
  const parts = discovered ? [false, true] : [false];
  const cells = placements.flatMap((placement) =>
    parts.flatMap((discovered) => COUNTED.map((counted) => ({ placement, discovered, counted }))),
  );
  return [...cells, { placement: null, discovered: false, counted: "purchases" }];
}

/** The name of a cell in the record. */
export function nameOf({ placement, discovered, counted }) {
  return `${counted}/${discovered ? "discovered" : "all"}/${placement ?? ""}`;
}

/**
 * The options with their defaults.
 *
 * @param {import("../counters.d.ts").CountersOptions} options
 * @throws {TypeError} that says which option cannot be used
 */
export function readOptions(options) {
  const { experiment, placements, holdout, discovered = false, epsilon = 1, budget = 8 } = options;
  const { storage, key = "reshelve-counters", agreed, send } = options;
  const caps = { exposures: 8, clicks: 4, purchases: 1, ...options.caps };
  check(isName(experiment), "`experiment` must be a name of 1 to 64 characters");
  check(Array.isArray(placements) && placements.length <= 64, "`placements` must be a list of at most 64");
  check(placements.every(isName), "`placements` must be names of 1 to 64 characters");
  check(new Set(placements).size === placements.length, "`placements` must not name one twice");
  check(isWithin(holdout, 0, 1), "`holdout` must be a share, 0 to 1");
  check(typeof discovered === "boolean", "`discovered` must be true or false");
  check(Object.keys(caps).length === COUNTED.length, `\`caps\` must name ${COUNTED.join(", ")} alone`);
  const areCaps = COUNTED.every((counted) => Number.isInteger(caps[counted]) && isWithin(caps[counted], 1, 255));
  check(areCaps, "`caps` must be whole numbers, 1 to 255");
  check(isWithin(epsilon, 0.01, 16), "`epsilon` must be a number, 0.01 to 16");
  check(isWithin(budget, epsilon, Infinity), "`budget` must be a number, at least `epsilon`");
  check(storage, "`storage` must be a storage, or a function that gives one");
  check(typeof key === "string", "`key` must be a string");
  check(typeof agreed === "function" && typeof send === "function", "`agreed` and `send` must be functions");
  // Frozen: every report holds it.
  const lists = { placements: Object.freeze([...placements]), caps: Object.freeze(caps) };
  const design = Object.freeze({ experiment, holdout, discovered, ...lists });
  return { design, epsilon, budget, storage, key, agreed, send };
}

function isName(text) {
  return typeof text === "string" && text.length > 0 && text.length <= 64;
}

function isWithin(number, first, last) {
  return typeof number === "number" && number >= first && number <= last;
}

function check(holds, message) {
  if (!holds) throw new TypeError(message);
}
