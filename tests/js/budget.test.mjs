// What the hot path may cost: reranking 200 candidates, against the loop that one would write in plain JavaScript.

import assert from "node:assert/strict";
import test from "node:test";
import { loadModel } from "reshelve";
import { itemIds, randomNumbers, readModel, wasm } from "./setup.mjs";

/** Most times as long as the plain loop that `rerank` may take. */
const BUDGET = 4;
const CANDIDATES = 200;
const PAGES = 40;
const ROUNDS = 30;
const NOW = 1_780_000_000_000;

/** Ids looked up in a Map, dot products of Float32Arrays, and a sort: no session, no explanation, no rules. */
function plainReranker(ids, dimensions, random) {
  const rows = new Map(ids.map((id, row) => [id, row]));
  const vectors = Float32Array.from({ length: ids.length * dimensions }, () => random() - 0.5);
  const session = Float32Array.from({ length: dimensions }, () => random() - 0.5);
  return (candidates) => {
    const scores = new Float32Array(candidates.length);
    for (let index = 0; index < candidates.length; index++) {
      const start = rows.get(candidates[index].id) * dimensions;
      let sum = 0;
      for (let at = 0; at < dimensions; at++) sum += session[at] * vectors[start + at];
      scores[index] = sum;
    }
    const order = Uint32Array.from(candidates, (_, index) => index);
    order.sort((left, right) => scores[right] - scores[left]);
    return Array.from(order, (index) => candidates[index]);
  };
}

function median(numbers) {
  return numbers.sort((left, right) => left - right)[numbers.length >> 1];
}

test(`rerank takes at most ${BUDGET} times as long as plain JavaScript`, async (context) => {
  const model = await loadModel(await readModel("wide"), { wasm });
  const random = randomNumbers(3);
  const ids = itemIds(model.info.itemCount);
  const session = model.session();
  for (let n = 0; n < 20; n++) session.record({ type: "view", itemId: ids[n * 7], timestamp: NOW - n * 60_000 });
  const options = { surface: "search", itemId: (hit) => hit.id, now: NOW };
  const pages = Array.from({ length: PAGES }, () =>
    Array.from({ length: CANDIDATES }, () => ({ id: ids[Math.floor(random() * ids.length)] })),
  );
  assert.equal(session.rerank(pages[0], options).outcome, "personalized");

  // In turns, so that both see the same machine; the best round of each, because noise only adds.
  const contenders = [plainReranker(ids, model.info.dimensions, random), (page) => session.rerank(page, options).items];
  const best = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, rerank] of contenders.entries()) {
      const times = pages.map((page) => {
        const start = performance.now();
        rerank(page);
        return performance.now() - start;
      });
      best[index] = Math.min(best[index], median(times));
    }
  }
  model.dispose();
  const ratio = best[1] / best[0];
  const [plain, ours] = best.map((milliseconds) => `${(milliseconds * 1000).toFixed(1)} us`);
  context.diagnostic?.(`${ours}, plain JavaScript ${plain}: ${ratio.toFixed(2)} times`);
  assert.ok(ratio <= BUDGET, `${ours} against ${plain}: ${ratio.toFixed(2)} times`);
});
