// Writes down what was asked and answered, in the shape that `reshelve replay` reads.

import { catalogOf } from "./lib/core.js";

/** In an overlay: no number. */
const NO_VALUE = -(2 ** 31);

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The `tracedRerank` of `trace.d.ts`. */
export function tracedRerank(session, candidates, options) {
  let asked;
  try {
    asked = ask(candidates, options);
  } catch {
    // `rerank` fails in the same way, says why, and gives the incoming order.
    return { ranking: session.rerank(candidates, options), trace: undefined };
  }
  const { given, ids, base, prices, slots, numbers, without, now } = asked;
  const answer = (list) => list && ((_, index) => list[index]);
  const ranking = session.rerank(given, {
    ...options,
    ...defined({ itemId: answer(ids), baseScore: answer(base), price: answer(prices), pinned: answer(slots) }),
    ...defined({ overlays: options.overlays && mapValues(numbers, answer), without, now, explain: true }),
  });
  const finite = (list) => list?.map((number) => (Number.isFinite(number) ? number : null));
  const write = (catalog) => {
    const common = mapValues(Object.fromEntries(catalog.overlays), (byRow) =>
      ids.map((id) => toNumber(byRow[catalog.row(id)])),
    );
    const overlays = { ...common, ...mapValues(numbers, (list) => list.map(toNumber)) };
    const { strength, keepFirst, maxShift } = options;
    // As many as there are candidates say the same as more.
    const within = (count) => count && Math.min(count, ids.length);
    const bounds = { keepFirst: within(keepFirst), maxShift: within(maxShift) };
    const rerank = { candidates: ids, base, prices: finite(prices), strength, pinned: finite(slots), ...bounds };
    return { overlays, rerank: defined(rerank) };
  };
  return { ranking, trace: toTrace(session, { ...options, without, now }, ranking, ({ from }) => from, write) };
}

/** Asks each of the caller's functions once, and reads each list once: what is written down is what was answered from. */
function ask(candidates, { itemId, baseScore, price, pinned, overlays = {}, without, now = Date.now() }) {
  const given = [...candidates];
  const all = (of) => of && given.map((candidate, index) => of(candidate, index));
  const [ids, base, prices, slots] = [itemId, baseScore, price, pinned].map(all);
  return { given, ids, base, prices, slots, numbers: mapValues(overlays, all), without: without && [...without], now };
}

/** The `tracedRecommend` of `trace.d.ts`. */
export function tracedRecommend(session, options) {
  let lists;
  try {
    lists = mapValues({ exclude: options.exclude, without: options.without }, (list) => [...list]);
  } catch {
    return { ranking: session.recommend(options), trace: undefined };
  }
  const { exclude, without } = lists;
  const { limit = 0, seeds, basis, threshold, now = Date.now() } = options;
  const ranking = session.recommend({ ...options, ...lists, now, explain: true });
  const write = (catalog) => {
    const overlays = mapValues(Object.fromEntries(catalog.overlays), (byRow) => Array.from(byRow, toNumber));
    return { overlays, recommend: defined({ limit, basis, threshold, seeds: seeds && [...seeds], exclude }) };
  };
  return { ranking, trace: toTrace(session, { ...options, without, now }, ranking, ({ itemId }) => itemId, write) };
}

/** Nothing where nothing was answered. */
function toTrace(session, options, ranking, inOrder, write) {
  const { explanations, modelId: model } = ranking;
  if (!explanations) return undefined;
  const events = session.events();
  const state = session.state();
  const { surface, placement, gift, without, diversity, discovery, broaden, seed, now, context = {} } = options;
  const places = without?.map((id) => events.findIndex((event) => event.id === id));
  const catalog = catalogOf(session);
  const request = {
    ...defined({ surface, placement, now: Math.trunc(now), gift, without: places?.filter((place) => place >= 0) }),
    ...defined({ diversity, discovery, broaden, seed: seed && toSeed(seed), context: defined(context) }),
    ...write(catalog),
  };
  const scores = explanations.map(({ score }) => score);
  const rules = catalog.rulesId ?? null;
  return { v: 1, model, rules, state, request: crossed(request), order: explanations.map(inOrder), scores };
}

/** The same with its texts as they cross into WebAssembly: half a surrogate pair is no character. */
function crossed(value) {
  if (typeof value === "string") return decoder.decode(new TextEncoder().encode(value));
  if (Array.isArray(value)) return value.map(crossed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map((entry) => entry.map(crossed)));
}

/** The bits that count, as they cross: of what has more than 64 all are set. */
function toSeed(seed) {
  return seed < 2 ** 64 ? seed % 2 ** 32 : 2 ** 32 - 1;
}

function toNumber(value) {
  return value === undefined || value === NO_VALUE ? null : value;
}

function defined(record) {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function mapValues(record, of) {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value)
      .map(([name, value]) => [name, of(value)]),
  );
}
