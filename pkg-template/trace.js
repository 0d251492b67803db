// Writes down what was asked and answered, in the shape that `reshelve replay` reads.

import { catalogOf } from "./lib/core.js";

/** In an overlay: no number. */
const NO_VALUE = -(2 ** 31);

/** The `tracedRerank` of `trace.d.ts`. */
export function tracedRerank(session, candidates, options) {
  const given = [...candidates];
  const { itemId, baseScore, price, pinned, overlays: own = {}, now = Date.now() } = options;
  // Each function is asked once, so that what is written down is what was answered from.
  const asked = (of) => of && given.map((candidate, index) => of(candidate, index));
  const [base, prices, slots] = [baseScore, price, pinned].map(asked);
  const numbers = mapValues(own, asked);
  const answer = (list) => list && ((_, index) => list[index]);
  const ranking = session.rerank(given, {
    ...options,
    ...defined({ baseScore: answer(base), price: answer(prices), pinned: answer(slots) }),
    ...defined({ overlays: options.overlays && mapValues(numbers, answer), now, explain: true }),
  });
  const ids = given.map((candidate) => itemId(candidate));
  const finite = (list) => list?.map((number) => (Number.isFinite(number) ? number : null));
  const write = (catalog) => {
    const common = mapValues(Object.fromEntries(catalog.overlays), (byRow) =>
      ids.map((id) => toNumber(byRow[catalog.row(id)])),
    );
    const overlays = { ...common, ...mapValues(numbers, (list) => list.map(toNumber)) };
    const { strength, keepFirst, maxShift = Infinity } = options;
    const shift = Number.isFinite(maxShift) ? maxShift : undefined;
    const rerank = { candidates: ids, base, prices: finite(prices), strength, keepFirst, pinned: finite(slots) };
    return { overlays, rerank: defined({ ...rerank, maxShift: shift }) };
  };
  return { ranking, trace: toTrace(session, options, now, ranking, ({ from }) => from, write) };
}

/** The `tracedRecommend` of `trace.d.ts`. */
export function tracedRecommend(session, options) {
  const { limit = 0, seeds, basis, exclude, threshold, now = Date.now() } = options;
  const ranking = session.recommend({ ...options, now, explain: true });
  const write = (catalog) => {
    const overlays = mapValues(Object.fromEntries(catalog.overlays), (byRow) => Array.from(byRow, toNumber));
    const lists = { seeds: seeds && [...seeds], exclude: exclude && [...exclude] };
    return { overlays, recommend: defined({ limit, basis, threshold, ...lists }) };
  };
  return { ranking, trace: toTrace(session, options, now, ranking, ({ itemId }) => itemId, write) };
}

/** Nothing where nothing was answered. */
function toTrace(session, options, now, ranking, inOrder, write) {
  const { explanations, modelId: model } = ranking;
  if (!explanations) return undefined;
  const events = session.events();
  const state = session.state();
  const { surface, placement, gift, without, diversity, discovery, broaden, seed, context = {} } = options;
  const places = without && [...without].map((id) => events.findIndex((event) => event.id === id));
  const catalog = catalogOf(session);
  const request = {
    ...defined({ surface, placement, now: Math.trunc(now), gift, without: places?.filter((place) => place >= 0) }),
    ...defined({ diversity, discovery, broaden, seed, context: defined(context) }),
    ...write(catalog),
  };
  const scores = explanations.map(({ score }) => score);
  return { v: 1, model, rules: catalog.rulesId ?? null, state, request, order: explanations.map(inOrder), scores };
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
