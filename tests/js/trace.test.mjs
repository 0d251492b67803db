// What is written down of a request: enough for `reshelve replay` to answer it once more.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { promisify } from "node:util";
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

test("half a surrogate pair is written as it crosses into WebAssembly", () => {
  const { ranking, trace } = traceOf(model.session(), {
    candidates: ["item-001", "a\ud800"],
    surface: "search",
    context: { region: "\udc00" },
  });
  assert.deepEqual(trace.request.rerank.candidates, ["item-001", "a\ufffd"]);
  assert.deepEqual(trace.request.context, { region: "\ufffd" });
  assert.deepEqual(ranking.items, ["item-001", "a\ud800"], "the page has its own");
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

test("numbers beyond all bounds are written down as what they come to, and replay to the same answer", async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), "reshelve-traces-"));
  t.after(() => rm(folder, { recursive: true }));
  const ids = itemIds(12);
  const session = model.session();
  session.record({ type: "view", itemId: ids.at(-1), timestamp: NOW - 60_000 });
  const traces = [
    ...[Infinity, 1e300, 0].map((keepFirst) => ({ keepFirst })),
    ...[Infinity, 1e300, 0, 2].map((maxShift) => ({ maxShift })),
    ...[Infinity, 2 ** 70, 2 ** 53 + 6].map((seed) => ({ seed })),
  ].map((options) => {
    const given = { surface: "search", itemId: (id) => id, now: NOW, discovery: 0.3, ...options };
    return tracedRerank(session, ids, given).trace;
  });
  session.dispose();
  const said = (of) => traces.map(of).filter((number) => number !== undefined);
  assert.deepEqual(
    said(({ request }) => request.rerank.keepFirst),
    [12, 12, 0],
  );
  assert.deepEqual(
    said(({ request }) => request.rerank.maxShift),
    [12, 12, 0, 2],
  );
  assert.deepEqual(
    said(({ request }) => request.seed),
    [2 ** 32 - 1, 2 ** 32 - 1, 6],
  );
  const file = path.join(folder, "traces.jsonl");
  await writeFile(file, traces.map((trace) => JSON.stringify(trace)).join("\n"));
  const asked = ["replay", path.join(GOLDEN, "small.shelf"), "--trace", file, "--json"];
  const { stdout } = await promisify(execFile)(process.env.RESHELVE_BIN, asked);
  assert.equal(JSON.parse(stdout).same, traces.length);
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
