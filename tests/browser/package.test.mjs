// The package in a real page, as each bundler delivers it and without one, under a strict content security policy:
// the golden results, and no request once everything is loaded.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { engine, withPage } from "../harness/browser.mjs";
import { serve } from "../harness/server.mjs";
import { BUILDERS, buildPage } from "../packaging/project.mjs";

const GOLDEN = process.env.RESHELVE_GOLDEN ?? path.resolve("tests/golden");

test(`golden results in pages, ${engine}`, { timeout: 180_000 }, async (context) => {
  const { cases } = JSON.parse(await readFile(path.join(GOLDEN, "cases.json"), "utf8"));
  await withPage(async (page) => {
    for (const builder of BUILDERS) {
      await context.test(builder, async () => {
        const { folder } = await buildPage(builder);
        const server = await serve({ "/": folder, "/golden/": GOLDEN });
        try {
          await page.goto(`${server.url}/index.html`);
          const result = await page.evaluate(() => globalThis.golden);
          assert.deepEqual(result, { passed: cases.length, failures: [] });
          assert.equal(server.requests.filter((request) => request.endsWith(".wasm")).length, 1);
        } finally {
          await server.close();
        }
      });
    }
    await context.test("a policy without 'wasm-unsafe-eval' gets an error that says so", async () => {
      const { folder } = await buildPage("none");
      const headers = { "Content-Security-Policy": "default-src 'self'; script-src 'self'" };
      const server = await serve({ "/": folder, "/golden/": GOLDEN }, { headers });
      try {
        await page.goto(`${server.url}/index.html`);
        const { code, message } = await page.evaluate(() => globalThis.golden);
        assert.equal(code, "ERR_WASM_UNAVAILABLE", message);
        assert.match(message, /script-src 'wasm-unsafe-eval'/);
      } finally {
        await server.close();
      }
    });
  });
});
