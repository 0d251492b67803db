// The adapter for InstantSearch.

import assert from "node:assert/strict";
import test from "node:test";
import { loadModel } from "reshelve";
import { transformHits } from "reshelve/instantsearch";
import { loadRulesCompiler } from "reshelve/rules";
import { itemIds, readModel, warningsOf, wasm } from "./setup.mjs";

const model = await loadModel(await readModel("small"), { wasm });
const hits = itemIds(20).map((objectID, index) => ({ objectID, __position: index + 1 }));

function sample() {
  const session = model.session();
  session.record({ type: "view", itemId: "item-003" });
  session.record({ type: "search", query: "socks" });
  return session;
}

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

test("an answer is told once for each results, however often their hits are transformed", () => {
  let told = 0;
  const transformItems = transformHits(sample(), { onRanking: () => (told += 1) });
  for (const metadata of [{ results }, { results }, { results: { ...results } }, { results }]) {
    assert.notDeepEqual(transformItems(hits, metadata), hits);
  }
  assert.equal(told, 2);
});

test("what throws of the functions given changes nothing", async () => {
  const broken = () => {
    throw new Error("of the page's own");
  };
  for (const given of [
    [sample(), { when: broken }],
    [sample(), { onRanking: broken }],
    [broken, {}],
  ]) {
    const [message] = await warningsOf(() => assert.deepEqual(transformHits(...given)(hits, { results }), hits));
    assert.match(String(message), /a function given to `transformHits` has thrown/);
  }
});

test("options that are undefined are those that were not given", () => {
  const plain = transformHits(sample())(hits, { results });
  assert.notDeepEqual(plain, hits);
  assert.deepEqual(transformHits(sample(), { surface: undefined, itemId: undefined })(hits, { results }), plain);
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
