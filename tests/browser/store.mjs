// The demo store as the tests meet it: opened in a browser, walked through, looked at.

import { createServer } from "node:http";
import { withPage } from "../harness/browser.mjs";
import { serve } from "../harness/server.mjs";

/**
 * Serves the store, opens it, and waits until it is ready.
 *
 * @param {(page: import("../harness/browser.mjs").Page, server: { url: string, requests: string[] }) => Promise<void>} use
 * @param {{ headers?: Record<string, string>, preferences?: object }} [options] headers of every answer; preferences as
 *   for `withPage`
 */
export async function withStore(use, options) {
  const server = await serve(process.env.RESHELVE_SITE, options);
  try {
    await withPage(async (page) => {
      await page.goto(`${server.url}/`);
      await page.waitFor("html[data-ready] main h1");
      await use(page, server);
    }, options);
  } finally {
    await server.close();
  }
}

/** Serves what another server does, but for paths that are never answered: as a network that has stopped does. */
export async function withoutAnswer(url, paths, use) {
  const server = createServer(async (request, response) => {
    if (paths.includes(request.url)) return;
    const answer = await fetch(url + request.url);
    response.writeHead(answer.status, { "Content-Type": answer.headers.get("Content-Type") });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Goes to an address within the page, as a link does. */
export const go = (page, hash) =>
  page.evaluate(
    (hash) =>
      new Promise((resolve) => {
        if (location.hash === hash) return resolve();
        // The store listens too, and was there first: when this is called, the view stands.
        addEventListener("hashchange", () => resolve(), { once: true });
        location.hash = hash;
      }),
    hash,
  );

/** Goes back (-1) or forward (1), as the browser's buttons do. */
export const traverse = (page, steps) =>
  page.evaluate(
    (steps) =>
      new Promise((resolve) => {
        addEventListener("hashchange", () => resolve(), { once: true });
        history.go(steps);
      }),
    steps,
  );

/** Item ids of the listing, in order. */
export const listed = (page) =>
  page.evaluate(() => [...document.querySelectorAll(".listing .card")].map((card) => card.dataset.item));

/** Looks at the first items of a department, one after the other. */
export async function lookAt(page, department, count) {
  await go(page, department);
  const items = (await listed(page)).slice(0, count);
  for (const item of items) await go(page, `#/product/${item}`);
  return items;
}

/** Item ids of a block of recommendations, in order. */
export const inBlock = (page, name) =>
  page.evaluate(
    (name) => [...document.querySelectorAll(`[data-block="${name}"] .card`)].map((card) => card.dataset.item),
    name,
  );

/** Text of the first element, without the white space around it. */
export const text = (page, selector) =>
  page.evaluate((selector) => document.querySelector(selector)?.textContent.trim(), selector);

/** Waits until the first element has this text: after keys, the address changes in a turn of its own. */
export const waitForText = (page, selector, expected) =>
  page.evaluate(
    async ([selector, expected]) => {
      const found = () => document.querySelector(selector)?.textContent.trim();
      for (const start = performance.now(); found() !== expected; await new Promise(requestAnimationFrame)) {
        if (performance.now() - start > 10_000) throw new Error(`${selector} says ${found()}, not ${expected}`);
      }
    },
    [selector, expected],
  );

/** Waits until there is no such element. */
export const waitForNone = (page, selector) =>
  page.evaluate(async (selector) => {
    for (const start = performance.now(); document.querySelector(selector);) {
      if (performance.now() - start > 10_000) throw new Error(`${selector} stays`);
      await new Promise(requestAnimationFrame);
    }
  }, selector);

/** How many events the store says that it holds. */
export const eventCount = async (page) => Number(await text(page, ".bar-held"));

/** Shops as one of the store's personas. */
export async function shopAs(page, persona) {
  await page.click(".bar-button");
  await page.click(`[data-persona="${persona}"]`);
}

/** Chooses whose order the shelves stand in: `store` or `yours`. */
export const choose = (page, order) =>
  page.evaluate((order) => document.querySelector(`.switch input[value="${order}"]`).click(), order);

/** Whose order that is, and whether there is a choice. */
export const switchSays = (page) =>
  page.evaluate(() => {
    const { value, disabled } = document.querySelector(".switch input:checked");
    return { value, disabled };
  });

/** Opens "Your data". */
export async function openData(page) {
  await page.click(".bar [data-open='data']");
  await page.waitFor(".dialog.data .figures");
}

/** Presses Tab until the focus is where it should be, and fails if it never is. */
export async function tabTo(page, selector, most = 40) {
  for (let presses = 0; presses < most; presses += 1) {
    await page.press("Tab");
    if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
  }
  throw new Error(`${most} times Tab did not lead to ${selector}`);
}
