// `rerank` and `recommend`: what they promise for any request, and what a bad one gets.

import assert from "node:assert/strict";
import test from "node:test";
import { loadModel } from "reshelve";
import { itemIds, randomNumbers, readModel, warningsOf, wasm } from "./setup.mjs";

const NOW = 1_780_000_000_000;
const models = await Promise.all(
  ["small", "wide", "rows-only"].map(async (name) => loadModel(await readModel(name), { wasm })),
);
const [model] = models;

const itemId = (hit) => hit.id;
const toHits = (ids) => ids.map((id) => ({ id }));
const hits = toHits(itemIds(30));
const options = { surface: "search", itemId, now: NOW };

function sessionOf(...ids) {
  const session = model.session();
  for (const [age, id] of ids.entries()) session.record({ type: "view", itemId: id, timestamp: NOW - age * 60_000 });
  return session;
}

test("any request gives a permutation of the same objects, and its rules hold", () => {
  const random = randomNumbers(1);
  const below = (bound) => Math.floor(random() * bound);
  const maybe = (value) => (random() < 0.5 ? undefined : value());
  for (let round = 0; round < 400; round++) {
    const model = models[below(models.length)];
    const session = model.session();
    for (let n = below(12); n > 0; n--) {
      const type = ["view", "click", "add_to_cart", "purchase", "return", "impression"][below(6)];
      session.record({ type, itemId: itemIds(1, below(60))[0], timestamp: NOW - below(1e7) });
    }
    const candidates = Array.from({ length: below(40) }, () => ({ id: itemIds(1, below(60))[0] }));
    const slots = candidates.map((_, index) => index).sort(() => random() - 0.5);
    const pinned = maybe(() => slots.map((slot) => (random() < 0.2 ? slot : undefined)));
    const base = maybe(() => candidates.map(() => random() * 10 ** below(300) - 5));
    const maxShift = maybe(() => below(10));
    const request = {
      surface: ["search", "category", "home", "elsewhere"][below(4)],
      itemId,
      baseScore: base && ((_, index) => base[index]),
      pinned: pinned && ((_, index) => pinned[index]),
      strength: maybe(random),
      diversity: maybe(random),
      maxShift,
      now: NOW,
    };
    const frozen = Object.freeze([...candidates]);
    const { items, outcome, reason } = session.rerank(frozen, request);
    const explained = session.rerank(frozen, { ...request, explain: true });
    const context = `round ${round}: ${outcome} ${reason}`;

    assert.notEqual(reason, "internal_error", context);
    assert.notEqual(reason, "invalid_argument", context);
    assert.equal(items.length, candidates.length, context);
    assert.deepEqual(new Set(items), new Set(candidates), context);
    assert.deepEqual(explained.items, items, context);
    const slotOf = new Map(items.map((item, slot) => [item, slot]));
    candidates.forEach((candidate, index) => {
      if (pinned?.[index] !== undefined) assert.equal(slotOf.get(candidate), pinned[index], context);
    });
    if (maxShift !== undefined && !pinned) {
      candidates.forEach((candidate, index) => {
        assert.ok(Math.abs(slotOf.get(candidate) - index) <= maxShift, context);
      });
    }
    explained.explanations.forEach((explanation, to) => {
      const { parts, from } = explanation;
      assert.equal(explanation.to, to, context);
      assert.equal(candidates[from], items[to], context);
      assert.equal(explanation.itemId, items[to].id, context);
      assert.equal(explanation.known, model.has(items[to].id), context);
      const sum = Object.values(parts).reduce((left, right) => left + right, 0);
      assert.equal(explanation.score, sum, context);
      assert.equal(explanation.base + explanation.affinity, sum, context);
    });
    session.dispose();
  }
});

test("what nothing is known of keeps the incoming order, and says why", () => {
  const check = (session, request, outcome, reason) => {
    const ranking = session.rerank(hits, { ...options, ...request });
    assert.deepEqual([ranking.outcome, ranking.reason], [outcome, reason]);
    if (outcome === "unchanged") assert.deepEqual(ranking.items, hits);
    assert.equal(ranking.modelId, model.info.id);
    assert.match(ranking.rankingId, /^[0-9a-f]{32}$/);
    assert.equal("explanations" in ranking, false);
  };
  check(sessionOf("item-003"), {}, "personalized", undefined);
  check(sessionOf(), {}, "unchanged", "empty_session");
  check(sessionOf("elsewhere"), {}, "unchanged", "unknown_items");
  check(sessionOf("item-003"), { strength: 0 }, "unchanged", "strength_zero");
  check(sessionOf("item-003"), { itemId: () => "elsewhere" }, "unchanged", "unknown_items");
});

test("ranking ids are never the same", () => {
  const session = sessionOf("item-003");
  const ids = Array.from({ length: 100 }, () => session.rerank(hits, options).rankingId);
  assert.equal(new Set(ids).size, 100);
});

test("a reason cites the shopper's own events alone", () => {
  const { explanations } = sessionOf("item-003", "item-009").rerank(hits, { ...options, explain: true });
  for (const { itemId, reason } of explanations) {
    if (["popular", "store_order"].includes(reason.code)) assert.deepEqual(Object.keys(reason), ["code"]);
    else {
      assert.ok(["item-003", "item-009"].includes(reason.itemId));
      assert.equal(reason.eventType, "view");
      if (reason.code === "seen_before") assert.equal(reason.itemId, itemId);
    }
  }
  assert.ok(explanations.some(({ reason }) => reason.code === "seen_before"));
});

test("an unknown candidate keeps its place", () => {
  const mixed = [...hits.slice(0, 3), { id: "elsewhere" }, ...hits.slice(3, 9), { id: "" }];
  const { items, outcome } = sessionOf("item-003").rerank(mixed, options);
  assert.equal(outcome, "personalized");
  assert.equal(items[3], mixed[3]);
  assert.equal(items[10], mixed[10]);
});

test("an answer may be asked for while candidates are read", () => {
  const session = sessionOf("item-003");
  const alone = session.rerank(hits, options).items;
  const inner = [];
  const nested = session.rerank(hits, {
    ...options,
    itemId: (hit) => {
      inner.push(session.rerank(hits.slice(0, 5), options).outcome);
      session.record({ type: "impression", itemId: hit.id, timestamp: NOW });
      return hit.id;
    },
  });
  assert.deepEqual(nested.items, alone);
  assert.deepEqual(new Set(inner), new Set(["personalized"]));
});

const unusable = {
  "no options": [hits, undefined],
  "no candidates": [undefined, options],
  "candidates that are no list": [new Set(hits), options],
  "no itemId": [hits, { surface: "search" }],
  "an itemId that is no function": [hits, { ...options, itemId: "id" }],
  "an itemId that gives a number": [hits, { ...options, itemId: () => 5 }],
  "an itemId that gives nothing": [hits, { ...options, itemId: () => {} }],
  "an itemId that throws": [hits, { ...options, itemId: (hit) => hit.no.such }],
  "an itemId that throws a text": [
    hits,
    {
      ...options,
      itemId() {
        throw "no";
      },
    },
  ],
  "a missing candidate": [[...hits, undefined], options],
  "no surface": [hits, { itemId }],
  "a surface that is no text": [hits, { ...options, surface: 5 }],
  "a base score that is not finite": [hits, { ...options, baseScore: (_, index) => 1 / index }],
  "a base score that is no number": [hits, { ...options, baseScore: () => undefined }],
  "a base score that is a bigint": [hits, { ...options, baseScore: () => 1n }],
  "a baseScore that is no function": [hits, { ...options, baseScore: 5 }],
  "a strength beyond 1": [hits, { ...options, strength: 1.01 }],
  "a strength below 0": [hits, { ...options, strength: -0.01 }],
  "a strength that is NaN": [hits, { ...options, strength: NaN }],
  "a strength that is a text": [hits, { ...options, strength: "0.5" }],
  "a strength that is null": [hits, { ...options, strength: null }],
  "a diversity beyond 1": [hits, { ...options, diversity: 2 }],
  "a slot beyond the end": [hits, { ...options, pinned: (_, index) => (index === 0 ? 30 : undefined) }],
  "a slot below 0": [hits, { ...options, pinned: (_, index) => (index === 0 ? -1 : undefined) }],
  "a slot between two": [hits, { ...options, pinned: (_, index) => (index === 0 ? 1.5 : undefined) }],
  "a slot beyond all numbers": [hits, { ...options, pinned: () => 2 ** 32 }],
  "a slot for two": [hits, { ...options, pinned: (_, index) => (index < 2 ? 7 : undefined) }],
  "a maxShift below 0": [hits, { ...options, maxShift: -1 }],
  "a maxShift between two": [hits, { ...options, maxShift: 0.5 }],
  "a time that is none": [hits, { ...options, now: NaN }],
  "a time beyond all times": [hits, { ...options, now: 1e300 }],
  "a time budget below zero": [hits, { ...options, timeBudget: -1 }],
  "a time that is a Date": [hits, { ...options, now: new Date() }],
};

for (const [name, [candidates, request]] of Object.entries(unusable)) {
  test(`${name}: the incoming order, and a reason`, async () => {
    const session = sessionOf("item-003");
    let ranking;
    await warningsOf(() => (ranking = session.rerank(candidates, request)));
    assert.deepEqual([ranking.outcome, ranking.reason], ["unchanged", "invalid_argument"]);
    assert.deepEqual(ranking.items, Array.from(candidates ?? []));
    assert.equal(session.rerank(hits, options).outcome, "personalized", "the next request is answered");
  });
}

test("a call that takes longer than it may gives the incoming order, and the next such call is not begun", () => {
  const session = sessionOf("item-003");
  let asked = 0;
  const itemId = (hit) => (asked++, hit.id);
  const within = (timeBudget) => session.rerank(hits, { ...options, itemId, timeBudget });
  for (const _ of ["begun", "not begun"]) {
    const { outcome, reason, items } = within(0);
    assert.deepEqual([outcome, reason, items], ["unchanged", "over_budget", hits]);
    assert.equal(asked, hits.length);
  }
  assert.equal(within(60_000).outcome, "personalized");
  const { reason, items } = session.recommend({ surface: "home", limit: 3, timeBudget: 0 });
  assert.deepEqual([reason, items], ["over_budget", []]);
});

test("functions that change what they are called about harm nobody else", () => {
  const session = sessionOf("item-003");
  const shrinking = [...hits];
  const { items } = session.rerank(shrinking, { ...options, itemId: (hit) => (shrinking.pop(), hit.id) });
  assert.deepEqual(items, session.rerank(hits, options).items);

  const disposing = session.rerank(hits, { ...options, itemId: (hit) => (session.dispose(), hit.id) });
  assert.deepEqual([disposing.outcome, disposing.reason, disposing.items], ["unchanged", "disposed", hits]);
  assert.equal(sessionOf("item-003").rerank(hits, options).outcome, "personalized");
});

test("what cannot even be copied comes back as it is", async () => {
  const { proxy, revoke } = Proxy.revocable([...hits], {});
  revoke();
  const poison = Object.create(null);
  await warningsOf(() => {
    const session = sessionOf("item-003");
    assert.equal(session.rerank(proxy, options).reason, "invalid_argument");
    const throwing = () => {
      throw poison;
    };
    assert.deepEqual(session.rerank(hits, { ...options, itemId: throwing }).items, hits);
    assert.deepEqual(session.rerank(hits, { ...options, strength: poison }).items, hits);
  });
});

test("a limit is null or Infinity where there is none", () => {
  const session = sessionOf("item-003");
  const free = session.rerank(hits, options).items;
  assert.deepEqual(session.rerank(hits, { ...options, maxShift: Infinity, pinned: () => null }).items, free);
});

test("the console says once what is wrong", async () => {
  const other = await loadModel(await readModel("small"), { wasm });
  const session = other.session();
  const warnings = await warningsOf(() => {
    for (let n = 0; n < 5; n++) {
      session.recommend({ surface: "home", limit: 10, basis: n });
      session.recommend({ surface: "home", limit: 10, threshold: -1 });
    }
  });
  assert.equal(warnings.length, 2, warnings.join("\n"));
  for (const warning of warnings) assert.match(warning, /^reshelve changes nothing: `(basis|threshold)`/);
  other.dispose();
});

test("recommendations are items of the catalog, each once, best first", () => {
  const random = randomNumbers(2);
  for (const model of models) {
    for (const basis of ["session", "similar", "together", "popular", "trending", "recent", "again", undefined]) {
      for (const seeds of [undefined, ["item-004"], ["item-004", "elsewhere", "item-011"], ["elsewhere"], []]) {
        const session = model.session();
        session.record({ type: "view", itemId: "item-002", timestamp: NOW });
        const exclude = new Set(["item-001", "elsewhere", itemIds(1, Math.floor(random() * 40))[0]]);
        const limit = 1 + Math.floor(random() * 20);
        const request = { surface: "product", limit, seeds, basis, exclude, now: NOW };
        const { items, outcome } = session.recommend(request);
        const explained = session.recommend({ ...request, explain: true });
        assert.ok(outcome === "personalized" || outcome === "popular");
        assert.equal(items.length, Math.min(limit, model.info.itemCount));
        assert.equal(new Set(items.map(({ itemId }) => itemId)).size, items.length);
        for (const { itemId } of items) {
          assert.ok(model.has(itemId) && !exclude.has(itemId) && !seeds?.includes(itemId), itemId);
        }
        assert.deepEqual(explained.items, items);
        explained.explanations.forEach(({ itemId, score, from, to }, index) => {
          assert.deepEqual([itemId, score, from, to], [items[index].itemId, items[index].score, -1, index]);
        });
      }
    }
  }
});

test("recommendations say where they come from", () => {
  const request = { surface: "home", limit: 5, now: NOW };
  const check = (session, extra, outcome, reason) => {
    const found = session.recommend({ ...request, ...extra });
    assert.deepEqual([found.outcome, found.reason, found.items.length], [outcome, reason, 5]);
  };
  check(sessionOf("item-003"), {}, "personalized", undefined);
  check(sessionOf(), {}, "popular", "empty_session");
  check(sessionOf("elsewhere"), {}, "popular", "unknown_items");
  check(sessionOf("item-003"), { seeds: ["elsewhere"] }, "popular", "unknown_items");
});

test("a request for recommendations that is none gets none, and a reason", async () => {
  const request = { surface: "home", limit: 5, now: NOW };
  const unusable = [
    undefined,
    {},
    { ...request, surface: undefined },
    { ...request, limit: 0 },
    { ...request, limit: 1001 },
    { ...request, limit: 2.5 },
    { ...request, limit: 2 ** 32 + 5 },
    { ...request, limit: "5" },
    { ...request, seeds: 5 },
    { ...request, seeds: "item-003" },
    { ...request, exclude: 5 },
    { ...request, exclude: [5] },
    { ...request, basis: "best" },
    { ...request, basis: null },
    { ...request, threshold: 2 },
    { ...request, diversity: -1 },
    { ...request, now: "today" },
  ];
  await warningsOf(() => {
    for (const options of unusable) {
      const { outcome, reason, items } = sessionOf("item-003").recommend(options);
      assert.deepEqual(
        [outcome, reason, items],
        ["unchanged", "invalid_argument", []],
        Object.values(options ?? {}).join(),
      );
    }
  });
});
