// The adapters: Web Storage and InstantSearch.

import assert from "node:assert/strict";
import test from "node:test";
import { loadModel } from "reshelve";
import { transformHits } from "reshelve/instantsearch";
import { loadRulesCompiler } from "reshelve/rules";
import { sessionStore } from "reshelve/storage";
import { itemIds, readModel, warningsOf, wasm } from "./setup.mjs";

const model = await loadModel(await readModel("small"), { wasm });
const hits = itemIds(20).map((objectID, index) => ({ objectID, __position: index + 1 }));

function sample() {
  const session = model.session();
  session.record({ type: "view", itemId: "item-003" });
  session.record({ type: "search", query: "socks" });
  return session;
}

/** A Web Storage that counts how often it is touched. */
function memory() {
  const held = new Map();
  const storage = {
    touched: 0,
    getItem: (key) => ((storage.touched += 1), held.get(key) ?? null),
    setItem: (key, value) => ((storage.touched += 1), void held.set(key, String(value))),
    removeItem: (key) => ((storage.touched += 1), void held.delete(key)),
  };
  return storage;
}

test("a store touches nothing until it is told to", () => {
  const storage = memory();
  let named = 0;
  const store = sessionStore(() => ((named += 1), storage));
  sample();
  assert.deepEqual([named, storage.touched], [0, 0]);
  assert.equal(store.persist(sample()), true);
  assert.deepEqual([named, storage.touched], [1, 1]);
});

test("a store gives back what was persisted, and nothing once it is erased", () => {
  const store = sessionStore(memory());
  assert.deepEqual(store.restore(model).events(), []);
  const session = sample();
  assert.equal(store.persist(session), true);
  assert.deepEqual(store.restore(model).state(), session.state());
  session.clear();
  assert.equal(store.persist(session), true);
  assert.deepEqual(store.restore(model).events(), []);
  assert.equal(store.persist(sample()), true);
  assert.equal(store.erase(), true);
  assert.deepEqual(store.restore(model).events(), []);
});

test("stores with other keys do not meet", () => {
  const storage = memory();
  sessionStore(storage, { key: "one" }).persist(sample());
  assert.equal(sessionStore(storage, { key: "two" }).restore(model).events().length, 0);
  assert.equal(sessionStore(storage, { key: "one" }).restore(model).events().length, 2);
});

test("old events are neither stored nor restored", () => {
  const storage = memory();
  const session = sample();
  session.record({ type: "view", itemId: "item-004", timestamp: Date.now() - 10_000 });
  assert.equal(sessionStore(storage, { maxAgeMs: 5_000 }).persist(session), true);
  assert.equal(sessionStore(storage).restore(model).events().length, 2);
  sessionStore(storage).persist(session);
  assert.equal(sessionStore(storage).restore(model).events().length, 3);
  assert.equal(sessionStore(storage, { maxAgeMs: 5_000 }).restore(model).events().length, 2);
});

test("blocked, full and foreign storage never throws", () => {
  const refuse = () => {
    throw new DOMException("refused", "SecurityError");
  };
  const blocked = [refuse, undefined, null, {}, { getItem: refuse, setItem: refuse, removeItem: refuse }];
  for (const storage of blocked) {
    const store = sessionStore(storage);
    assert.deepEqual(store.restore(model).events(), []);
    assert.equal(store.persist(sample()), false);
    assert.equal(store.erase(), false);
  }
  const foreign = ["", "null", "5", "{", "{}", '{"v":1}', '{"v":1,"events":5}', '{"v":1,"events":[null,5,{}]}'];
  for (const text of [...foreign, '{"v":2,"events":[]}']) {
    const store = sessionStore({ ...memory(), getItem: () => text });
    assert.deepEqual(store.restore(model).events(), [], text);
  }
  const disposed = sample();
  disposed.dispose();
  assert.equal(sessionStore(memory()).persist(disposed), false);
});

const results = { index: "products" };

test("hits come back as the same objects in the order of rerank", () => {
  const session = sample();
  const items = transformHits(session)(hits, { results });
  const { items: expected, outcome } = session.rerank(hits, { surface: "search", itemId: (hit) => hit.objectID });
  assert.equal(outcome, "personalized");
  assert.deepEqual(items, expected);
  assert.notDeepEqual(items, hits);
  assert.deepEqual(new Set(items), new Set(hits));
});

test("hits stay as they are while there is no session, and where the page says so", () => {
  let session;
  const transformItems = transformHits(() => session, { when: (metadata) => metadata.results.index === "products" });
  assert.equal(transformItems(hits, { results }), hits);
  session = sample();
  assert.notDeepEqual(transformItems(hits, { results }), hits);
  assert.equal(transformItems(hits, { results: { index: "products_by_price" } }), hits);
});

test("options reach rerank, and the answer is handed on", () => {
  const rankings = [];
  const transformItems = transformHits(sample(), {
    surface: "category",
    itemId: (hit) => hit.sku,
    explain: true,
    onRanking: (ranking, metadata) => rankings.push([ranking, metadata]),
  });
  const bySku = hits.map(({ objectID }) => ({ objectID: `hit of ${objectID}`, sku: objectID }));
  const items = transformItems(bySku, { results });
  const [[ranking, metadata]] = rankings;
  assert.deepEqual(ranking.items, items);
  assert.equal(ranking.explanations.length, hits.length);
  assert.deepEqual(metadata, { results });
});

test("hits that rules bar are left out", async () => {
  const [model, compiler] = await Promise.all([loadModel(await readModel("small"), { wasm }), loadRulesCompiler()]);
  model.useRules(compiler.compile("[[filter]]\nname = 'a'\ndrop = \"item in ['item-001', 'item-004']\""));
  const items = transformHits(model.session())(hits, { results });
  assert.deepEqual(
    items,
    hits.filter(({ objectID }) => !["item-001", "item-004"].includes(objectID)),
  );
});

test("hits that cannot be read stay as they are", async () => {
  await warningsOf(() => assert.deepEqual(transformHits(sample())([{ id: 1 }], { results }), [{ id: 1 }]));
});
