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
 * @returns {Promise<{ page: import("./browser.mjs").Page, close(): Promise<void> }>}
 */
export async function openPlaywright(engine, executablePath) {
  const type = playwright[engine];
  const options = { executablePath };
  if (engine === "chromium") {
    const asRoot = process.getuid?.() === 0;
    options.args = asRoot ? ["--no-sandbox", ...CHROMIUM_FLAGS] : CHROMIUM_FLAGS;
  }
  // A Firefox as its maker ships it speaks WebDriver BiDi alone, which Playwright calls a channel.
  if (engine === "firefox" && executablePath !== type.executablePath()) options.channel = "moz-firefox";

  const browser = await type.launch(options);
  const context = await browser.newContext();
  const inner = await context.newPage();
  const requests = [];
  const errors = [];
  context.on("request", (request) => requests.push(request.url()));
  inner.on("pageerror", (error) => errors.push(String(error)));
  inner.on("console", (message) => message.type() === "error" && errors.push(message.text()));

  const page = {
    engine,
    goto: async (url) => void (await inner.goto(url)),
    evaluate: (script, argument) => inner.evaluate(script, argument),
    waitFor: async (selector) => void (await inner.locator(selector).first().waitFor()),
    click: (selector) => inner.locator(selector).first().click(),
    fill: (selector, text) => inner.locator(selector).first().fill(text),
    press: (key) => inner.keyboard.press(key),
    resize: (width, height) => inner.setViewportSize({ width, height }),
    screenshot: async (path) => void (await inner.screenshot({ path })),
    requests: async () => [...requests],
    errors: async () => [...errors],
  };
  return { page, close: () => browser.close() };
}
