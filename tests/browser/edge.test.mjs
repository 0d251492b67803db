// A page that the example worker has ordered, in a browser: it is painted as it came, and the browser computes the very
// order from the same token, as of the moment that the worker names.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { loadModel } from "reshelve";
import { tokenCookie } from "reshelve/token";
import { GOLDEN, answers, list, page as pageOf, startWorker } from "../edge/worker.mjs";
import { engine, withPage } from "../harness/browser.mjs";
import { CONTENT_SECURITY_POLICY } from "../harness/server.mjs";

const PACKAGE = process.env.RESHELVE_PACKAGE;
const ids = Array.from({ length: 24 }, (_, index) => `item-${String(index).padStart(3, "0")}`);
const modelBytes = await readFile(path.join(GOLDEN, "wide.shelf"));
const model = await loadModel(modelBytes);

/** All that the origin serves, the package and the model for the page included. */
async function fillOrigin() {
  const types = { ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
  for (const file of await readdir(PACKAGE, { recursive: true })) {
    const type = types[path.extname(file)];
    if (type) answers[`/package/${file}`] = { type, body: await readFile(path.join(PACKAGE, file)) };
  }
  answers["/store.shelf"] = { type: "application/octet-stream", body: modelBytes };
  const head = `<link rel="icon" href="/icon.svg"><script src="/package/html/hold.js"></script>
    <link rel="stylesheet" href="/package/html/hold.css"><script type="module" src="/watch.js"></script>`;
  answers["/icon.svg"] = { type: "image/svg+xml", body: '<svg xmlns="http://www.w3.org/2000/svg"/>' };
  answers["/watch.js"] = {
    type: "text/javascript",
    body: `globalThis.moved = 0;
      if (PerformanceObserver.supportedEntryTypes.includes("layout-shift")) {
        const add = (list) => list.getEntries().forEach(({ value }) => (moved += value));
        new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
      }`,
  };
  const headers = { "cache-control": "public, max-age=600", "content-security-policy": CONTENT_SECURITY_POLICY };
  const body = pageOf(head, "<main data-reshelve>", list("category", ids), "</main>");
  answers["/tents"] = { headers, body };
  answers["/start"] = { headers, body: pageOf(head) };
}

/** What is painted, and what the browser makes of the token by itself. */
const look = async (ids) => {
  const { loadModel } = await import("/package/index.js");
  const { readToken } = await import("/package/token.js");
  const [navigation] = performance.getEntriesByType("navigation");
  const said = Object.fromEntries(navigation.serverTiming.map(({ name, description }) => [name, description]));
  const isHeld = document.documentElement.classList.contains("reshelve-hold");
  const shown = [...document.querySelectorAll("main li b")].map(({ textContent }) => textContent);
  const { token } = await readToken(document.cookie);
  const session = (await loadModel("/store.shelf")).session(token);
  const options = { surface: "category", itemId: (id) => id, now: Number(said["reshelve-now"]), explain: true };
  const { items, explanations } = session.rerank(ids, options);
  const { moved } = globalThis;
  return { said, isHeld, shown, items, scores: explanations.map(({ score }) => score), token, moved };
};

test(`a page that a worker has ordered, in ${engine}`, async () => {
  await fillOrigin();
  const assets = (file) =>
    new Response(file === "/store.shelf" ? modelBytes : "", { status: file === "/store.shelf" ? 200 : 404 });
  const worker = await startWorker({ assets });
  const origin = (await worker.ready).origin;
  await withPage(async (page) => {
    await page.goto(`${origin}/start`);
    for (const [index, viewed] of [
      ["item-003"],
      ["item-017", "item-009"],
      ["item-020", "item-001", "item-014"],
    ].entries()) {
      const session = model.session();
      for (const itemId of viewed)
        session.record({ type: "view", itemId, timestamp: Date.now() - 60_000 * (2 + index) });
      // WebKit takes cookies that say `Secure` over HTTPS alone.
      const line = tokenCookie(session.token()).replace("; Secure", "");
      await page.evaluate((line) => void (document.cookie = line), line);
      await page.goto(`${origin}/tents`);
      const seen = await page.evaluate(look, ids);
      assert.deepEqual([seen.said.reshelve, seen.isHeld, seen.moved], ["on", false, 0]);
      assert.equal(seen.token, session.token());
      assert.notDeepEqual(seen.shown, ids);
      assert.deepEqual(seen.shown, seen.items);
      const now = Number(seen.said["reshelve-now"]);
      const options = { surface: "category", itemId: (id) => id, now, explain: true };
      const { items, explanations } = model.session(seen.token).rerank(ids, options);
      assert.deepEqual([seen.items, seen.scores], [items, explanations.map(({ score }) => score)]);
    }
    assert.deepEqual(await page.errors(), []);
  });
});
