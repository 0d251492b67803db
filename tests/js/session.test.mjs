// Sessions: what can be recorded, and that a session is no more than the events it holds.

import assert from "node:assert/strict";
import test from "node:test";
import { loadModel } from "reshelve";
import { itemIds, readModel, wasm } from "./setup.mjs";

const NOW = 1_780_000_000_000;
const model = await loadModel(await readModel("small"), { wasm });

const view = (itemId, timestamp = NOW) => ({ type: "view", itemId, timestamp });
const hits = itemIds(30).map((id) => ({ id }));
/** Everything that a session makes of the candidates. */
const scores = (session) =>
  session.rerank(hits, { surface: "search", itemId: ({ id }) => id, now: NOW, explain: true }).explanations;

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
  for (let n = 0; n < 300; n++) session.record(view("item-001", NOW + n));
  session.record(view("item-001", NOW));
  const events = session.events();
  assert.equal(events.length, 256);
  assert.equal(events[0].timestamp, NOW + 44);
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
  assert.deepEqual(restored.state(), session.state());
  assert.deepEqual(scores(restored), scores(session));
});

test("a token restores what it can hold", () => {
  const session = sample();
  const token = session.token();
  assert.match(token, /^[A-Za-z0-9_-]{1,120}$/);
  const restored = model.session(token);
  assert.deepEqual(
    restored.events().map(({ type, itemId }) => [type, itemId]),
    [
      ["view", "item-001"],
      ["add_to_cart", "item-009"],
      ["view", undefined],
    ],
  );
  assert.equal(restored.token(), token);
  assert.equal(restored.state().events.length, 2, "an item without an id cannot be stored");
});

test("no state and no token makes it throw", () => {
  const empty = [
    "",
    "no token",
    "🦀",
    "A".repeat(5000),
    null,
    5,
    [],
    {},
    { v: 2, events: [view("item-001")] },
    { v: 1 },
    { v: 1, events: "events" },
    { v: 1, events: unsound.map(([event]) => event) },
    { v: 1, events: { length: 5 } },
  ];
  for (const [index, from] of empty.entries()) assert.deepEqual(model.session(from).events(), [], `state ${index}`);
  const half = { v: 1, events: [...unsound.map(([event]) => event), view("item-001", NOW)] };
  assert.equal(model.session(half).events().length, 1);
  const long = { v: 1, events: Array.from({ length: 100_000 }, (_, n) => view("item-001", n)) };
  assert.equal(model.session(long).events()[0].timestamp, 100_000 - 256);
});

test("a session that was disposed of says so, and reorders nothing", () => {
  const session = sample();
  session.dispose();
  session.dispose();
  const calls = ["events", "clear", "state", "token"].map((name) => () => session[name]());
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
