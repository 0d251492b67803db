// What every other browser test stands on: a page under the store's content security policy, WebAssembly in it, input,
// and the count of requests, the same in each engine.

import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { engine, evaluateIn, withPage } from "../harness/browser.mjs";
import { serve } from "../harness/server.mjs";

const PAGE = `<!doctype html><html lang="en"><title>harness</title><link rel="icon" href="icon.svg"><link rel="stylesheet" href="page.css">
<input id="name"><button id="go">Go</button><p id="said"></p>
<script type="module" src="page.mjs"></script>`;

const SCRIPT = `document.querySelector("#go").addEventListener("click", () => {
  document.querySelector("#said").textContent = document.querySelector("#name").value;
});
document.addEventListener("keydown", (event) => { document.title = event.key; });`;

/** A module that exports a function \`answer\`, which returns 42. */
const WASM = Uint8Array.from(atob("AGFzbQEAAAABBQFgAAF/AwIBAAcKAQZhbnN3ZXIAAAoGAQQAQSoL"), (character) =>
  character.charCodeAt(0),
);

async function withSite(use) {
  const folder = await mkdtemp(path.join(tmpdir(), "reshelve-"));
  await writeFile(path.join(folder, "index.html"), PAGE);
  await writeFile(path.join(folder, "page.mjs"), SCRIPT);
  await writeFile(path.join(folder, "icon.svg"), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(path.join(folder, "page.css"), "button { margin-top: 2000px }");
  await writeFile(path.join(folder, "answer.wasm"), WASM);
  const site = await serve(folder);
  try {
    return await use(site, folder);
  } finally {
    await site.close();
    await rm(folder, { recursive: true });
  }
}

test("WebAssembly compiles from its stream under the policy", () =>
  withSite(async (site) => {
    const answer = await evaluateIn(`${site.url}/`, async () => {
      const { instance } = await WebAssembly.instantiateStreaming(fetch("answer.wasm"));
      return { answer: instance.exports.answer() };
    });
    assert.deepEqual(answer, { answer: 42 });
  }));

test("the policy forbids what it should", () =>
  withSite(async (site) => {
    const outcome = await evaluateIn(`${site.url}/`, async () => {
      const script = document.createElement("script");
      script.textContent = "globalThis.inlineRan = true";
      document.body.append(script);
      const elsewhere = await fetch("http://127.0.0.1:1/").then(String, (error) => error.name);
      return { inline: globalThis.inlineRan ?? false, elsewhere };
    });
    assert.deepEqual(outcome, { inline: false, elsewhere: "TypeError" });
  }));

test("an error in the page reaches the test", () =>
  withSite((site) =>
    assert.rejects(
      evaluateIn(
        `${site.url}/`,
        async (text) => {
          throw new RangeError(text);
        },
        "too far",
      ),
      /RangeError: too far/,
    ),
  ));

test("a page is used as a person would", () =>
  withSite((site, folder) =>
    withPage(async (page) => {
      await page.goto(`${site.url}/`);
      await page.resize(640, 480);
      assert.deepEqual(await page.evaluate(() => [innerWidth, innerHeight]), [640, 480]);
      await page.fill("#name", "Ada Ö");
      await page.press("Escape");
      assert.equal(await page.evaluate(() => document.title), "Escape");
      await page.click("#go");
      await page.waitFor("#said");
      assert.equal(await page.evaluate(() => document.querySelector("#said").textContent), "Ada Ö");
      const picture = path.join(folder, "page.png");
      await page.screenshot(picture);
      assert.ok((await stat(picture)).size > 1000);
      assert.deepEqual(await page.errors(), []);
    }),
  ));

test("requests are seen by the page and by the server", () =>
  withSite((site) =>
    withPage(async (page) => {
      // Whether and when a browser fetches the icon is its own affair.
      const byPage = async () => (await page.requests()).filter((url) => !url.endsWith("/icon.svg"));
      const byServer = () => site.requests.filter((path) => path !== "/icon.svg").map((path) => site.url + path);
      const loaded = ["/", "/page.css", "/page.mjs"].map((path) => site.url + path);

      await page.goto(`${site.url}/`);
      assert.deepEqual(byServer(), loaded);
      assert.deepEqual(await byPage(), loaded);
      await page.evaluate(() => fetch("answer.wasm").then((response) => response.arrayBuffer()));
      assert.deepEqual(byServer(), [...loaded, `${site.url}/answer.wasm`]);
      assert.deepEqual(await byPage(), [...loaded, `${site.url}/answer.wasm`]);
    }),
  ));

test(`the engine is ${engine}`, () =>
  withSite(async (site) => {
    const agent = await evaluateIn(`${site.url}/`, () => navigator.userAgent);
    const names = { chromium: /Chrome\//, firefox: /Firefox\//, webkit: /^(?!.*Chrome\/).*AppleWebKit\// };
    assert.match(agent, names[engine]);
  }));
