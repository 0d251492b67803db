// Sessions: what can be recorded, and that a session is no more than the events it holds.

import assert from "node:assert/strict";
import test from "node:test";
import { loadModel } from "reshelve";
import { loadRulesCompiler } from "reshelve/rules";
import { tracedRerank } from "reshelve/trace";
import { itemIds, randomNumbers, readModel, wasm } from "./setup.mjs";

const NOW = 1_780_000_000_000;
const model = await loadModel(await readModel("small"), { wasm });

const view = (itemId, timestamp = NOW) => ({ type: "view", itemId, timestamp });
const hits = itemIds(30).map((id) => ({ id }));
/** Everything that a session makes of the candidates. */
const scores = (session) =>
  session.rerank(hits, { surface: "search", itemId: ({ id }) => id, now: NOW, explain: true }).explanations;

test("model and session have names of their own, by which libraries leave them unproxied", () => {
  assert.deepEqual([String(model), String(model.session())], ["[object Model]", "[object Session]"]);
});

test("events come back as they were recorded, in order of time", () => {
  const session = model.session();
  assert.equal(session.record({ type: "add_to_cart", itemId: "item-003", timestamp: NOW + 1, quantity: 3 }), 0);
  assert.equal(session.record({ type: "search", query: "warm socks", timestamp: NOW + 3 }), 1);
  assert.equal(session.record({ type: "click", itemId: "elsewhere", query: "socks", timestamp: NOW + 2 }), 2);
  assert.deepEqual(session.events(), [
    { id: 0, type: "add_to_cart", itemId: "item-003", timestamp: NOW + 1, quantity: 3 },
    { id: 2, type: "click", itemId: "elsewhere", query: "socks", timestamp: NOW + 2, quantity: 1 },
    { id: 1, type: "search", query: "warm socks", timestamp: NOW + 3, quantity: 1 },
  ]);
});

test("an event without a time happens now", () => {
  const session = model.session();
  const before = Date.now();
  session.record({ type: "view", itemId: "item-001" });
  const { timestamp } = session.events()[0];
  assert.ok(timestamp >= before && timestamp <= Date.now());
});

test("every type of event is known, and no other", () => {
  const session = model.session();
  const types = ["view", "click", "add_to_cart", "remove_from_cart", "wishlist", "purchase", "return", "impression"];
  types.push("not_interested", "less_like_this");
  for (const type of types) session.record({ type, itemId: "item-001", timestamp: NOW });
  session.record({ type: "search", query: "", timestamp: NOW });
  assert.deepEqual(
    session.events().map(({ type }) => type),
    [...types, "search"],
  );
});

const unsound = [
  [undefined, /`type`/],
  [null, /`type`/],
  [{}, /`type`/],
  [{ type: "buy", itemId: "item-001" }, /`buy` is no type/],
  [{ type: "VIEW", itemId: "item-001" }, /no type/],
  [{ type: "toString", itemId: "item-001" }, /no type/],
  [{ type: Symbol.iterator, itemId: "item-001" }, /`type`/],
  [{ type: "view" }, /needs an `itemId`/],
  [{ type: "view", itemId: "" }, /needs an `itemId`/],
  [{ type: "view", itemId: "x".repeat(1025) }, /1 to 1024 bytes/],
  [{ type: "view", itemId: 17 }, /`itemId` must be a string, not number/],
  [{ type: "view", itemId: { toString: () => "item-001" } }, /`itemId` must be a string/],
  [{ type: "search" }, /needs its `query`/],
  [{ type: "search", query: 5 }, /`query` must be a string/],
  [{ ...view("item-001"), timestamp: NaN }, /`timestamp`/],
  [{ ...view("item-001"), timestamp: Infinity }, /`timestamp`/],
  [{ ...view("item-001"), timestamp: "2026-01-01" }, /`timestamp` must be a number/],
  [{ ...view("item-001"), timestamp: 1_796_000_000 }, /`timestamp` must count milliseconds.* not seconds/],
  [{ ...view("item-001"), timestamp: 10n }, /`timestamp` must be a number/],
  [{ ...view("item-001"), quantity: 0 }, /`quantity`/],
  [{ ...view("item-001"), quantity: 1.5 }, /`quantity`/],
  [{ ...view("item-001"), quantity: 65_536 }, /`quantity`/],
  [{ ...view("item-001"), quantity: NaN }, /`quantity`/],
];

test("an event that is none is refused, and leaves no trace", () => {
  const session = model.session();
  for (const [event, message] of unsound) {
    assert.throws(() => session.record(event), { name: "RankerError", code: "ERR_INVALID_ARGUMENT", message });
  }
  assert.deepEqual(session.events(), []);
});

test("any text is an id", () => {
  const session = model.session();
  for (const itemId of ["Ä ö", "商品", "🦀", "\u0000", "a\nb", "x".repeat(1024)]) {
    session.record(view(itemId));
    assert.equal(session.events().at(-1).itemId, itemId);
  }
  session.record(view("\ud800"));
});

test("the newest 256 events are kept", () => {
  const session = model.session();
  for (let n = 0; n < 300; n++) assert.equal(session.record(view(`item-${n}`, NOW + n)), n);
  assert.equal(session.record(view("item-001", NOW)), undefined, "older than all of them");
  const events = session.events();
  assert.equal(events.length, 256);
  assert.equal(events[0].timestamp, NOW + 44);
});

test("impressions push nothing out that was done", () => {
  const session = model.session();
  session.record(view("item-001"));
  const shown = (n) => session.record({ type: "impression", itemId: "item-002", timestamp: NOW + n });
  for (let n = 1; n <= 200; n++) shown(n);
  assert.equal(shown(0), undefined, "older than all of them");
  const events = session.events();
  assert.deepEqual([events.length, events[0].type, events[1].timestamp], [129, "view", NOW + 73]);
  assert.deepEqual(model.session(session.state()).state(), session.state());
});

test("a forgotten event leaves the session of a shopper who never did it", () => {
  const all = ["item-001", "item-007", "item-012", "elsewhere"];
  for (const forgotten of all) {
    const [one, other] = [model.session(), model.session()];
    for (const [n, id] of all.entries()) {
      one.record(view(id, NOW - n));
      if (id !== forgotten) other.record(view(id, NOW - n));
    }
    assert.equal(one.forget(all.indexOf(forgotten)), true);
    assert.equal(one.forget(all.indexOf(forgotten)), false);
    assert.deepEqual(one.state(), other.state());
    assert.equal(one.token(), other.token());
    assert.deepEqual(scores(one), scores(other));
  }
});

test("only an event's own id forgets it", () => {
  const session = model.session();
  session.record(view("item-001"));
  for (const id of [1, -1, 0.5, NaN, 2 ** 32, "0", null, undefined]) assert.equal(session.forget(id), false);
  assert.equal(session.events().length, 1);
  session.clear();
  assert.deepEqual(session.events(), []);
  assert.equal(session.record(view("item-001")), 1, "ids are never used again");
});

function sample() {
  const session = model.session();
  session.record(view("item-001", NOW - 5 * 60_000));
  session.record({ type: "search", query: "socks", timestamp: NOW - 4 * 60_000 });
  session.record({ type: "add_to_cart", itemId: "item-009", timestamp: NOW - 3 * 60_000, quantity: 2 });
  session.record(view("elsewhere", NOW - 2 * 60_000));
  return session;
}

test("a state restores the session, through JSON", () => {
  const session = sample();
  const restored = model.session(JSON.parse(JSON.stringify(session.state())));
  assert.deepEqual(restored.restored, { outcome: "whole", events: 4 });
  assert.deepEqual(restored.state(), session.state());
  assert.deepEqual(scores(restored), scores(session));
});

test("a token restores what it can hold", () => {
  const session = sample();
  const token = session.token();
  assert.match(token, /^[A-Za-z0-9_-]{1,120}$/);
  const restored = model.session(token, { now: NOW });
  assert.deepEqual(
    restored.events().map(({ type, itemId }) => [type, itemId]),
    [
      ["view", "item-001"],
      ["add_to_cart", "item-009"],
    ],
  );
  assert.deepEqual(restored.restored, { outcome: "partial", reason: "foreign", events: 2 }, "one has no id any more");
  const again = model.session(restored.token(), { now: NOW });
  assert.deepEqual(again.restored, { outcome: "whole", events: 2 });
  assert.equal(again.token(), restored.token());
  assert.deepEqual(scores(again), scores(restored));
});

test("a token holds the eight items that say most", () => {
  const session = model.session();
  for (let n = 0; n < 20; n++) session.record(view(`item-0${20 + n}`, NOW - (20 - n) * 60_000));
  session.record({ type: "purchase", itemId: "item-003", timestamp: NOW - 40 * 60_000 });
  session.record({ type: "add_to_cart", itemId: "item-001", timestamp: NOW - 50 * 60_000 });
  session.record({ type: "not_interested", itemId: "item-002", timestamp: NOW - 60 * 60_000 });
  const token = session.token();
  assert.ok(token.length <= 120, token);
  const told = model.session(token, { now: NOW }).events();
  assert.equal(told.length, 8);
  assert.deepEqual(
    told.slice(0, 2).map(({ type, itemId }) => [type, itemId]),
    [
      ["not_interested", "item-002"],
      ["add_to_cart", "item-001"],
    ],
  );
});

test("a token is read for thirty days, or as long as is asked", () => {
  const token = sample().token();
  const DAY_MS = 24 * 60 * 60_000;
  const restored = (options) => model.session(token, options).restored.reason;
  assert.equal(restored({ now: NOW + 29 * DAY_MS }), "foreign");
  assert.equal(restored({ now: NOW + 31 * DAY_MS }), "expired");
  assert.equal(restored({ now: NOW - 31 * DAY_MS }), "expired");
  assert.equal(restored({ now: NOW + 31 * DAY_MS, maxAgeMs: 32 * DAY_MS }), "foreign");
  assert.equal(restored({ now: NOW + 1000 * DAY_MS, maxAgeMs: Infinity }), "foreign");
});

test("no state and no token makes it throw, and each says what became of it", () => {
  const empty = [
    [undefined, "none"],
    [null, "none"],
    ["", "refused", "damaged"],
    ["no token", "refused", "damaged"],
    ["🦀", "refused", "damaged"],
    ["A".repeat(5000), "refused", "damaged"],
    ["ATmtxAEZmEHGV7FJxgBw", "refused", "version"],
    [5, "refused", "damaged"],
    [[], "refused", "damaged"],
    [{}, "refused", "damaged"],
    [{ v: 2, events: [view("item-001")] }, "refused", "version"],
    [{ v: 1 }, "refused", "damaged"],
    [{ v: 1, events: "events" }, "refused", "damaged"],
    [{ v: 1, events: unsound.map(([event]) => event) }, "refused", "damaged"],
    [{ v: 1, events: { length: 5 } }, "refused", "damaged"],
    [{ v: 1, events: [] }, "whole"],
    [model.session().token(), "whole"],
  ];
  for (const [index, [from, outcome, reason]] of empty.entries()) {
    const session = model.session(from);
    assert.deepEqual(session.events(), [], `state ${index}`);
    assert.deepEqual(session.restored, { outcome, ...(reason && { reason }), events: 0 }, `state ${index}`);
    assert.equal(session.isPersonal, false);
  }
  const half = model.session({ v: 1, events: [...unsound.map(([event]) => event), view("item-001", NOW)] });
  assert.equal(half.events().length, 1);
  assert.deepEqual(half.restored, { outcome: "partial", reason: "damaged", events: 1 });
  const long = { v: 1, events: Array.from({ length: 100_000 }, (_, n) => view("item-001", NOW + n * 60_000)) };
  assert.equal(model.session(long).events()[0].timestamp, NOW + (100_000 - 256) * 60_000);
});

test("the same again within half a minute is one event", () => {
  const session = model.session();
  assert.equal(session.record(view("item-001")), 0);
  assert.equal(session.record(view("item-001", NOW + 30_000)), undefined);
  assert.equal(session.record(view("item-001", NOW - 30_000)), undefined);
  assert.equal(session.record(view("item-001", NOW + 30_001)), 1);
  assert.equal(session.record(view("item-002")), 2);
  assert.equal(session.record({ ...view("item-001"), type: "click" }), 3);
  assert.equal(session.record({ ...view("item-001"), gift: true }), 4);
  assert.equal(session.record({ type: "search", query: "socks", timestamp: NOW }), 5);
  assert.equal(session.record({ type: "search", query: "socks", timestamp: NOW + 9 }), undefined);
  assert.equal(session.record({ type: "search", query: "warm socks", timestamp: NOW + 9 }), 6);
  const often = ["add_to_cart", "add_to_cart", "remove_from_cart", "remove_from_cart", "impression", "impression"];
  for (const [n, type] of often.entries()) assert.equal(session.record({ ...view("item-003"), type }), 7 + n, type);
});

test("an event that is forgotten takes its repeats with it, over random histories", () => {
  const random = randomNumbers(5);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const types = [
    "view",
    "click",
    "add_to_cart",
    "purchase",
    "wishlist",
    "not_interested",
    "less_like_this",
    "impression",
  ];
  const once = new Set(["view", "click", "purchase", "wishlist", "not_interested", "less_like_this"]);
  for (let round = 0; round < 60; round++) {
    const history = Array.from({ length: 3 + Math.floor(random() * 20) }, () => ({
      ...{ type: pick(types), itemId: pick(itemIds(8)), gift: random() < 0.2 },
      timestamp: NOW - Math.floor(random() * 240) * 1000,
    }));
    const one = model.session();
    const ids = history.map((event) => one.record(event));
    const at = Math.floor(random() * history.length);
    const key = ({ type, itemId, gift }) => `${type} ${itemId} ${gift}`;
    const isRepeat = (event) =>
      once.has(event.type) &&
      key(event) === key(history[at]) &&
      Math.abs(event.timestamp - history[at].timestamp) <= 30_000;
    const other = model.session();
    const isPart = (event, n) => ids[at] !== undefined && ids[n] === undefined && isRepeat(event);
    for (const [n, event] of history.entries()) if (n !== at && !isPart(event, n)) other.record(event);
    if (ids[at] !== undefined) assert.equal(one.forget(ids[at]), true);
    assert.deepEqual(one.state(), other.state());
    assert.equal(one.token(), other.token());
    assert.equal(one.isPersonal, other.isPersonal);
    assert.deepEqual(scores(one), scores(other));
    assert.deepEqual(one.about({ now: NOW }), other.about({ now: NOW }));
  }
});

test("numbers that are none are refused with a code, and harm nothing", async () => {
  const session = model.session();
  const refused = { name: "RankerError", code: "ERR_INVALID_ARGUMENT" };
  for (const options of [{ now: NaN }, { now: "today" }, { without: ["a"] }, { without: 5 }])
    assert.throws(() => session.about(options), refused);
  const strange = { valueOf: () => assert.fail("it is no number") };
  for (const options of [{ now: strange }, { maxAgeMs: Symbol("age") }])
    assert.throws(() => model.session(session.token(), options), refused);
  assert.equal(model.session(session.token(), { now: 10n }).restored.outcome, "whole");
  const { items } = session.rerank(hits, { surface: "search", itemId: ({ id }) => id });
  assert.deepEqual(items, hits);
});

test("any whole number is a seed", () => {
  const session = model.session();
  for (const itemId of ["item-000", "item-004"]) session.record({ type: "view", itemId, timestamp: NOW });
  const order = (seed) =>
    session
      .recommend({ surface: "home", basis: "discovery", limit: 5, seed, now: NOW })
      .items.map((item) => item.itemId);
  for (const seed of [7, 2 ** 32 - 1]) assert.deepEqual(order(seed), order(seed + 2 ** 32 * 1000));
});

test("what is not wanted comes last, is not recommended, and is no interest", () => {
  const session = model.session();
  assert.equal(session.isPersonal, false);
  session.record({ type: "not_interested", itemId: "item-000", timestamp: NOW });
  session.record({ type: "less_like_this", itemId: "item-004", timestamp: NOW });
  assert.equal(session.isPersonal, true);
  assert.deepEqual(session.about({ now: NOW }), { segment: "new", affinities: [] });
  const options = { surface: "search", itemId: ({ id }) => id, now: NOW, strength: 0.5, explain: true };
  const { items, outcome, explanations } = session.rerank(hits, options);
  assert.deepEqual([outcome, items.at(-1).id], ["personalized", "item-000"]);
  assert.deepEqual(explanations.at(-1).reason, { code: "unwanted", itemId: "item-000", eventType: "not_interested" });
  const averse = explanations.find(({ itemId }) => itemId === "item-004");
  assert.ok(averse.parts.aversion < -1000 && averse.parts.aversion >= -4096, `${averse.parts.aversion}`);
  for (const { parts } of explanations.slice(0, -1))
    assert.ok(parts.aversion <= 0 && parts.aversion >= averse.parts.aversion);
  assert.deepEqual(averse.reason, { code: "unwanted", itemId: "item-004", eventType: "less_like_this" });
  for (const { parts, score } of explanations) {
    assert.equal(
      Object.values(parts).reduce((sum, part) => sum + part),
      score,
    );
  }
  assert.deepEqual(session.rerank(hits, { ...options, strength: 0 }).items, hits);
  const pinned = session.rerank(hits, { ...options, pinned: ({ id }) => (id === "item-000" ? 0 : undefined) });
  assert.equal(pinned.items[0].id, "item-000", "what a page pins stands where it says");
  const found = session.recommend({ surface: "home", limit: 40, now: NOW });
  assert.deepEqual([found.outcome, found.items.length], ["personalized", 39]);
  assert.ok(found.items.every(({ itemId }) => itemId !== "item-000"));
  const gift = { surface: "home", limit: 40, now: NOW, gift: true };
  assert.equal(session.recommend(gift).items.length, 40, "a gift is for someone else");
});

test("what is sensitive is not kept, whatever door it comes by", async () => {
  const ruled = await loadModel(await readModel("ruled"), { wasm });
  const compiler = await loadRulesCompiler();
  ruled.useRules(compiler.compile('[[filter]]\nname = "sensitive"\ndrop = "sensitive"\n'));
  const all = itemIds(60).map((id) => ({ id }));
  // The rules say which they are.
  const { items, barred } = ruled.session().rerank(all, { surface: "search", itemId: ({ id }) => id });
  ruled.useRules(null);
  const sensitive = items.slice(60 - barred).map(({ id }) => id);
  assert.ok(sensitive.length > 5 && sensitive.length < 55);
  const open = all.map(({ id }) => id).filter((id) => !sensitive.includes(id));
  const session = ruled.session();
  const types = ["view", "purchase", "impression", "not_interested"];
  for (const type of types) {
    for (const itemId of sensitive) {
      assert.equal(session.record({ type, itemId, timestamp: NOW, gift: itemId < "item-030" }), undefined);
    }
  }
  assert.deepEqual([session.events(), session.isPersonal], [[], false]);
  session.record({ type: "search", query: "socks", timestamp: NOW });
  session.record({ ...view(open[0]), query: "socks" });
  assert.ok(!JSON.stringify(session.state()).includes("socks"), "words may be sensitive where items are");
  session.clear();
  const events = [view(sensitive[0]), view(open[0], NOW + 1), view(sensitive[1], NOW + 2)];
  const restored = ruled.session({ v: 1, events });
  assert.deepEqual(restored.restored, { outcome: "partial", reason: "sensitive", events: 1 });
  assert.deepEqual(ruled.session({ v: 1, events: [events[0]] }).restored, {
    ...{ outcome: "refused", reason: "sensitive", events: 0 },
  });
  // A model that marks nothing writes a token of the same items.
  const foreign = model.session({ v: 1, events: events.slice(0, 2) });
  assert.equal(ruled.session(foreign.token(), { now: NOW }).restored.reason, "sensitive");
  // Nor does any come out: by a token that the other model reads, by what is told of the shopper, by a trace.
  assert.deepEqual(
    model
      .session(restored.token(), { now: NOW })
      .events()
      .map(({ itemId }) => itemId),
    [open[0]],
  );
  const { trace } = tracedRerank(restored, all, { surface: "search", itemId: ({ id }) => id, now: NOW });
  const told = JSON.stringify([restored.state(), restored.about({ now: NOW }), trace.state]);
  assert.ok(told.includes(open[0]) && sensitive.every((id) => !told.includes(id)), told);
  const request = { surface: "product", limit: 20, seeds: sensitive.slice(0, 3), explain: true, now: NOW };
  for (const { reason } of restored.recommend(request).explanations) assert.ok(!sensitive.includes(reason.itemId));
  ruled.dispose();
});

test("a session that was disposed of says so, and reorders nothing", () => {
  const session = sample();
  session.dispose();
  session.dispose();
  const calls = ["events", "clear", "state", "token"].map((name) => () => session[name]());
  calls.push(() => session.isPersonal);
  for (const call of [...calls, () => session.record(view("item-001")), () => session.forget(0)]) {
    assert.throws(call, { code: "ERR_DISPOSED" });
  }
  const ranking = session.rerank(hits, { surface: "search", itemId: ({ id }) => id });
  assert.deepEqual([ranking.outcome, ranking.reason, ranking.items], ["unchanged", "disposed", hits]);
  const found = session.recommend({ surface: "home", limit: 3 });
  assert.deepEqual([found.outcome, found.reason, found.items], ["unchanged", "disposed", []]);
});

test("disposing of a model disposes of its sessions", async () => {
  const other = await loadModel(await readModel("wide"), { wasm });
  const session = other.session();
  other.dispose();
  assert.throws(() => session.events(), { code: "ERR_DISPOSED" });
  assert.equal(session.rerank(hits, { surface: "search", itemId: ({ id }) => id }).reason, "disposed");
  session.dispose();
  assert.equal(model.session().events().length, 0, "other models live on");
});

test("`using` disposes, where the engine has it", { skip: !Symbol.dispose && "no Symbol.dispose" }, () => {
  const session = model.session();
  session[Symbol.dispose]();
  assert.throws(() => session.events(), { code: "ERR_DISPOSED" });
});
