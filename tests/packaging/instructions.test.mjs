// How many WebAssembly instructions the package's calls take, on a catalog of 10,000 items in 64 dimensions. The same on every
// machine, so that what makes a call slower is noticed where times would be noise.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { loadModel } from "reshelve";

/**
 * Most instructions that each may take: what it took when this was last set, and 3 %. A vector counts as one, and so does
 * copying memory, however long.
 */
const BUDGETS = {
  load: 6_773_000,
  "recommend 20": 296_500,
  "rerank 48": 208_100,
  "rerank 200": 609_500,
  "rerank 1000": 2_797_200,
  "record, then rerank 48": 222_800,
  "recommend 20, looking at all": 1_171_500,
};

const NOW = 1_780_000_000_000;
const { instantiate } = WebAssembly;
let counter;
WebAssembly.instantiate = async (...given) => {
  const made = await instantiate(...given);
  counter = (made.instance ?? made).exports.instructions;
  return made;
};

const itemId = (row) => `sku-${String(row).padStart(7, "0")}`;
const view = (row, minutesAgo) => ({ type: "view", itemId: itemId(row), timestamp: NOW - minutesAgo * 60_000 });

test("no call takes more instructions than its budget", async () => {
  const [shelf, wasm] = await Promise.all([
    readFile(path.join(process.env.RESHELVE_WORLD, "store.shelf")),
    readFile(process.env.RESHELVE_COUNTED_WASM),
  ]);
  const counts = {};
  const count = async (name, work) => {
    const before = counter?.value ?? 0n;
    await work();
    counts[name] = Number(counter.value - before);
  };
  let model;
  await count("load", async () => (model = await loadModel(shelf, { wasm })));
  const session = model.session();
  for (let place = 0; place < 5; place++) session.record(view(137 * place, 5 - place));
  const recommend = () => session.recommend({ surface: "home", limit: 20, now: NOW });
  const rerank = (length) => {
    const ids = Array.from({ length }, (_, index) => itemId((index * 7919) % 10_000));
    return session.rerank(ids, { surface: "category", itemId: (id) => id, now: NOW });
  };
  // What only the first call does is not counted.
  assert.equal(recommend().outcome, "personalized");
  assert.equal(rerank(1000).outcome, "personalized");
  await count("recommend 20", recommend);
  for (const length of [48, 200, 1000]) await count(`rerank ${length}`, () => rerank(length));
  await count("record, then rerank 48", () => {
    session.record(view(4711, 0));
    rerank(48);
  });
  // What is not wanted may bring any item forward: the index is left aside.
  session.record({ type: "less_like_this", itemId: itemId(4711), timestamp: NOW });
  await count("recommend 20, looking at all", recommend);
  const over = Object.entries(counts).filter(([name, taken]) => taken > BUDGETS[name]);
  assert.deepEqual(over, [], `taken: ${JSON.stringify(counts)}`);
});
