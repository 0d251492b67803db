// Chromium and Firefox, driven by Playwright; WebKit too, where it is Playwright's own build.

import * as playwright from "playwright-core";

/** Keeps Chromium from talking to its maker: the tests count requests. */
const CHROMIUM_FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How long a browser waits for its next page before it closes, in milliseconds: until then the process does not end. */
const IDLE_MS = 500;

/** @typedef {{ browser: Promise<playwright.Browser>, pages: number, idle?: NodeJS.Timeout }} Shared */

/**
 * Browsers that run, by how they were launched: to start Firefox takes ten times as long as a page with storage of its
 * own.
 *
 * @type {Map<string, Shared>}
 */
const running = new Map();

/**
 * @param {string} engine
 * @param {string} executablePath
 * @param {{ preferences?: Record<string, string | number | boolean>, saveData?: boolean }} settings
 * @returns {Promise<{ page: import("./browser.mjs").Page, close(): Promise<void> }>}
 */
export async function openPlaywright(engine, executablePath, { preferences, saveData = false }) {
  const key = JSON.stringify([engine, executablePath, preferences]);
  const shared = running.get(key) ?? { browser: launch(engine, executablePath, preferences), pages: 0 };
  running.set(key, shared);
  clearTimeout(shared.idle);
  shared.pages += 1;
  const release = () => {
    shared.pages -= 1;
    if (shared.pages > 0) return;
    shared.idle = setTimeout(async () => {
      running.delete(key);
      await (await shared.browser).close();
    }, IDLE_MS);
  };
  try {
    const browser = await shared.browser;
    const context = await browser.newContext();
    const close = async () => {
      await context.close();
      release();
    };
    return { page: await pageOf(engine, context, saveData), close };
  } catch (error) {
    release();
    throw error;
  }
}

function launch(engine, executablePath, preferences) {
  const type = playwright[engine];
  const options = { executablePath };
  if (engine === "chromium") {
    const asRoot = process.getuid?.() === 0;
    options.args = asRoot ? ["--no-sandbox", ...CHROMIUM_FLAGS] : CHROMIUM_FLAGS;
  }
  // A Firefox as its maker ships it speaks WebDriver BiDi alone, which Playwright calls a channel.
  if (engine === "firefox" && executablePath !== type.executablePath()) options.channel = "moz-firefox";
  if (engine === "firefox") options.firefoxUserPrefs = preferences;
  return type.launch(options);
}

/** @returns {Promise<import("./browser.mjs").Page>} */
async function pageOf(engine, context, saveData) {
  const inner = await context.newPage();
  if (saveData) {
    const devtools = await context.newCDPSession(inner);
    await devtools.send("Emulation.setDataSaverOverride", { dataSaverEnabled: true });
  }
  const requests = [];
  const errors = [];
  context.on("request", (request) => requests.push(request.url()));
  inner.on("pageerror", (error) => errors.push(String(error)));
  inner.on("console", (message) => message.type() === "error" && errors.push(message.text()));

  return {
    engine,
    goto: async (url) => void (await inner.goto(url)),
    evaluate: (script, argument) => inner.evaluate(script, argument),
    waitFor: async (selector) => void (await inner.locator(selector).first().waitFor()),
    click: (selector) => inner.locator(selector).first().click(),
    fill: (selector, text) => inner.locator(selector).first().fill(text),
    press: (key) => inner.keyboard.press(key),
    resize: (width, height) => inner.setViewportSize({ width, height }),
    screenshot: async (path) => {
      // Playwright puts a style into the page to take a picture; the content security policy forbids and reports it.
      const before = errors.length;
      await inner.screenshot({ path });
      errors.length = before;
    },
    requests: async () => [...requests],
    errors: async () => [...errors],
  };
}
