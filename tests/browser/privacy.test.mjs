// Nothing leaves: thirty events of shopping under a policy that lets nothing connect any more, counted by the server and
// by the browser; and a store whose service worker serves it without a network, personalization included.

import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { engine, withPage } from "../harness/browser.mjs";
import { serve } from "../harness/server.mjs";
import { eventCount, go, inBlock, listed, openData, text, waitForText, withStore } from "./store.mjs";

const CAMP = "#/shelves/Camp";
const NOTHING = { databases: [], tab: [], local: [], caches: [], cookie: "" };

/** Everything that the browser holds for the store. */
const device = (page) =>
  page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    tab: Object.keys(sessionStorage),
    local: Object.keys(localStorage),
    caches: await caches.keys(),
    cookie: document.cookie,
  }));

/**
 * Puts `connect-src 'none'` in force in a page that has loaded, and everything else that could fetch beside it: a policy
 * that is added later can only forbid more. Every engine takes one from a `meta` that a script puts into the head.
 */
const closeTheDoor = (page) =>
  page.evaluate(async (url) => {
    globalThis.violations = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
      globalThis.violations.push(`${effectiveDirective} ${blockedURI}`),
    );
    const meta = document.createElement("meta");
    meta.httpEquiv = "Content-Security-Policy";
    meta.content =
      "default-src 'none'; connect-src 'none'; script-src 'wasm-unsafe-eval'; style-src 'none'; img-src 'none'; " +
      "font-src 'none'; worker-src 'none'; frame-src 'none'; form-action 'none'";
    document.head.append(meta);
    // It is in force, for every way there is: each of these would reach the server.
    const attempts = {
      fetch: () => fetch(url).then(() => "sent"),
      beacon: () => (navigator.sendBeacon(url, "x") ? "queued" : "refused"),
      image: () =>
        new Promise((resolve, reject) => {
          const image = new Image();
          Object.assign(image, { onload: () => resolve("sent"), onerror: () => reject(new Error("refused")) });
          image.src = url;
        }),
      request: () =>
        new Promise((resolve, reject) => {
          const request = new XMLHttpRequest();
          Object.assign(request, { onload: () => resolve("sent"), onerror: () => reject(new Error("refused")) });
          request.open("GET", url);
          request.send();
        }),
    };
    const outcomes = {};
    for (const [name, attempt] of Object.entries(attempts)) {
      outcomes[name] = await new Promise((resolve) => resolve(attempt())).catch(() => "refused");
    }
    globalThis.violations.length = 0;
    return outcomes;
  }, "/door.svg?attempt");

/** Shops: searches, looks at things, puts some into the cart, wishes, buys; at least thirty events. */
async function shop(page) {
  for (const [department, count] of [
    ["#/shelves/Home", 9],
    ["#/shelves/Camp/Sleeping", 8],
    ["#/shelves/Packs", 6],
  ]) {
    await go(page, department);
    for (const item of (await listed(page)).slice(0, count)) await go(page, `#/product/${item}`);
    await page.click(".product-actions .button");
  }
  await page.click(".wish");
  await go(page, "#/search?q=lamp");
  await page.evaluate(() => document.querySelector(".card-more").click());
  await page.click(".menu [data-say='not']");
  await go(page, "#/cart");
  await page.click("[aria-label^='One more']");
  await page.click(".summary .button");
  await page.click(".checkout .button");
  await page.waitFor(".cart .empty");
}

test(`thirty events of shopping ask nobody for anything, ${engine}`, { timeout: 180_000 }, () =>
  withStore(async (page, server) => {
    await go(page, CAMP);
    const before = await listed(page);
    await go(page, "#/");
    const entrance = await inBlock(page, "for-you");

    const outcomes = await closeTheDoor(page);
    const refused = { fetch: "refused", image: "refused", request: "refused" };
    assert.deepEqual({ ...outcomes, beacon: undefined }, { ...refused, beacon: undefined });
    // What a beacon says of itself is the engine's affair; that it does not arrive is seen by the server.
    await sleep(200);
    assert.deepEqual(
      server.requests.filter((path) => path.includes("attempt")),
      [],
    );
    const [requests, asked] = [server.requests.length, (await page.requests()).length];
    const errors = (await page.errors()).length;

    await shop(page);
    assert.ok((await eventCount(page)) >= 30, `only ${await eventCount(page)} events`);
    await go(page, CAMP);
    assert.notDeepEqual(await listed(page), before, "listings change");
    await go(page, "#/");
    assert.notDeepEqual(await inBlock(page, "for-you"), entrance, "the entrance changes");
    assert.equal(await text(page, "#block-for-you"), "For you");
    await openData(page);
    await sleep(300);

    assert.deepEqual(server.requests.slice(requests), [], "the server was asked for nothing");
    assert.deepEqual((await page.requests()).slice(asked), [], "the browser has asked for nothing");
    assert.deepEqual(await page.evaluate(() => globalThis.violations), [], "nothing has even tried");
    assert.deepEqual((await page.errors()).slice(errors), []);
    assert.deepEqual(await device(page), NOTHING, "nothing is stored under the tier `none`");
    assert.equal(await page.evaluate(() => document.querySelector(".place input:checked").value), "none");
  }),
);

test(`without a network a store that is kept on the device personalizes, ${engine}`, { timeout: 180_000 }, async () => {
  const folders = { "/": process.env.RESHELVE_SITE, "/offline/": path.join(import.meta.dirname, "offline") };
  const server = await serve(folders, { headers: { "Service-Worker-Allowed": "/" } });
  const { url } = server;
  let isUp = true;
  try {
    await withPage(async (page) => {
      const open = async (search) => {
        await page.goto(`${url}/${search}`);
        await page.waitFor("html[data-ready] main h1");
      };
      await open("");
      await page.evaluate(async () => {
        await navigator.serviceWorker.register("/offline/worker.js", { scope: "/" });
        await navigator.serviceWorker.ready;
        if (!navigator.serviceWorker.controller)
          await new Promise((resolve) =>
            navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }),
          );
      });
      // Once more through the worker, which keeps pages, modules, WebAssembly, model and catalog.
      await open("?kept");
      await go(page, CAMP);
      const own = await listed(page);
      for (const item of own.slice(3, 9)) await go(page, `#/product/${item}`);
      await go(page, CAMP);
      const yours = await listed(page);
      assert.notDeepEqual(yours, own);
      await openData(page);
      await page.click(".place input[value='persist']");
      await page.evaluate(async () => {
        const isStored = () => document.querySelector("[data-stored='database']") !== null;
        while (!isStored()) await new Promise(requestAnimationFrame);
      });

      await server.close();
      isUp = false;
      const isGone = await page.evaluate(() =>
        fetch("/never-kept?").then(
          () => false,
          () => true,
        ),
      );
      assert.ok(isGone, "there is no network");
      await open("?kept");
      assert.equal(await eventCount(page), 6, "the shopper's visit is there");
      await go(page, CAMP);
      assert.deepEqual(await listed(page), yours, "in the shopper's order");
      const [next] = (await listed(page)).slice(-1);
      await go(page, `#/product/${next}`);
      await go(page, CAMP);
      assert.notDeepEqual(await listed(page), yours, "which goes on to follow what they do");
      await openData(page);
      await waitForText(page, "[data-figure='requests'] dd", "0");
    });
  } finally {
    if (isUp) await server.close();
  }
});
