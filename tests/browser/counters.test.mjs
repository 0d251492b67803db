// Counters in real pages: their storage, their random numbers, and that nothing leaves but what the page sends.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { engine, withPage } from "../harness/browser.mjs";
import { serve } from "../harness/server.mjs";

const PACKAGE = process.env.RESHELVE_PACKAGE ?? path.resolve("node_modules/reshelve");
const PAGE = `<!doctype html><html lang="en"><title>counters</title><link rel="icon" href="data:,">
<script type="module" src="page.mjs"></script>`;
const SCRIPT = `import { openCounters } from "/reshelve/counters.js";
const sent = [];
globalThis.store = {
  sent,
  open: (agreed) => openCounters({
    experiment: "autumn",
    placements: ["search"],
    holdout: 0.5,
    storage: () => localStorage,
    agreed: () => agreed,
    send: (report) => { sent.push(report); return fetch("/reports", { method: "POST", body: JSON.stringify(report) }); },
  }),
};`;

/** Whether the browser says that a program drives it: those of tests do, and people's do not. */
function beDriven(isDriven) {
  Object.defineProperty(Navigator.prototype, "webdriver", { configurable: true, get: () => isDriven });
}

test(`a visit of two pages, ${engine}`, { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "reshelve-"));
  await writeFile(path.join(folder, "index.html"), PAGE);
  await writeFile(path.join(folder, "page.mjs"), SCRIPT);
  const site = await serve({ "/": folder, "/reshelve/": PACKAGE });
  const reports = () => site.requests.filter((request) => request === "/reports").length;
  try {
    await withPage(async (page) => {
      await page.goto(`${site.url}/index.html`);
      const statusOf = (agreed) =>
        page.evaluate((agreed) => [globalThis.store.open(agreed).about().status, localStorage.length], agreed);
      assert.deepEqual(await statusOf(true), ["automated", 0]);
      await page.evaluate(beDriven, false);
      assert.deepEqual(await statusOf(false), ["not_agreed", 0]);
      assert.deepEqual(await statusOf(true), ["counting", 1]);
      const [arm, cell] = await page.evaluate(() => {
        const counters = globalThis.store.open(true);
        for (let n = 0; n < 9; n++) {
          counters.exposed("search");
          counters.clicked("search");
          counters.purchased("search");
        }
        return [counters.arm(), counters.about().counting];
      });

      await page.goto(`${site.url}/index.html`);
      await page.evaluate(beDriven, false);
      assert.equal(reports(), 0);
      const second = await page.evaluate(async () => {
        const counters = globalThis.store.open(true);
        const { count, counting } = counters.about();
        counters.end();
        counters.end();
        const { spent } = counters.about();
        return { arm: counters.arm(), count, counting, spent, sent: globalThis.store.sent };
      });
      const caps = { exposures: 8, clicks: 4, purchases: 1 };
      assert.deepEqual([second.arm, second.counting, second.count], [arm, cell, caps[cell.counted]]);
      assert.equal(second.sent.length, 1);
      const [{ bit, ...report }] = second.sent;
      const design = { experiment: "autumn", holdout: 0.5, discovered: false, placements: ["search"], caps };
      assert.deepEqual(report, { v: 1, mechanism: "one_bit_mean", epsilon: 1, design, arm, cell });
      assert.ok(bit === 0 || bit === 1);
      assert.equal(second.spent, 1);

      const left = await page.evaluate(() => [globalThis.store.open(true).erase(), localStorage.length]);
      assert.deepEqual(left, [true, 0]);
      await page.evaluate(() => fetch("/last"));
      assert.equal(reports(), 1);
      const own = new Set(["/index.html", "/page.mjs", "/reports", "/last"]);
      const others = site.requests.filter((request) => !own.has(request) && !request.startsWith("/reshelve/"));
      assert.deepEqual(
        others.filter((request) => request !== "/favicon.ico"),
        [],
      );
    });
  } finally {
    await site.close();
    await rm(folder, { recursive: true });
  }
});
