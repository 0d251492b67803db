// What is asked of Reshelve, as ratios within one run: the targets, and the budgets, which fail the run. A budget is what was
// reached when it was last set, and a little more; lower it with what is gained.

import { BUDGET, SLIM_BUDGET } from "../../tests/harness/sizes.mjs";

const MIB = 2 ** 20;

const count = (items) => items.toLocaleString("en-US");

const median = (results, name, operation) => results?.[name]?.figures[operation]?.median;

/** How long a call takes, in what another contender needs for it. */
const times = (operation, items, to, { where = "node", of = "reshelve" } = {}) => {
  const calls = to === "floor-dot" ? "search" : operation;
  return ({ [where]: { [items]: results } = {} }) => median(results, of, operation) / median(results, to, calls);
};
const load =
  (items, to) =>
  ({ node: { [items]: results } = {} }) =>
    results?.reshelve?.loadMs / results?.[to]?.loadMs;
const recall =
  (items) =>
  ({ node: { [items]: results } = {} }) =>
    results?.reshelve?.recall;
/** What WebAssembly holds beside the file, of a tenth of the file and 1 MiB. */
const memory =
  (items) =>
  ({ node: { [items]: results } = {} }) => {
    const { memory, fileBytes } = results?.reshelve ?? {};
    return memory && (memory.wasm - fileBytes) / (0.1 * fileBytes + MIB);
  };

const edge =
  (figure) =>
  ({ edge }) =>
    edge && edge[figure].reshelve / edge[figure].plain;
/** What the largest log costs. */
const build =
  (cost, unit) =>
  ({ builds }) =>
    builds?.at(-1)[cost] / unit;
const model =
  (items) =>
  ({ wire }) =>
    wire?.models[items]?.brotli / 1000;
/** What rounding takes from the quality of the model, in percent. */
const lost =
  (items) =>
  ({ wire }) =>
    100 * wire?.models[items]?.lost;

/**
 * A figure is `undefined` or NaN where it was not measured.
 *
 * @type {{ what: string, of: (measured: object) => number | undefined, most?: number, least?: number, budget?: number }[]}
 */
export const ASKED = [
  { what: "top 20 of 10,000 ÷ dot floor", of: times("search", 10_000, "floor-dot"), most: 1.3, budget: 1.3 },
  { what: "top 20 of 100,000 ÷ dot floor", of: times("search", 100_000, "floor-dot"), most: 0.6, budget: 0.6 },
  {
    what: "top 20 of 100,000 without the index ÷ dot floor",
    of: times("search", 100_000, "floor-dot", { of: "reshelve-exact" }),
    most: 1.2,
    budget: 2,
  },
  { what: "top 20 of 1,000,000 ÷ dot floor", of: times("search", 1_000_000, "floor-dot"), most: 0.15, budget: 0.15 },
  { what: "recall@20 of 10,000", of: recall(10_000), least: 0.98, budget: 0.98 },
  { what: "recall@20 of 100,000", of: recall(100_000), least: 0.98, budget: 0.98 },
  { what: "recall@20 of 1,000,000", of: recall(1_000_000), least: 0.98, budget: 0.98 },
  ...[
    [10_000, 200, 1.4],
    [10_000, 1000, 1.1],
    [100_000, 200, 1.1],
    [100_000, 1000, 0.7],
  ].map(([items, length, budget]) => ({
    what: `rerank ${length}, ${count(items)} items ÷ plain float32`,
    of: times(`rerank${length}`, items, "plain-float32"),
    most: 1,
    budget,
  })),
  {
    what: "event and rerank 48, 4 × throttled Chromium ÷ plain float32",
    of: times("visit", 10_000, "plain-float32", { where: "phone" }),
    most: 2,
    budget: 2.5,
  },
  ...[
    [10_000, 4],
    [100_000, 1.6],
  ].map(([items, budget]) => ({
    what: `bytes to first answer, ${count(items)} items ÷ plain int8`,
    of: load(items, "plain-int8"),
    most: 0.5,
    budget,
  })),
  ...[
    [10_000, 0.85],
    [100_000, 0.65],
    [1_000_000, 0.62],
  ].map(([items, budget]) => ({
    what: `memory beyond the file, ${count(items)} items ÷ (file / 10 + 1 MiB)`,
    of: memory(items),
    most: 1,
    budget,
  })),
  { what: "edge worker, workerd's start to the first listing ÷ without", of: edge("cold"), most: 1.5, budget: 2 },
  { what: "edge worker, later listings ÷ without", of: edge("warm"), most: 1.1, budget: 2 },
  { what: "learning from 10 million events, minutes", of: build("seconds", 60), most: 10, budget: Infinity },
  { what: "learning from 10 million events, GiB", of: build("peakBytes", 2 ** 30), most: 6, budget: 2 },
  {
    what: "default entry, wasm + JS, brotli, kB",
    of: ({ wire }) => wire?.entry / 1000,
    most: 40,
    budget: BUDGET / 1000,
  },
  {
    what: "reranking alone, wasm + JS, brotli, kB",
    of: ({ wire }) => wire?.slim / 1000,
    most: 25,
    budget: SLIM_BUDGET / 1000,
  },
  { what: "model of 5,000 items, brotli, kB", of: model(5000), most: 300, budget: 265 },
  // Where sums of floating point come out differently another model is learned, which may take a few percent more.
  { what: "model of 20,000 items, brotli, kB", of: model(20_000), most: 1200, budget: 1100 },
  { what: "model of 5,000 items, quality lost to rounding, %", of: lost(5000), most: 1, budget: 1 },
  { what: "model of 20,000 items, quality lost to rounding, %", of: lost(20_000), most: 1, budget: 1 },
];
