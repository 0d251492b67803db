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

/**
 * @param {string} engine
 * @param {string} executablePath
 * @param {{ preferences?: Record<string, string | number | boolean>, saveData?: boolean }} settings
 * @returns {Promise<{ page: import("./browser.mjs").Page, close(): Promise<void> }>}
 */
export async function openPlaywright(engine, executablePath, { preferences, saveData = false }) {
  const type = playwright[engine];
  const options = { executablePath };
  if (engine === "chromium") {
    const asRoot = process.getuid?.() === 0;
    options.args = asRoot ? ["--no-sandbox", ...CHROMIUM_FLAGS] : CHROMIUM_FLAGS;
  }
  // A Firefox as its maker ships it speaks WebDriver BiDi alone, which Playwright calls a channel.
  if (engine === "firefox" && executablePath !== type.executablePath()) options.channel = "moz-firefox";

  if (engine === "firefox") options.firefoxUserPrefs = preferences;

  const browser = await type.launch(options);
  try {
    return { page: await pageOf(engine, browser, saveData), close: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** @returns {Promise<import("./browser.mjs").Page>} */
async function pageOf(engine, browser, saveData) {
  const context = await browser.newContext();
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
