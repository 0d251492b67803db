// The package in a real page, as each bundler delivers it and without one, under a strict content security policy:
// the golden results, and one download of the WebAssembly.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { engine, withPage } from "../harness/browser.mjs";
import { serve } from "../harness/server.mjs";
import { BUILDERS, buildPage, withViteServer } from "../packaging/project.mjs";

const GOLDEN = process.env.RESHELVE_GOLDEN ?? path.resolve("tests/golden");

/** What the page at this address says, once it has said it: a development server may reload it meanwhile. */
async function goldenOf(page, url) {
  await page.goto(`${url}/index.html`);
  await page.waitFor("output");
  return page.evaluate(() => globalThis.golden);
}

test("a browser that saves data downloads no model", { skip: engine !== "chromium" }, async () => {
  const { folder } = await buildPage("none");
  const server = await serve({ "/": folder, "/golden/": GOLDEN });
  try {
    await withPage(
      async (page) => {
        const { code, message } = await goldenOf(page, server.url);
        assert.equal(code, "ERR_SAVE_DATA", message);
        assert.ok(!server.requests.some((request) => request.endsWith(".shelf")));
      },
      { saveData: true },
    );
  } finally {
    await server.close();
  }
});

test(`golden results in pages, ${engine}`, { timeout: 180_000 }, async (context) => {
  const { cases } = JSON.parse(await readFile(path.join(GOLDEN, "cases.json"), "utf8"));
  await withPage(async (page) => {
    for (const builder of BUILDERS) {
      await context.test(builder, async () => {
        const { folder } = await buildPage(builder);
        const server = await serve({ "/": folder, "/golden/": GOLDEN });
        try {
          assert.deepEqual(await goldenOf(page, server.url), { passed: cases.length, failures: [] });
          assert.equal(server.requests.filter((request) => request.endsWith(".wasm")).length, 1);
          assert.deepEqual(await page.evaluate(() => globalThis.others), [[], { reason: "absent" }]);
        } finally {
          await server.close();
        }
      });
    }
    await context.test("vite's development server", () =>
      withViteServer(async (url) => {
        assert.deepEqual(await goldenOf(page, url), { passed: cases.length, failures: [] });
      }),
    );
    await context.test("a policy without 'wasm-unsafe-eval' gets an error that says so", async () => {
      const { folder } = await buildPage("none");
      const headers = { "Content-Security-Policy": "default-src 'self'; script-src 'self'" };
      const server = await serve({ "/": folder, "/golden/": GOLDEN }, { headers });
      try {
        const { code, message } = await goldenOf(page, server.url);
        assert.equal(code, "ERR_WASM_UNAVAILABLE", message);
        assert.match(message, /script-src 'wasm-unsafe-eval'/);
      } finally {
        await server.close();
      }
    });
  });
});
