// What is written down of a request: enough for `reshelve replay` to answer it once more.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { loadModel } from "reshelve";
import { tracedRecommend, tracedRerank } from "reshelve/trace";
import { GOLDEN, itemIds, readCases, readModel, wasm } from "./setup.mjs";

const NOW = 1_750_000_000_000;

const model = await loadModel(await readModel("small"), { wasm });

test("a trace holds the answer of every golden case", async () => {
  const { models, cases } = await readCases();
  for (const [name, file] of Object.entries(models)) {
    const model = await loadModel(await readFile(path.join(GOLDEN, file)), { wasm });
    for (const { name: label, events = [], token, rerank, recommend, expect } of cases.filter(
      (c) => c.model === name,
    )) {
      if (token) continue;
      const session = model.session({ v: 1, events });
      const { trace } = rerank ? traceOf(session, rerank) : tracedRecommend(session, recommend);
      assert.deepEqual(trace.order, expect.order ?? expect.items, label);
      assert.deepEqual(JSON.parse(JSON.stringify(trace)).request, trace.request, `${label}: nothing is lost in JSON`);
      session.dispose();
    }
    model.dispose();
  }
});

function traceOf(session, { candidates, base, prices, pinned, ...options }) {
  return tracedRerank(session, candidates, {
    ...options,
    itemId: (id) => id,
    baseScore: base && ((_, index) => base[index]),
    price: prices && ((_, index) => prices[index] ?? undefined),
    pinned: pinned && ((_, index) => pinned[index] ?? undefined),
  });
}

test("a trace has the documented shape", () => {
  const [first, second, third] = itemIds(3);
  const session = model.session();
  session.record({ type: "view", itemId: first, timestamp: NOW - 1000 });
  const left = session.record({ type: "view", itemId: second, timestamp: NOW - 900, gift: true });
  model.overlay("stock", [[second, 3]]);
  const { ranking, trace } = tracedRerank(session, [third, second, "nothing"], {
    surface: "search",
    itemId: (id) => id,
    price: (id) => (id === third ? 12.5 : undefined),
    overlays: { rank: (_, index) => index },
    context: { region: "north", season: undefined },
    strength: 0.5,
    without: [left, 99],
    gift: true,
    now: NOW + 0.5,
  });
  model.overlay("stock", null);
  assert.deepEqual(trace, {
    v: 1,
    model: model.info.id,
    rules: null,
    state: session.state(),
    request: {
      surface: "search",
      now: NOW,
      gift: true,
      without: [1],
      context: { region: "north" },
      overlays: { stock: [null, 3, null], rank: [0, 1, 2] },
      rerank: { candidates: [third, second, "nothing"], prices: [12.5, null, null], strength: 0.5 },
    },
    order: ranking.explanations.map(({ from }) => from),
    scores: ranking.explanations.map(({ score }) => score),
  });
  session.dispose();
});

test("lists that can be read once are written down as they were asked", () => {
  const [first, second, third] = itemIds(3);
  const session = model.session();
  const left = session.record({ type: "view", itemId: first, timestamp: NOW - 1000 });
  const once = (list) => list[Symbol.iterator]();
  const options = { surface: "home", limit: 3, now: NOW, seed: 2 ** 32 + 5 };
  const { trace } = tracedRecommend(session, { ...options, exclude: once([second]), without: once([left]) });
  const { exclude } = trace.request.recommend;
  assert.deepEqual([exclude, trace.request.without, trace.request.seed], [[second], [0], 5]);
  const asked = [];
  const itemId = (id) => (asked.push(id), id);
  tracedRerank(session, [first, third], { surface: "search", itemId, now: NOW });
  assert.deepEqual(asked, [first, third]);
});

test("what cannot be asked gives what it gives without a trace", () => {
  const session = model.session();
  const fail = () => assert.fail("a field is missing");
  const itemId = (id) => id;
  for (const options of [
    { surface: "search" },
    { surface: "search", itemId, baseScore: fail },
    { itemId: fail },
    undefined,
  ]) {
    const { ranking, trace } = tracedRerank(session, ["a", "b"], options);
    assert.deepEqual([ranking.items, ranking.reason, trace], [["a", "b"], "invalid_argument", undefined]);
  }
  for (const options of [{ surface: "home", limit: 2, exclude: 5 }, undefined]) {
    const { ranking, trace } = tracedRecommend(session, options);
    assert.deepEqual([ranking.items, ranking.reason, trace], [[], "invalid_argument", undefined]);
  }
});

test("without an answer there is no trace", () => {
  const session = model.session();
  session.dispose();
  assert.equal(tracedRerank(session, ["a"], { surface: "search", itemId: (id) => id }).trace, undefined);
  assert.equal(tracedRecommend(session, { surface: "home", limit: 2 }).trace, undefined);
});
