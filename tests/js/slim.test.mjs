// The WebAssembly that orders lists and nothing else: the same orders as the full one, or the incoming order and why.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { loadModel } from "reshelve/slim";
import { itemIds, readCases, readModel, warningsOf } from "./setup.mjs";

const wasm = await readFile(fileURLToPath(import.meta.resolve("reshelve/slim/wasm")));

/** What it leaves out of a golden request. */
function isLeftOut({ context, diversity, discovery, broaden }) {
  return Boolean(context && Object.keys(context).length) || [diversity, discovery, broaden].some((share) => share > 0);
}

test("it gives the golden orders, or says what it leaves out", async () => {
  const { models, cases } = await readCases();
  const counts = { ordered: 0, leftOut: 0, refused: 0 };
  const warnings = await warningsOf(async () => {
    for (const name of Object.keys(models)) {
      if (["ranked", "ruled"].includes(name)) {
        // Rules must hold, and a learned ranker must have its say: no model is taken without.
        await assert.rejects(loadModel(await readModel(name), { wasm }), { code: "ERR_LEFT_OUT" });
        counts.refused += 1;
        continue;
      }
      const model = await loadModel(await readModel(name), { wasm });
      for (const testCase of cases.filter(({ model, rerank }) => model === name && rerank)) {
        const { candidates, base, prices, pinned, ...options } = testCase.rerank;
        const session = model.session(testCase.token, { now: options.now });
        for (const event of testCase.events ?? []) session.record(event);
        const { items, outcome, reason } = session.rerank([...candidates.keys()], {
          ...options,
          itemId: (index) => candidates[index],
          baseScore: base && ((index) => base[index]),
          price: prices && ((index) => prices[index] ?? undefined),
          pinned: pinned && ((index) => pinned[index] ?? undefined),
        });
        const leftOut = isLeftOut(options);
        const { expect } = testCase;
        const expected = leftOut
          ? [[...candidates.keys()], "unchanged", "left_out"]
          : [expect.order, expect.outcome, expect.reason];
        assert.deepEqual([items, outcome, reason], expected, testCase.name);
        counts[leftOut ? "leftOut" : "ordered"] += 1;
        session.dispose();
      }
      model.dispose();
    }
  });
  assert.equal(warnings.length, 1, "said once");
  assert.ok(counts.ordered > 100 && counts.leftOut > 0 && counts.refused === 2, JSON.stringify(counts));
});

test("what it leaves out is refused with a code, and breaks nothing", async () => {
  const model = await loadModel(await readModel("small"), { wasm });
  const session = model.session();
  const id = session.record({ type: "view", itemId: "item-003" });
  const ids = itemIds(8);
  const rerank = (options) => session.rerank(ids, { surface: "search", itemId: (id) => id, ...options });
  const before = rerank().items;
  assert.notDeepEqual(before, ids);

  await warningsOf(() => {
    for (const options of [
      { explain: true },
      { diversity: 0.5 },
      { discovery: 0.1 },
      { context: { season: "summer" } },
    ]) {
      const { items, outcome, reason } = rerank(options);
      assert.deepEqual([items, outcome, reason], [ids, "unchanged", "left_out"], JSON.stringify(options));
    }
    assert.equal(session.recommend({ surface: "home", limit: 3 }).reason, "left_out");
    assert.equal(session.order(["a"], { tags: () => [] }).reason, "left_out");
  });
  assert.throws(() => session.about(), { code: "ERR_LEFT_OUT" });
  assert.throws(() => model.useRules(new Uint8Array(4)), { code: "ERR_LEFT_OUT" });
  assert.deepEqual(rerank().items, before);

  const token = session.token();
  assert.deepEqual(model.session(token).events()[0].type, "view");
  assert.ok(session.forget(id));
  assert.deepEqual([rerank().items, rerank().reason], [ids, "empty_session"]);
});
