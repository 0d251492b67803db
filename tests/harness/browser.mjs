// One way to drive a page in Chromium, Firefox and WebKit.
//
// `cargo xtask test` runs every file of tests/browser once an engine, named by RESHELVE_ENGINE, with the executable
// in RESHELVE_CHROMIUM, RESHELVE_FIREFOX or RESHELVE_WEBKIT.

import { openPlaywright } from "./playwright.mjs";
import { openWebDriver } from "./webdriver.mjs";

/**
 * @typedef {object} Page
 * @property {string} engine `chromium`, `firefox` or `webkit`
 * @property {(url: string) => Promise<void>} goto opens an address, and waits until it has loaded
 * @property {<A, R>(script: (argument: A) => R | Promise<R>, argument?: A) => Promise<R>} evaluate runs a function in
 *   the page; it sees its argument and the page alone; argument and result are JSON
 * @property {(selector: string) => Promise<void>} waitFor waits until an element is there and visible
 * @property {(selector: string) => Promise<void>} click clicks the first such element, once it is visible
 * @property {(selector: string, text: string) => Promise<void>} fill replaces the text of an input
 * @property {(key: string) => Promise<void>} press presses a key where the focus is: a character, or `Enter`, `Tab`,
 *   `Escape`, `Space`, `ArrowLeft`, `ArrowRight`, `ArrowUp`, `ArrowDown`
 * @property {(width: number, height: number) => Promise<void>} resize sets the viewport, CSS pixels. In WebKit
 *   it gets no narrower than 480
 * @property {(file: string) => Promise<void>} screenshot writes a PNG of the viewport
 * @property {() => Promise<string[]>} requests addresses asked for so far. In WebKit those of the document that is
 *   open now, as its resource timing lists them: the server's own log sees what came before
 * @property {() => Promise<string[]>} errors uncaught errors and console errors so far. In WebKit: uncaught errors
 *   since the document of the last `goto` had loaded
 */

/** The engine under test. */
export const engine = process.env.RESHELVE_ENGINE ?? "chromium";

/**
 * Opens a page with empty storage of its own, hands it over, and closes it. Chromium and Firefox may be the browser of
 * the page before; WebKit is a fresh one.
 *
 * @template T
 * @param {(page: Page) => Promise<T>} use
 * @param {{ engine?: string, preferences?: Record<string, string | number | boolean>, saveData?: boolean }} [options]
 *   `preferences` of Firefox, as `about:config` has them, and `saveData` of Chromium; no other engine knows them
 * @returns {Promise<T>} what `use` returned
 */
export async function withPage(use, options = {}) {
  const name = options.engine ?? engine;
  const executable = process.env[`RESHELVE_${name.toUpperCase()}`];
  if (!executable) throw new Error(`RESHELVE_${name.toUpperCase()} must name the ${name} to use`);
  const open = name === "webkit" && executable.endsWith("WebKitWebDriver") ? openWebDriver : openPlaywright;
  const { page, close } = await open(name, executable, options);
  try {
    return await use(page);
  } finally {
    await close();
  }
}

/**
 * Opens one address and runs one function there.
 *
 * @template A, R
 * @param {string} url
 * @param {(argument: A) => R | Promise<R>} script as for `evaluate`
 * @param {A} [argument]
 * @returns {Promise<R>}
 */
export function evaluateIn(url, script, argument) {
  return withPage(async (page) => {
    await page.goto(url);
    return page.evaluate(script, argument);
  });
}
