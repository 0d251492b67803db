// Published models: shards as they come from the command, joined in WebAssembly.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { loadModel } from "reshelve";
import { openPublished } from "reshelve/published";
import { itemIds, readModel, wasm } from "./setup.mjs";

const NOW = 1_780_000_000_000;
const GOLDEN = process.env.RESHELVE_GOLDEN;
const ids = itemIds(300);
const whole = await loadModel(await readModel("indexed"), { wasm });

/** Publishes models one after the other into a new folder, and gives its manifest and its address. */
async function publish(t, models, ...options) {
  const folder = await mkdtemp(path.join(tmpdir(), "reshelve-published-"));
  t.after(() => rm(folder, { recursive: true }));
  for (const model of models) {
    const from = path.isAbsolute(model) ? model : path.join(GOLDEN, `${model}.shelf`);
    await promisify(execFile)(process.env.RESHELVE_BIN, ["publish", from, "-o", folder, ...options]);
  }
  const manifest = JSON.parse(await readFile(path.join(folder, "manifest.json"), "utf8"));
  return { folder, manifest, address: pathToFileURL(path.join(folder, "manifest.json")) };
}

/** What a model says of items after some events. */
function scores(model, candidates, seen) {
  const session = model.session();
  for (const [age, itemId] of seen.entries()) session.record({ type: "view", itemId, timestamp: NOW - 60_000 * age });
  const options = { surface: "search", itemId: (id) => id, explain: true, now: NOW };
  const { items, explanations } = session.rerank(candidates, options);
  return items.map((id, at) => [id, explanations[at].score]);
}

const rejects = (promise, code, message) =>
  assert.rejects(promise, (error) => {
    assert.deepEqual([error.name, error.code], ["RankerError", code], error.message);
    assert.match(error.message, message);
    return true;
  });

test("shards come one after the other, and say what the whole model says", async (t) => {
  const { address, manifest } = await publish(t, ["indexed"], "--first", "40", "--most", "60");
  assert.ok(manifest.shards.length > 3);
  const published = await openPublished(address, { wasm });
  assert.equal(published.model.info.itemCount, 40);
  const known = () => ids.filter((id) => published.model.has(id));
  const same = () => {
    const [candidates, seen] = [known(), known().slice(3, 9)];
    assert.deepEqual(scores(published.model, candidates, seen), scores(whole, candidates, seen));
  };
  same();
  const first = published.model;
  const [early] = known();
  assert.equal(await published.load("first"), first);

  const strange = ids.filter((id) => !first.has(id)).slice(0, 3);
  const covered = await published.cover([...strange, "not-of-the-model"]);
  assert.ok(strange.every((id) => covered.has(id)));
  assert.equal(await published.cover(strange), covered);
  assert.notEqual(covered, first);
  assert.ok(first.has(early), "the model before is there until it is disposed of");
  same();

  const rest = published.shards.filter(({ loaded }) => !loaded).map(({ name }) => name);
  for (const name of new Set(rest)) await published.load(name);
  assert.ok(published.shards.every(({ loaded }) => loaded));
  assert.deepEqual([published.id, published.model.info.id], [manifest.model, manifest.model]);
  assert.equal(published.model.info.id, whole.info.id);
  same();
});

test("a model of one shard is that file", async (t) => {
  const { address, manifest } = await publish(t, ["indexed"]);
  assert.equal(manifest.directory, undefined);
  const published = await openPublished(address, { wasm });
  assert.equal(published.model.info.id, whole.info.id);
  assert.equal(await published.cover(["not-of-the-model"]), published.model);
  assert.equal(await published.load("anything"), published.model);
  assert.equal(await published.update(), published.model);
});

test("what cannot be used changes nothing, and says why", async (t) => {
  const { address, folder, manifest } = await publish(t, ["indexed"], "--first", "40", "--most", "60");
  const { itemCount } = whole.info;
  const published = await openPublished(address, { wasm });
  const before = published.model;
  const other = path.join(folder, manifest.shards[1].file);
  const bytes = await readFile(other);
  bytes[100] ^= 1;
  await writeFile(other, bytes);
  await rejects(published.load(manifest.shards[1].name), "ERR_MODEL_INTEGRITY", /the file has changed/);
  await rm(other);
  await rejects(published.load(manifest.shards[1].name), "ERR_MODEL_FETCH", /cannot download/);
  await rejects(published.load(7), "ERR_INVALID_ARGUMENT", /path of a category/);
  assert.equal(published.model, before);
  assert.deepEqual(
    published.shards.map(({ loaded }) => loaded).filter(Boolean).length,
    1,
    "only the first shard is there",
  );
  assert.ok(before.info.itemCount < itemCount);

  await writeFile(path.join(folder, "manifest.json"), "{}");
  await rejects(published.update(), "ERR_MODEL_FORMAT", /no manifest that `reshelve publish` has written/);
  const shards = [{ ...manifest.shards[0], file: "../elsewhere.shelf" }];
  await writeFile(path.join(folder, "manifest.json"), JSON.stringify({ ...manifest, shards }));
  await rejects(published.update(), "ERR_MODEL_FORMAT", /it has no shards/);
  await writeFile(path.join(folder, "manifest.json"), JSON.stringify({ version: 2 }));
  await rejects(published.update(), "ERR_MODEL_VERSION", /has version 2, this release reads 1/);
  await rejects(openPublished(7), "ERR_INVALID_ARGUMENT", /address of a manifest/);
  assert.equal(published.model, before);
});

/** Gives shards the names of other categories, and the model another id, as if another version had been published. */
async function rename({ folder, manifest }, names, model = manifest.model) {
  const shards = manifest.shards.map((shard, at) => ({ ...shard, name: names[at] ?? "other" }));
  await writeFile(path.join(folder, "manifest.json"), JSON.stringify({ ...manifest, shards, model }));
}

const loaded = (published) => published.shards.filter(({ loaded }) => loaded).map(({ name }) => name);

test("a category brings what is in it, or the one that it was put into, and stays loaded when it is divided", async (t) => {
  const at = await publish(t, ["indexed"], "--first", "40", "--most", "60");
  const { address, manifest } = at;
  assert.ok(manifest.shards.length >= 5);
  await rename(at, ["first", "Camp > Packs", "Camp > Tents", "Camp"]);
  const open = () => openPublished(address, { wasm });
  const small = await open();
  await small.load("Camp > Light > Candles");
  assert.deepEqual(loaded(small), ["first", "Camp"]);
  const all = await open();
  await all.load("Camp");
  assert.deepEqual(loaded(all), ["first", "Camp > Packs", "Camp > Tents", "Camp"]);
  const unknown = await open();
  await unknown.load("Sea");
  assert.deepEqual(new Set(loaded(unknown)), new Set(["first", "other"]));

  await rename(at, ["first", "Camp > Packs", "Camp > Tents", "Camp > Light"], "0123456789abcdef");
  await small.update();
  assert.deepEqual(loaded(small), ["first", "Camp > Packs", "Camp > Tents", "Camp > Light"]);
});

test("an update brings what follows what was loaded, and nothing else", async (t) => {
  const at = await publish(t, ["indexed"], "--first", "40", "--most", "60");
  const { address, manifest } = at;
  assert.equal(manifest.shards.length, 6);
  await rename(at, ["first", "A", "B", "C", "D", "E"]);
  const probe = await openPublished(address, { wasm });
  const first = probe.model;
  await probe.load("E");
  const last = ids.find((id) => probe.model.has(id) && !first.has(id));

  await rename(at, ["first", "Camp > Packs", "Camp > Tents", "Camp"], "0000000000000001");
  const published = await openPublished(address, { wasm });
  const places = () => published.shards.flatMap(({ loaded }, place) => (loaded ? [place] : []));
  await published.load("Camp > Candles");
  await published.cover([last]);
  assert.deepEqual(places(), [0, 3, 5]);
  const next = async (id, ...names) => {
    await rename(at, ["first", ...names], id);
    await published.update();
    return places();
  };
  assert.deepEqual(await next("0000000000000002", "Camp > Packs", "Camp > Tents", "Camp"), [0, 3, 5], "all as before");
  // Candles, which were with the rest of the category, have a shard of their own.
  assert.deepEqual(await next("0000000000000003", "Camp > Packs", "Camp > Candles", "Camp"), [0, 2, 3, 5]);
  // They are with the rest again, which tents come out of.
  assert.deepEqual(await next("0000000000000004", "Camp > Packs", "Camp > Tents", "Camp"), [0, 2, 3, 5]);
});

test("what other models have in the cache stays there", async (t) => {
  const { folder, address } = await publish(t, ["indexed"]);
  const below = path.join(folder, "fr");
  await promisify(execFile)(process.env.RESHELVE_BIN, ["publish", path.join(GOLDEN, "small.shelf"), "-o", below]);
  const held = new Map([[String(new URL("0123456789abcdef.shelf", address)), new Response("of a version before")]]);
  const cache = {
    match: async (url) => held.get(url)?.clone(),
    put: async (url, response) => void held.set(url, response),
    keys: async () => [...held.keys()].map((url) => ({ url })),
    delete: async ({ url }) => held.delete(url),
  };
  const { shards } = await openPublished(pathToFileURL(path.join(below, "manifest.json")), { wasm, cache });
  assert.equal(shards.length, 1);
  const [, other] = held.keys();
  await openPublished(address, { wasm, cache });
  assert.equal(held.size, 2);
  assert.ok(held.has(other));
});

test("the signal ends the opening, and nothing later", async (t) => {
  const { address } = await publish(t, ["indexed"], "--first", "40", "--most", "60");
  const controller = new AbortController();
  const opening = openPublished(address, { wasm, signal: controller.signal });
  const published = await opening;
  controller.abort(new Error("too late"));
  assert.ok((await published.cover(ids)).info.itemCount > 40);
  await published.update();
  await assert.rejects(openPublished(address, { wasm, signal: controller.signal }), /too late/);
});

test("a cache that cannot be listed serves all the same", async (t) => {
  const { address, folder } = await publish(t, ["indexed"], "--first", "40", "--most", "60");
  const held = new Map();
  // As workerd has it.
  const cache = {
    match: async (url) => held.get(url)?.clone(),
    put: async (url, response) => void held.set(url, response),
    keys: () => {
      throw new Error("not implemented");
    },
  };
  await openPublished(address, { wasm, cache });
  assert.equal(held.size, 1);
  for (const file of held.keys()) await rm(path.join(folder, path.basename(new URL(file).pathname)));
  assert.equal((await openPublished(address, { wasm, cache })).model.info.itemCount, 40);
});

test("memory has a limit, and what is loaded stays", async (t) => {
  const { address } = await publish(t, ["indexed"], "--first", "40", "--most", "60");
  let published, failure;
  // Again where memory of other tests' models was collected meanwhile, so that there was room for all.
  for (let attempt = 0; !failure && attempt < 5; attempt++) {
    published = undefined;
    // As much as there must be for the first shard, beside what other tests have loaded, and hardly more.
    for (let maxMemory = 1000; !published; maxMemory += 1000) {
      published = await openPublished(address, { wasm, maxMemory }).catch(({ code }) => {
        assert.equal(code, "ERR_MEMORY_LIMIT");
      });
    }
    failure = await published.cover(ids).then(
      () => undefined,
      (error) => error,
    );
  }
  assert.equal(failure?.code, "ERR_MEMORY_LIMIT");
  assert.match(failure.message, /maxMemory/);
  assert.equal(published.model.info.itemCount, 40);
  assert.ok(ids.some((id) => published.model.has(id)));
});
