// One hundred shoppers of the demo store, each with what a visitor of its log did, and one page at the origin: the origin
// is asked once, every shopper gets an order of their own, and it is the order that Node gives, to the bit.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { EdgeRuntime } from "edge-runtime";
import { build } from "esbuild";
import { loadModel } from "reshelve";
import { answers, asked, bundle, folder, get, idsOf, list, page, start, startWorker } from "./worker.mjs";

const { RESHELVE_BIN, RESHELVE_STORE } = process.env;
const PACKAGE = process.env.RESHELVE_PACKAGE ?? path.resolve("target/package/reshelve");
const SHOPPERS = 100;
const MINUTE = 60_000;

const files = {
  "/store.shelf": await readFile(path.join(RESHELVE_STORE, "store.shelf")),
  "/store.rules": await readFile(path.join(RESHELVE_STORE, "store.rules")),
};
const model = await loadModel(files["/store.shelf"]);
model.useRules(files["/store.rules"]);
const PINNED = "tn-0105-fog";

/** A listing: items from all over the store, and one that its rules pin. */
const catalog = (await readFile(path.join(RESHELVE_STORE, "catalog.jsonl"), "utf8")).trim().split("\n");
const ids = catalog.map((line) => JSON.parse(line).item_id).filter((id, index) => index % 6 === 0 || id === PINNED);
const tokens = await realTokens();

/** Of the first visitors of the store's log who met three items or more: what they did, as if the last of it were just now. */
async function realTokens() {
  await promisify(execFile)(RESHELVE_BIN, ["sample", "--out", folder]);
  const visits = new Map();
  for (const line of (await readFile(path.join(folder, "events.csv"), "utf8")).trim().split("\n").slice(1)) {
    const [visitor, time, type, itemId] = line.split(",");
    if (itemId) visits.set(visitor, [...(visits.get(visitor) ?? []), { type, itemId, timestamp: Date.parse(time) }]);
  }
  const many = [...visits.values()].filter((events) => new Set(events.map(({ itemId }) => itemId)).size >= 3);
  return many.slice(0, SHOPPERS).map((events) => {
    const session = model.session();
    const shift = Date.now() - 5 * MINUTE - events.at(-1).timestamp;
    for (const event of events) session.record({ ...event, timestamp: event.timestamp + shift });
    const token = session.token();
    session.dispose();
    return token;
  });
}

/** What Node answers. */
function rerank(token, now) {
  const session = model.session(token);
  const { items, explanations } = session.rerank(ids, { surface: "category", itemId: (id) => id, now, explain: true });
  session.dispose();
  return { items, scores: explanations.map(({ score }) => score) };
}

test("a hundred shoppers, a hundred orders, one request to the origin", async () => {
  const body = page(list("category", ids));
  answers["/tents?page=1"] = { body, headers: { "cache-control": "public, max-age=600", etag: '"1"' } };
  const miniflare = await startWorker({ assets: (file) => new Response(files[file]) });
  const plain = () => get(miniflare, "/tents?page=1").then((response) => response.text());
  assert.equal(await plain(), body);
  assert.equal(asked.length, 1);

  const shoppers = await Promise.all(
    tokens.map(async (token, index) => {
      const response = await get(miniflare, "/tents?page=1", `visit=${index}; reshelve=${token}`);
      const now = /reshelve-now;desc="(\d+)"/.exec(response.headers.get("server-timing"))[1];
      return { token, now: Number(now), html: await response.text() };
    }),
  );
  assert.equal(shoppers.length, SHOPPERS);
  for (const { token, now, html } of shoppers) {
    const { items } = rerank(token, now);
    assert.equal(items[0], PINNED);
    assert.equal(html, page(list("category", items, "reshelved")));
  }
  assert.equal(new Set(shoppers.map(({ html }) => idsOf(html).join(" "))).size, SHOPPERS);

  // Every page after the first one came out of the cache, and it is the origin's to the byte.
  assert.equal(await plain(), body);
  assert.equal(asked.length, 1);
  const kept = await get(miniflare, "/tents?page=1", undefined, { headers: { "if-none-match": '"1"' } });
  assert.equal(kept.status, 304);
});

test("pages that are not for everyone are not kept", async () => {
  const body = page(list("category", ids));
  const miniflare = await startWorker({ assets: (file) => new Response(files[file]) });
  const cases = {
    "without a word on caching": {},
    "for one browser": { "cache-control": "private, max-age=600" },
    "not for long": { "cache-control": "max-age=600" },
    "with a cookie": { "cache-control": "public, max-age=600", "set-cookie": "a=1" },
    "by cookie": { "cache-control": "public, max-age=600", vary: "accept-encoding, Cookie" },
    "not any more": { "cache-control": "public, max-age=0" },
  };
  for (const [index, [name, headers]] of Object.entries(cases).entries()) {
    answers[`/not-kept/${index}`] = { body, headers };
    const before = asked.length;
    for (let visit = 0; visit < 3; visit++) {
      const response = await get(miniflare, `/not-kept/${index}`, visit === 1 ? `reshelve=${tokens[0]}` : undefined);
      await response.arrayBuffer();
    }
    assert.equal(asked.length - before, 3, name);
  }
});

/** Answers with the order and the scores for each token. */
const ANSWER = `
const toBytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
async function answer(request, load) {
  const { tokens, ids, now, shelf, rules } = await request.json();
  const model = await load(toBytes(shelf));
  model.useRules(toBytes(rules));
  const answers = tokens.map((token) => {
    const options = { surface: "category", itemId: (id) => id, now, explain: true };
    const { items, explanations } = model.session(token).rerank(ids, options);
    return { items, scores: explanations.map(({ score }) => score) };
  });
  return Response.json(answers);
}`;

/** When the shoppers ask: the same moment everywhere. */
const now = Date.now();
const question = () => ({
  method: "POST",
  body: JSON.stringify({
    ...{ tokens, ids, now },
    shelf: files["/store.shelf"].toString("base64"),
    rules: files["/store.rules"].toString("base64"),
  }),
});

test("workerd gives the orders and the scores of Node", async () => {
  const contents = `import { loadModel } from "reshelve";
    ${ANSWER}
    export default { fetch: (request) => answer(request, loadModel) };`;
  const stdin = { contents, resolveDir: import.meta.dirname };
  const miniflare = await start({ modules: await bundle({ stdin }) });
  const response = await miniflare.dispatchFetch("http://edge/", question());
  assert.deepEqual(
    await response.json(),
    tokens.map((token) => rerank(token, now)),
  );
});

/** An edge-runtime that runs this script. */
async function startEdgeRuntime(contents, globals = {}) {
  const stdin = { contents, resolveDir: import.meta.dirname };
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: "iife" });
  const wasm = new Uint8Array(await readFile(path.join(PACKAGE, "wasm/reshelve.wasm")));
  return new EdgeRuntime({
    initialCode: outputFiles[0].text,
    extend: (context) => Object.assign(context, { wasm, ...globals }),
  });
}

test("edge-runtime gives the orders and the scores of Node", async () => {
  const runtime = await startEdgeRuntime(`import { loadModel } from "reshelve/slim";
    ${ANSWER}
    const load = (bytes) => loadModel(bytes, { wasm: globalThis.wasm });
    addEventListener("fetch", (event) => event.respondWith(answer(event.request, load)));`);
  const response = await runtime.dispatchFetch("http://edge/", question());
  assert.deepEqual(
    await response.json(),
    tokens.map((token) => rerank(token, now)),
  );
});

test("edge-runtime orders pages as they stream, by sealed tokens too", async () => {
  const contents = `import { loadModel } from "reshelve/slim";
    import { reorderHtml } from "reshelve/html";
    import { createSealer, readToken, tokenCookie } from "reshelve/token";
    const loading = loadModel(globalThis.shelf, { wasm: globalThis.wasm }).then((model) => {
      model.useRules(globalThis.rules);
      return model;
    });
    async function answer(request) {
      const sealer = await createSealer(globalThis.key);
      const { token } = await readToken(request.headers.get("cookie"), { sealer });
      const session = (await loading).session(token);
      const reorder = (surface, items) =>
        session.rerank(items, { surface, itemId: ({ id }) => id, now: globalThis.now });
      const headers = { "set-cookie": tokenCookie(await sealer.seal(token)) };
      return new Response(request.body.pipeThrough(reorderHtml(reorder)), { headers });
    }
    addEventListener("fetch", (event) => event.respondWith(answer(event.request)));`;
  const [shelf, rules] = Object.values(files).map((file) => new Uint8Array(file));
  const runtime = await startEdgeRuntime(contents, { shelf, rules, now, key: randomBytes(32).toString("base64") });
  for (const token of tokens.slice(0, 10)) {
    const expected = page(list("category", rerank(token, now).items, "reshelved"));
    let cookie = `reshelve=${token}`;
    // As the page has written it, and as this worker has sealed it.
    for (let visit = 0; visit < 2; visit++) {
      const body = page(list("category", ids));
      const response = await runtime.dispatchFetch("http://edge/", { method: "POST", body, headers: { cookie } });
      assert.equal(await response.text(), expected);
      [cookie] = response.headers.get("set-cookie").split(";");
      assert.match(cookie, /^reshelve=[\w-]{160}$/);
    }
  }
});
