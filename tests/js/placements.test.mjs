// Placements and what else a request may ask for: variety, gifts, what-ifs, blocks, things that are no items.

import assert from "node:assert/strict";
import test from "node:test";
import { loadModel } from "reshelve";
import { loadRulesCompiler } from "reshelve/rules";
import { itemIds, readModel, warningsOf, wasm } from "./setup.mjs";

const NOW = 1_780_000_000_000;
const ids = itemIds(40);
const compiler = await loadRulesCompiler();
const rules = compiler.compile(`
[[placement]]
name = "home.for_you"
surface = "home"
draw = ["session"]
limit = 10

[[placement]]
name = "cart.cross_sell"
surface = "cart"
draw = ["together"]
from = "cart"
where = "not item in cart"
limit = 4

[[placement]]
name = "search.results"
surface = "search"
strength = 1.0
keep_first = 3

[[question]]
name = "head_or_foot"
answer = [{ name = "head", where = "category == 'hats'", by = 4000 }, { name = "foot", where = "category under 'shoes'" }]
`);

async function opened(...events) {
  const model = await loadModel(await readModel("ruled"), { wasm });
  model.useRules(rules);
  const session = model.session();
  const recorded = events.map((event) => session.record({ timestamp: NOW - 60_000, ...event }));
  assert.ok(!recorded.includes(undefined), "no event is with an item that is marked as sensitive");
  return { model, session, recorded };
}

const view = (itemId, more) => ({ type: "view", itemId, ...more });
const idsOf = ({ items }) => items.map(({ itemId }) => itemId);
const itemId = (id) => id;

test("a placement says what a request does not", async () => {
  const { session } = await opened(view(ids[5]), { type: "add_to_cart", itemId: ids[9] });
  const found = session.recommend({ placement: "home.for_you", now: NOW });
  assert.equal(found.items.length, 10);
  assert.deepEqual(
    found.discovered,
    [...found.items.keys()].filter((slot) => found.items[slot].basis === "discovery"),
  );
  assert.ok(found.discovered.length > 0, "a fifth of what is drawn from the session is for something different");
  assert.deepEqual(session.recommend({ placement: "home.for_you", discovery: 0, now: NOW }).discovered, []);
  const crossSell = session.recommend({ placement: "cart.cross_sell", now: NOW });
  assert.equal(crossSell.items.length, 4);
  assert.ok(!idsOf(crossSell).includes(ids[9]));
  const ranking = session.rerank(ids, { placement: "search.results", itemId, now: NOW });
  assert.deepEqual(ranking.items.slice(0, 3), ids.slice(0, 3));
  assert.notDeepEqual(ranking.items, ids);
  assert.deepEqual(session.rerank(ids, { placement: "search.results", itemId, strength: 0, now: NOW }).items, ids);
});

test("a placement that the rules do not have changes nothing", async () => {
  const { session } = await opened(view(ids[5]));
  const warnings = await warningsOf(() => {
    assert.deepEqual(session.rerank(ids, { placement: "nowhere", itemId }).items, ids);
    const found = session.recommend({ placement: "nowhere", limit: 3 });
    assert.deepEqual([found.items, found.reason], [[], "invalid_argument"]);
    assert.equal(session.recommend({ limit: 3 }).reason, "invalid_argument", "neither surface nor placement");
  });
  assert.ok(
    warnings.some((warning) => warning.includes("no such placement")),
    String(warnings),
  );
});

test("blocks are a list", async () => {
  const { session } = await opened();
  for (const requests of [{ surface: "home", limit: 3 }, undefined, "home"]) {
    assert.throws(() => session.blocks(requests), {
      code: "ERR_INVALID_ARGUMENT",
      message: /a list of requests/,
    });
  }
});

test("no item stands in two blocks of a page", async () => {
  const { session } = await opened(view(ids[5]), view(ids[10]));
  const blocks = session.blocks([
    { placement: "home.for_you", now: NOW },
    { placement: "home.for_you", now: NOW },
    { surface: "home", limit: 6, basis: "popular", now: NOW },
  ]);
  const shown = blocks.flatMap(idsOf);
  assert.equal(shown.length, 26);
  assert.equal(new Set(shown).size, 26);
});

test("gifts stand apart", async () => {
  const { session } = await opened(view(ids[5]), view(ids[20], { gift: true }));
  const alone = (await opened(view(ids[5]))).session;
  const options = { surface: "search", itemId, strength: 1, now: NOW };
  assert.deepEqual(session.rerank(ids, options).items, alone.rerank(ids, options).items);
  const gift = (await opened(view(ids[20]))).session.rerank(ids, options).items;
  assert.deepEqual(session.rerank(ids, { ...options, gift: true }).items, gift);
});

test("what would be without an event", async () => {
  const { session, recorded } = await opened(view(ids[5]), view(ids[20]), view(ids[33]));
  const options = { surface: "search", itemId, strength: 1, explain: true, now: NOW };
  const without = session.rerank(ids, { ...options, without: [recorded[1]] });
  assert.notDeepEqual(without.items, session.rerank(ids, options).items);
  session.forget(recorded[1]);
  const { items, explanations } = session.rerank(ids, options);
  assert.deepEqual([without.items, without.explanations], [items, explanations], "as if it had never happened");
});

test("an explanation follows every candidate from stage to stage", async () => {
  const { session } = await opened(view(ids[5]), view(ids[20]));
  const options = { surface: "search", itemId, strength: 1, diversity: 0.5, discovery: 0.3, maxShift: 20, now: NOW };
  const { items, discovered, explanations } = session.rerank(ids, { ...options, explain: true });
  for (const { from, to, moves, discovered: isDifferent, parts, score, reason } of explanations) {
    const stops = moves.flatMap((move) => [move.from, move.to]);
    if (moves.length === 0) assert.equal(from, to);
    else assert.deepEqual([stops[0], stops.at(-1)], [from, to]);
    assert.ok(stops.slice(1, -1).every((stop, index, inner) => index % 2 === 1 || stop === inner[index + 1]));
    assert.equal(isDifferent, discovered.includes(to));
    assert.equal(
      Object.values(parts).reduce((sum, part) => sum + part),
      score,
    );
    assert.ok(!isDifferent || reason.code === "different");
  }
  const quiet = session.rerank(ids, options);
  assert.deepEqual([quiet.items, quiet.discovered], [items, discovered], "the same without explanations");
});

test("answers order what a newcomer sees, and are cited", async () => {
  const { session } = await opened({ type: "answer", query: "head_or_foot/head" });
  const { outcome, explanations } = session.recommend({ surface: "home", limit: 5, explain: true, now: NOW });
  assert.equal(outcome, "personalized");
  for (const { reason, parts } of explanations) {
    assert.deepEqual(reason, { code: "chosen", answer: "head_or_foot/head" });
    assert.equal(parts.answers, 4096);
  }
  assert.equal(session.events()[0].query, "head_or_foot/head");
});

test("what is no item is ordered by its tags", async () => {
  const { session } = await opened(...[5, 9, 10, 11, 19, 20].map((index) => view(ids[index])));
  const { affinities, segment } = session.about({ now: NOW });
  assert.equal(segment, "new");
  const brands = affinities.filter(({ attribute }) => attribute === "brand");
  assert.ok(brands.length > 0 && brands.every(({ events, weight }) => events > 0 && weight > 0));
  const things = ["acme", "bora", "cleo", "nobody"];
  const ordered = session.order(things, { tags: (brand) => [["brand", brand]], now: NOW });
  assert.deepEqual([...ordered.items].sort(), things);
  assert.equal(ordered.items[0], brands[0].value);
  assert.deepEqual((await opened()).session.about({ now: NOW }), { segment: "new", affinities: [] });
  await warningsOf(() => assert.deepEqual(session.order(things, { tags: () => 3 }).items, things));
});

test("settings that are out of range change nothing", async () => {
  const { session } = await opened(view(ids[5]));
  const options = { surface: "search", itemId, now: NOW };
  await warningsOf(() => {
    for (const wrong of [
      { discovery: 2 },
      { broaden: -1 },
      { seed: 0.5 },
      { keepFirst: -1 },
      { without: ["a"] },
      { diversity: "much" },
      { now: Infinity },
    ]) {
      const ranking = session.rerank(ids, { ...options, ...wrong });
      assert.deepEqual([ranking.items, ranking.reason], [ids, "invalid_argument"], JSON.stringify(wrong));
    }
  });
});
