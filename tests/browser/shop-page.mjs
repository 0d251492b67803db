// The page of tests/browser/shopper, at an origin of its own for every test: nothing is stored there yet.

import path from "node:path";
import { withPage } from "../harness/browser.mjs";
import { CONTENT_SECURITY_POLICY, serve } from "../harness/server.mjs";

const GOLDEN = process.env.RESHELVE_GOLDEN ?? path.resolve("tests/golden");
const PACKAGE = process.env.RESHELVE_PACKAGE ?? path.resolve("node_modules/reshelve");
const FOLDERS = { "/": path.join(import.meta.dirname, "shopper"), "/reshelve/": PACKAGE, "/golden/": GOLDEN };

/** A page stands for a tab, and a frame in it for another one; a frame without an origin may load the same as they. */
const HEADERS = {
  "Content-Security-Policy": CONTENT_SECURITY_POLICY.replace(
    "frame-ancestors 'none'",
    "frame-ancestors 'self'",
  ).replaceAll("-src 'self'", "-src 'self' http://127.0.0.1:*"),
  "Access-Control-Allow-Origin": "*",
};

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
 * @property {readonly string[]} requests paths that the server was asked for, so far
 * @property {(query: string) => Promise<void>} arrive waits until the page that something else has opened is there
 */
export function shopTests(context, tests, options) {
  return withPage(async (page) => {
    for (const [name, test] of Object.entries(tests)) {
      await context.test(name, async () => {
        const server = await serve(FOLDERS, { headers: HEADERS });
        const load = async (query = "") => {
          await page.goto(`${server.url}/index.html${query}`);
          await page.evaluate(() => globalThis.page.until(() => globalThis.page.isReady));
        };
        /** Waits until the page at an address is ready: it may be on its way. */
        const arrive = async (query) => {
          const isThere = () =>
            page.evaluate((query) => location.search === query && globalThis.page?.isReady === true, query);
          for (const start = Date.now(); !(await isThere().catch(() => false));)
            if (Date.now() - start > 20_000) throw new Error(`the page ${query} does not come`);
        };
        try {
          await load();
          await test({ page, load, arrive, run: page.evaluate, requests: server.requests });
        } finally {
          await server.close();
        }
      });
    }
  }, options);
}
