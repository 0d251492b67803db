// The shopper where there is no browser: what a session may hold under which consent, documents from outside, and
// retention as a function of an event and a time.

import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { loadModel } from "reshelve";
import { openShopper } from "reshelve/shopper";
import { itemIds, readModel, wasm } from "./setup.mjs";

const model = await loadModel(await readModel("small"), { wasm });
const hits = itemIds(30).map((id) => ({ id }));
const order = (shopper) => shopper.session.rerank(hits, { surface: "search", itemId: ({ id }) => id });
const view = (itemId, timestamp) => ({ type: "view", itemId, timestamp });

/** A module of the package that users do not import. */
const inside = (file) =>
  import(pathToFileURL(path.join(process.env.RESHELVE_PACKAGE ?? path.resolve("node_modules/reshelve"), file)));
const { keptUntil, retentionOf, RETENTION_DAYS, DAY_MS } = await inside("shopper/retention.js");
const { sift } = await inside("shopper/records.js");

const NOW = 1_780_000_000_000;

test("an event is kept for the days of its type, from when it happened", () => {
  const cases = [
    [{ type: "view", timestamp: NOW }, {}, NOW + 30 * DAY_MS],
    [{ type: "view", timestamp: NOW - 5 * DAY_MS }, {}, NOW + 25 * DAY_MS],
    [{ type: "purchase", timestamp: NOW }, {}, NOW + 365 * DAY_MS],
    [{ type: "view", timestamp: NOW }, { view: 2.5 }, NOW + 2.5 * DAY_MS],
    [{ type: "view", timestamp: NOW }, { view: 0 }, NOW],
    // A clock that was ahead.
    [{ type: "view", timestamp: NOW + 9 * DAY_MS }, { view: 1 }, NOW + DAY_MS],
  ];
  for (const [event, days, until] of cases) assert.equal(keptUntil(event, retentionOf(days), NOW), until);
});

test("what is no model is refused, one that is still on its way above all", async () => {
  for (const none of [undefined, null, {}, loadModel(await readModel("small"), { wasm })])
    await assert.rejects(openShopper(none), { code: "ERR_INVALID_ARGUMENT", message: /loadModel .* awaited$/ });
});

test("days that are none leave the default", () => {
  for (const days of [undefined, {}, { view: -1 }, { view: NaN }, { view: "soon" }, { buy: 5 }, { view: undefined }])
    assert.deepEqual(retentionOf(days), RETENTION_DAYS);
});

test("what storage gives back is told apart, whatever it is", () => {
  const until = NOW + DAY_MS;
  const event = view("item-001", NOW - 1);
  const sound = { key: "sound", v: 1, until, event };
  const values = [
    sound,
    { ...sound, key: "long", until: NOW + 400 * DAY_MS, event: view("item-002", NOW - 2) },
    { ...sound, key: "over", until: NOW },
    { ...sound, key: "over by type", event: view("item-003", NOW - 31 * DAY_MS) },
    { ...sound, key: "newer", v: 2, event: "anything" },
    { ...sound, key: "later type", event: { type: "tried_on" } },
    { ...sound, key: "newer, over", v: 9, until: NOW - 1 },
    { ...sound, key: "no item id", event: { ...event, itemId: 5 } },
    { ...sound, key: "no event", event: null },
    ...[null, undefined, 5, "text", [], {}, { ...sound, key: 5 }, { ...sound, v: 0.5 }, { ...sound, until: NaN }],
  ];
  const { sound: kept, shortened, newer, expired, damaged } = sift(values, retentionOf(), NOW);
  assert.deepEqual(
    kept.map(({ key, until }) => [key, until]),
    [
      ["long", NOW - 2 + 30 * DAY_MS],
      ["sound", until],
    ],
  );
  assert.deepEqual(shortened, ["long", "over by type"]);
  assert.deepEqual(
    newer.map(({ key }) => key),
    ["newer", "later type"],
  );
  assert.deepEqual(expired, ["over", "over by type", "newer, over"]);
  assert.equal(damaged.length, 11);
});

test("without a browser every tier works, and says where it does not keep anything", async () => {
  for (const consent of ["none", "session", "persist"]) {
    const shopper = await openShopper(model, { consent, name: `shopper ${consent}` });
    shopper.session.record(view("item-003"));
    assert.equal(order(shopper).outcome, "personalized");
    await shopper.settled();
    const { tier, problems } = shopper.status;
    assert.equal(tier, consent);
    if (consent === "none") assert.deepEqual(problems, []);
    await shopper.consent("off");
    assert.deepEqual([shopper.session.events(), order(shopper).items], [[], hits]);
    assert.equal(shopper.session.record(view("item-003")), undefined);
    await shopper.close();
  }
});

test("consent that is unknown to the package changes nothing", async () => {
  const shopper = await openShopper(model, { consent: "none" });
  shopper.session.record(view("item-003"));
  for (const tier of ["", "all", undefined, null, 5, {}, "toString"]) {
    const { tier: held, problems } = await shopper.consent(tier);
    assert.deepEqual([held, problems.map(({ code }) => code)], ["none", ["consent_unknown"]]);
  }
  assert.equal(shopper.session.events().length, 1);
  await shopper.close();
});

test("a document holds every field of every event, and nothing of where it came from", async () => {
  const shopper = await openShopper(model, { consent: "none" });
  const events = [
    { type: "view", itemId: "item-003", timestamp: NOW, quantity: 1 },
    { type: "add_to_cart", itemId: "elsewhere", timestamp: NOW + 1, quantity: 3, gift: true },
    { type: "search", query: "warm socks", timestamp: NOW + 2, quantity: 1 },
  ];
  // Long ago, which `none` forgets with the next event: so of today.
  const shift = Date.now() - NOW - 10;
  for (const event of events) shopper.session.record({ ...event, timestamp: event.timestamp + shift });
  const document = shopper.export();
  assert.deepEqual(Object.keys(document), ["format", "v", "exportedAt", "events"]);
  assert.deepEqual(
    document.events,
    events.map((event) => ({ ...event, timestamp: event.timestamp + shift })),
  );
  const other = await openShopper(model, { consent: "none" });
  assert.deepEqual(other.import(JSON.stringify(document)), { outcome: "whole", added: 3 });
  assert.deepEqual(other.export().events, document.events);
  assert.deepEqual(order(other).items, order(shopper).items);
  await Promise.all([shopper.close(), other.close()]);
});

const document = (events, more = {}) => ({ format: "reshelve-shopper", v: 1, events, ...more });
const sound = () => view("item-003", Date.now() - 1000);

test("what is brought from outside is judged, and never throws", async () => {
  const cases = [
    [undefined, "refused", "damaged", 0],
    [null, "refused", "damaged", 0],
    [5, "refused", "damaged", 0],
    [[], "refused", "damaged", 0],
    ["", "refused", "damaged", 0],
    ["no code", "refused", "damaged", 0],
    ["{", "refused", "damaged", 0],
    ["{}", "refused", "damaged", 0],
    [`{"format":"reshelve-shopper","v":1,"events":[${"0,".repeat(600_000)}0]}`, "refused", "damaged", 0],
    [document("events"), "refused", "damaged", 0],
    [document([], { v: 2 }), "refused", "version", 0],
    [document([], { format: "another" }), "refused", "damaged", 0],
    [document([]), "whole", undefined, 0],
    [document([sound()]), "whole", undefined, 1],
    [document([sound(), null]), "partial", "damaged", 1],
    [document([sound(), { ...sound(), itemId: "" }]), "partial", "damaged", 1],
    [document([{ ...sound(), itemId: 5 }]), "refused", "damaged", 0],
    [document([{ ...sound(), type: "buy" }]), "refused", "damaged", 0],
    [document([{ ...sound(), type: "__proto__" }]), "refused", "damaged", 0],
    [document([{ ...sound(), timestamp: Date.now() + 3 * DAY_MS }]), "refused", "damaged", 0],
  ];
  for (const [from, outcome, reason, added] of cases) {
    const shopper = await openShopper(model, { consent: "none" });
    const expected = reason ? { outcome, reason, added } : { outcome, added };
    assert.deepEqual(shopper.import(from), expected, JSON.stringify(from)?.slice(0, 100));
    assert.equal(shopper.session.events().length, added);
    await shopper.close();
  }
});

test("a code of what is held adds nothing, however it rounds", async () => {
  const shopper = await openShopper(model, { consent: "none" });
  const now = Date.now();
  // From seconds to weeks ago.
  for (let n = 0; n < 7; n += 1) shopper.session.record(view(itemIds(7)[n], now - 11_111 * 7 ** n));
  const { events } = shopper.export();
  assert.equal(events.length, 7);
  assert.deepEqual(shopper.import(shopper.code()), { outcome: "whole", added: 0 });
  assert.deepEqual(shopper.export().events, events);
  await shopper.close();
});

test("of a long document the newest events are taken", async () => {
  const shopper = await openShopper(model, { consent: "none" });
  const now = Date.now();
  const events = Array.from({ length: 1000 }, (_, n) => ({
    type: "search",
    query: `socks ${n}`,
    timestamp: now - 1000 + n,
  }));
  const { outcome, added } = shopper.import(document(events));
  assert.deepEqual([outcome, added], ["partial", 256]);
  assert.equal(shopper.session.events().at(-1).query, "socks 999");
  await shopper.close();
});

test("an event that is none is refused as by any session", async () => {
  const shopper = await openShopper(model, { consent: "none" });
  assert.throws(() => shopper.session.record({ type: "buy", itemId: "item-001" }), { code: "ERR_INVALID_ARGUMENT" });
  assert.deepEqual(shopper.session.events(), []);
  await shopper.close();
});

test("what a promise says does not undo what was said meanwhile", async () => {
  const open = (answer, say) =>
    openShopper(model, {
      consent: (set) => {
        if (say) setTimeout(() => set(say));
        return new Promise((resolve) => setTimeout(() => resolve(answer), 20));
      },
    });
  for (const [answer, say, expected] of [
    ["session", undefined, "session"],
    ["session", "none", "none"],
  ]) {
    const shopper = await open(answer, say);
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(shopper.status.tier, expected);
    await shopper.close();
  }
});

test("a session that was disposed of does no harm", async () => {
  const shopper = await openShopper(model, { consent: "none" });
  shopper.session.record(view("item-001"));
  shopper.session.dispose();
  await shopper.settled();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(
    shopper.status.problems.map(({ code }) => code),
    ["session_failed"],
  );
  assert.throws(() => shopper.session.events(), { code: "ERR_DISPOSED" });
  await shopper.close();
});
