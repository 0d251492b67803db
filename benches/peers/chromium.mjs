// Contenders in pages of Chromium, each in a browser of its own.

import { build } from "esbuild";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { chromium } from "playwright-core";
import { EXTERNAL } from "./sizes.mjs";
import { readAsset, titleOf } from "./assets.mjs";
import { serve } from "../../tests/harness/server.mjs";

const FLAGS = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"];

/** Isolated, so that the clock has 5 µs; embind, of hnswlib, makes functions of text. */
const HEADERS = {
  "Content-Security-Policy": "default-src 'self' blob: data: 'unsafe-eval' 'wasm-unsafe-eval'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/**
 * Bundles the contenders' pages, and serves them with all that they read.
 *
 * @param {string[]} names of the contenders
 * @param {string} worlds the folder of the worlds and of `floor.wasm`
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function servePages(names, worlds) {
  const folder = path.join(worlds, "pages");
  await mkdir(folder, { recursive: true });
  const assets = new Set();
  for (const name of names) {
    const file = path.join(import.meta.dirname, "contenders", `${name}.mjs`);
    const contender = await import(file);
    const contents = `import * as contender from ${JSON.stringify(file)};
      import { host } from ${JSON.stringify(path.join(import.meta.dirname, "page.mjs"))};
      host(contender, ${JSON.stringify(await titleOf(contender, worlds))});`;
    await build({
      stdin: { contents, resolveDir: import.meta.dirname },
      outfile: path.join(folder, `${name}.js`),
      bundle: true,
      format: "esm",
      target: "es2024",
      platform: "browser",
      external: EXTERNAL,
      logLevel: "error",
    });
    await writeFile(
      path.join(folder, `${name}.html`),
      `<!doctype html><script type="module" src="${name}.js"></script>`,
    );
    for (const asset of contender.assets) assets.add(asset);
  }
  for (const asset of assets) {
    const target = path.join(folder, "assets", asset);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, await readAsset(asset, worlds));
  }
  return serve({ "/": folder, "/assets/": path.join(folder, "assets"), "/worlds/": worlds }, { headers: HEADERS });
}

export class ChromiumHost {
  #browser;
  #page;
  #throttle;
  #leastMs;

  /**
   * @param {string} executablePath
   * @param {string} url of the contender's page
   * @param {{ throttle?: number }} settings how many times slower the processor is to be
   */
  static async start(executablePath, url, { throttle = 1 }) {
    const host = new ChromiumHost();
    const args = process.getuid?.() === 0 ? ["--no-sandbox", ...FLAGS] : FLAGS;
    host.#browser = await chromium.launch({ executablePath, args });
    host.#page = await host.#browser.newPage();
    host.#page.setDefaultTimeout(0);
    await host.#page.goto(url);
    await host.#page.waitForFunction(() => globalThis.bench);
    // A throttled processor is one that stops every now and then: only what takes long is slowed evenly.
    host.#throttle = throttle;
    host.#leastMs = throttle > 1 ? 5 : 0.2;
    return host;
  }

  open = (items) => this.#page.evaluate((items) => globalThis.bench.open(items), items);
  recall = () => this.#page.evaluate(() => globalThis.bench.recall());
  measure = (operation, forMs) =>
    this.#page.evaluate(
      (given) => globalThis.bench.measure(...given),
      [operation, forMs * this.#throttle, this.#leastMs],
    );

  /** Slows the processor down, if it is to be: compilers have done their work by now. */
  async begin() {
    if (this.#throttle === 1) return;
    const devtools = await this.#page.context().newCDPSession(this.#page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: this.#throttle });
  }

  /** For the report. */
  get version() {
    return this.#browser.version();
  }

  close = () => this.#browser.close();
}
