// A listing that is the same for everyone, out of the browser's cache, in the shopper's own order before it is painted:
// under the strict policy, without a shift of the layout, and in the store's order wherever something is missing or late.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test, { after } from "node:test";
import { loadModel } from "reshelve";
import { tokenCookie } from "reshelve/token";
import { engine, withPage } from "../harness/browser.mjs";
import { serve } from "../harness/server.mjs";

const { RESHELVE_GOLDEN, RESHELVE_PACKAGE } = process.env;
const ids = Array.from({ length: 24 }, (_, index) => `item-${String(index).padStart(3, "0")}`);
const now = Date.now();

const model = await loadModel(await readFile(path.join(RESHELVE_GOLDEN, "wide.shelf")));
const session = model.session();
for (const [index, itemId] of ["item-017", "item-003"].entries()) {
  session.record({ type: "view", itemId, timestamp: now - (10 - index) * 60_000 });
}
const token = session.token();
/** What Node gives for the token. */
const expected = model.session(token).rerank(ids, { surface: "category", itemId: (id) => id, now }).items;

/** Every third card is higher than the others, so that another order makes rows of other heights. */
const cards = ids
  .map((id, index) => `<!-- item:${id} --><li class="${index % 3 ? "low" : "high"}" data-id="${id}">${id}</li>`)
  .join("\n");
const listing = (
  held,
  cardsHeld = cards,
) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tents</title>
<link rel="icon" href="icon.svg"><script src="watch.js"></script><script src="/package/html/hold.js"></script>
<link rel="stylesheet" href="/package/html/hold.css"><link rel="stylesheet" href="page.css">
<script type="module" src="order.js"></script></head>
<body><h1>Tents</h1><main ${held === "main" ? "data-reshelve" : ""}><ul ${held === "list" ? "data-reshelve" : ""}>
<!-- reshelve:category -->\n${cardsHeld}\n<!-- /reshelve -->
</ul><p>What stands below</p></main></body></html>`;

const FILES = {
  "icon.svg": `<svg xmlns="http://www.w3.org/2000/svg"/>`,
  "start.html": '<!doctype html><title>start</title><link rel="icon" href="icon.svg">',
  "listing.html": listing("main"),
  "even.html": listing("list", cards.replaceAll("high", "low")),
  "uneven.html": listing("list"),
  "nested.html": listing("main", `<li>${cards}</li>`),
  "page.css": `ul { display: grid; grid-template-columns: repeat(4, 1fr); align-items: start; padding: 0 }
    li.low { height: 40px } li.high { height: 90px } html { --reshelve-deadline: 60s } html.soon { --reshelve-deadline: 0.3s }`,
  // What every frame shows of the list, and how far anything has moved.
  "watch.js": `globalThis.seen = [];
    globalThis.moved = 0;
    if (location.search.includes("soon")) document.documentElement.classList.add("soon");
    if (PerformanceObserver.supportedEntryTypes.includes("layout-shift")) {
      globalThis.shifts = new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (moved += value)));
      shifts.observe({ type: "layout-shift", buffered: true });
    }
    requestAnimationFrame(function look() {
      const card = document.querySelector("li");
      if (card) seen.push([getComputedStyle(card).visibility, card.dataset.id]);
      requestAnimationFrame(look);
    });`,
  // Waits for some frames, as for a model from afar; "late" until the test says so.
  "order.js": `import { loadModel } from "/package/index.js";
    import { reorderPage } from "/package/html/index.js";
    import { readToken } from "/package/token.js";
    const search = new URLSearchParams(location.search);
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    async function reorder() {
      const { token } = await readToken(document.cookie);
      if (!token) return undefined;
      for (let count = 0; count < 5; count++) await frame();
      if (search.has("late")) await new Promise((resolve) => (globalThis.goOn = resolve));
      if (search.has("broken")) throw new Error("no model today");
      const session = (await loadModel("/golden/wide.shelf")).session(token);
      const now = Number(search.get("now"));
      const barred = Number(search.get("barred"));
      return (surface, items) => ({ ...session.rerank(items, { surface, itemId: ({ id }) => id, now }), barred });
    }
    globalThis.again = () => reorderPage((surface, items) => ({ items: items.toReversed() }));
    globalThis.reports = reorderPage(reorder()).then(async (reports) => {
      for (let count = 0; count < 5; count++) await frame();
      return reports;
    });`,
};

const folder = await mkdtemp(path.join(tmpdir(), "reshelve-listing-"));
for (const [file, text] of Object.entries(FILES)) await writeFile(path.join(folder, file), text);
after(() => rm(folder, { recursive: true }));

/** What a page has become. */
const outcome = async () => {
  const reports = await globalThis.reports;
  globalThis.shifts?.takeRecords().forEach(({ value }) => (globalThis.moved += value));
  const shown = [...document.querySelectorAll("li[data-id]")].map(({ dataset }) => dataset.id);
  const { seen, moved } = globalThis;
  return { reports, seen, moved, shown, isHeld: document.documentElement.classList.contains("reshelve-hold") };
};

/** One browser for all cases: each comes with the token, and with headers of its own. */
async function check(page, headers, use) {
  const folders = { "/": folder, "/golden/": RESHELVE_GOLDEN, "/package/": RESHELVE_PACKAGE };
  const server = await serve(folders, { headers });
  try {
    await page.goto(`${server.url}/start.html`);
    await setCookie(page, token);
    await use({ page, server, urlOf: (file, query = "") => `${server.url}/${file}?now=${now}${query}` });
  } finally {
    await server.close();
  }
}

/** WebKit takes cookies that say `Secure` over HTTPS alone. */
const setCookie = (page, value) =>
  page.evaluate((line) => void (document.cookie = line), tokenCookie(value).replace("; Secure", ""));

const ordered = [{ surface: "category", items: ids.length, barred: 0, outcome: "ordered" }];
const untouched = (reason) => [{ ...ordered[0], outcome: "untouched", reason }];

const CASES = {
  "a cached listing is painted in the shopper's order": async ({ page, urlOf, server }) => {
    for (let visit = 0; visit < 2; visit++) {
      await page.goto(urlOf("listing.html"));
      const { reports, seen, moved, shown, isHeld } = await page.evaluate(outcome);
      assert.deepEqual(reports, ordered);
      assert.deepEqual(shown, expected);
      assert.equal(isHeld, false);
      // Frames went by without the list, and none with another item in front.
      assert.ok(seen.some(([visibility]) => visibility === "hidden"));
      assert.deepEqual(
        new Set(seen.filter(([visibility]) => visibility === "visible").map(([, id]) => id)),
        new Set([expected[0]]),
      );
      assert.equal(moved, 0);
      await page.goto(`${server.url}/start.html`);
    }
    assert.equal(server.requests.filter((request) => request.startsWith("/listing.html")).length, 1);
    assert.deepEqual(await page.errors(), []);
  },

  "what moves with the list is to wait with it": async ({ page, urlOf }) => {
    await page.goto(urlOf("even.html"));
    const even = await page.evaluate(outcome);
    assert.deepEqual([even.reports, even.moved], [ordered, 0]);
    // Cards of different heights, and a paragraph below that does not wait: this is what a shift looks like.
    await page.goto(urlOf("uneven.html"));
    const uneven = await page.evaluate(outcome);
    assert.deepEqual(uneven.reports, ordered);
    if (engine === "chromium") assert.ok(uneven.moved > 0, "nothing has moved");
  },

  "what rules bar is left out, and what was ordered is not ordered again": async ({ page, urlOf }) => {
    await page.goto(urlOf("listing.html", "&barred=5"));
    const { reports, moved, shown } = await page.evaluate(outcome);
    assert.deepEqual(reports, [{ ...ordered[0], barred: 5 }]);
    assert.deepEqual(shown, expected.slice(0, -5));
    assert.equal(moved, 0);
    assert.deepEqual(await page.evaluate(() => globalThis.again()), []);
  },

  "after the deadline the store's order stays": async ({ page, urlOf }) => {
    await page.goto(urlOf("listing.html", "&soon&late"));
    await page.waitFor("li");
    await page.evaluate(() => globalThis.goOn());
    const { reports, seen, moved, shown } = await page.evaluate(outcome);
    assert.deepEqual(reports, untouched("shown"));
    assert.deepEqual(shown, ids);
    assert.equal(seen[0][0], "hidden");
    assert.equal(moved, 0);
  },

  "without an order the store's is shown at once": async ({ page, urlOf }) => {
    await page.goto(urlOf("listing.html", "&broken"));
    const broken = await page.evaluate(outcome);
    assert.deepEqual([broken.reports, broken.shown, broken.isHeld, broken.moved], [[], ids, false, 0]);

    await page.goto(urlOf("nested.html"));
    const nested = await page.evaluate(outcome);
    assert.deepEqual([nested.reports, nested.shown, nested.isHeld], [untouched("nested"), ids, false]);

    await page.evaluate((line) => void (document.cookie = line), tokenCookie("").replace("; Secure", ""));
    await page.goto(urlOf("listing.html"));
    const without = await page.evaluate(outcome);
    assert.deepEqual([without.reports, without.shown, without.moved], [[], ids, 0]);
    assert.ok(without.seen.every(([visibility]) => visibility === "visible"));
  },

  "what a worker has ordered does not wait": async ({ page, urlOf }) => {
    await page.goto(urlOf("listing.html"));
    const { reports, seen } = await page.evaluate(outcome);
    assert.ok(seen.every(([visibility]) => visibility === "visible"));
    assert.deepEqual(reports, untouched("shown"));
  },
};

/** Headers of the answers to a case. */
const HEADERS = {
  "a cached listing is painted in the shopper's order": { "Cache-Control": "public, max-age=600" },
  "what a worker has ordered does not wait": { "Server-Timing": 'reshelve;desc="on"' },
};

test(`a listing in ${engine}`, (context) =>
  withPage(async (page) => {
    await page.resize(900, 700);
    for (const [name, use] of Object.entries(CASES)) {
      await context.test(name, () => check(page, HEADERS[name] ?? {}, use));
    }
  }));
