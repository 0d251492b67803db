// The page of tests/browser/shopper, at an origin of its own for every test: nothing is stored there yet.

import path from "node:path";
import { withPage } from "../harness/browser.mjs";
import { serve } from "../harness/server.mjs";

const GOLDEN = process.env.RESHELVE_GOLDEN ?? path.resolve("tests/golden");
const PACKAGE = process.env.RESHELVE_PACKAGE ?? path.resolve("node_modules/reshelve");
const FOLDERS = { "/": path.join(import.meta.dirname, "shopper"), "/reshelve/": PACKAGE, "/golden/": GOLDEN };

/**
 * Opens a browser for a number of tests.
 *
 * @param {import("node:test").TestContext} context
 * @param {Record<string, (shop: Shop) => Promise<void>>} tests
 * @param {object} [options] of `withPage`
 *
 * @typedef {object} Shop
 * @property {import("../harness/browser.mjs").Page} page
 * @property {(query?: string) => Promise<void>} load opens the page anew, in the same tab
 * @property {import("../harness/browser.mjs").Page["evaluate"]} run runs a function in it
 * @property {string} url
 */
export function shopTests(context, tests, options) {
  return withPage(async (page) => {
    for (const [name, test] of Object.entries(tests)) {
      await context.test(name, async () => {
        const server = await serve(FOLDERS);
        const load = async (query = "") => {
          await page.goto(`${server.url}/index.html${query}`);
          await page.evaluate(() => globalThis.page.until(() => globalThis.page.isReady));
        };
        try {
          await load();
          await test({ page, load, run: page.evaluate, url: server.url });
        } finally {
          await server.close();
        }
      });
    }
  }, options);
}
