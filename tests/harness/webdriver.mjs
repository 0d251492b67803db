// WebKitGTK, driven by its own WebDriver over plain HTTP, under a virtual display.

import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The key under which WebDriver names an element. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** WebDriver's code points for keys that are no characters. */
const KEYS = {
  Tab: "\uE004",
  Enter: "\uE007",
  Escape: "\uE00C",
  Space: " ",
  ArrowLeft: "\uE012",
  ArrowUp: "\uE013",
  ArrowRight: "\uE014",
  ArrowDown: "\uE015",
};

/** How long an element may take to show, and the driver to start, in milliseconds. */
const PATIENCE_MS = 30_000;

/** The narrowest that a page is made, CSS pixels: the window does not get narrower than its toolbar, about 450. */
const NARROWEST = 480;

/**
 * @param {string} engine
 * @param {string} executable WebKitWebDriver
 * @returns {Promise<{ page: import("./browser.mjs").Page, close(): Promise<void> }>}
 */
export async function openWebDriver(engine, executable) {
  const port = await freePort();
  // Its own process group, because xvfb-run does not pass a signal on to what it started.
  const driver = spawn(
    "xvfb-run",
    ["--auto-servernum", "--server-args=-screen 0 1600x1200x24", executable, `--port=${port}`],
    {
      detached: true,
      stdio: "ignore",
    },
  );
  const stop = () => {
    try {
      process.kill(-driver.pid, "SIGTERM");
    } catch {
      // It is gone already.
    }
  };
  process.once("exit", stop);

  async function call(method, path, body) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(5 * 60_000),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`WebDriver ${path}: ${value.error}: ${value.message}`);
    return value;
  }

  try {
    await until(async () => (await call("GET", "/status")).ready, "WebKitWebDriver does not answer");
    const timeouts = { script: 5 * 60_000, pageLoad: 60_000 };
    const { sessionId } = await call("POST", "/session", { capabilities: { alwaysMatch: { timeouts } } });
    const page = pageOf(engine, (method, path, body) => call(method, `/session/${sessionId}${path}`, body));
    const close = async () => {
      await call("DELETE", `/session/${sessionId}`).catch(() => {});
      stop();
      process.removeListener("exit", stop);
    };
    return { page, close };
  } catch (error) {
    stop();
    throw error;
  }
}

/** @returns {import("./browser.mjs").Page} */
function pageOf(engine, call) {
  async function run(source, argument) {
    // The result travels as text: WebDriver's own conversion loses undefined and the order of keys.
    const script = `const done = arguments[arguments.length - 1];
      Promise.resolve().then(() => (${source})(arguments[0])).then(
        (value) => done(JSON.stringify({ value })),
        (error) => done(JSON.stringify({ error: String(error), stack: error?.stack })),
      );`;
    const answer = JSON.parse(await call("POST", "/execute/async", { script, args: [argument ?? null] }));
    if (answer.error) throw new Error(`${answer.error}\n${answer.stack ?? ""}`);
    return answer.value;
  }
  const evaluate = (script, argument) => run(script.toString(), argument);

  async function visible(selector) {
    let found;
    await until(async () => {
      found = (await call("POST", "/element", { using: "css selector", value: selector }))[ELEMENT];
      return call("GET", `/element/${found}/displayed`);
    }, `no visible element ${selector}`);
    return found;
  }

  return {
    engine,
    goto: async (url) => {
      await call("POST", "/url", { url });
      // WebKit's driver may answer before the scripts of the page have run.
      const hasLoaded = () => location.href !== "about:blank" && document.readyState === "complete";
      await until(() => evaluate(hasLoaded), `${url} does not load`);
      await evaluate(() => {
        performance.setResourceTimingBufferSize(100_000);
        const errors = (globalThis[Symbol.for("errors")] = []);
        addEventListener("error", (event) => errors.push(event.message));
        addEventListener("unhandledrejection", (event) => errors.push(String(event.reason)));
      });
    },
    evaluate,
    waitFor: async (selector) => void (await visible(selector)),
    click: async (selector) => void (await call("POST", `/element/${await visible(selector)}/click`, {})),
    fill: async (selector, text) => {
      const element = await visible(selector);
      await call("POST", `/element/${element}/clear`, {});
      await call("POST", `/element/${element}/value`, { text });
    },
    press: async (key) => {
      const value = KEYS[key] ?? key;
      const actions = ["keyDown", "keyUp"].map((type) => ({ type, value }));
      await call("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
    },
    resize: async (asked, height) => {
      const width = Math.max(asked, NARROWEST);
      // WebDriver sizes the window, of which the frame takes some, and answers before the page has its new size: what
      // the page says counts once it says so twice.
      let last = {};
      await until(async () => {
        const inner = await evaluate(() => ({ width: innerWidth, height: innerHeight }));
        const settled = inner.width === last.width && inner.height === last.height;
        last = inner;
        if (!settled) return false;
        if (inner.width === width && inner.height === height) return true;
        const outer = await call("GET", "/window/rect");
        const size = { width: outer.width + width - inner.width, height: outer.height + height - inner.height };
        await call("POST", "/window/rect", size);
        last = {};
      }, `the page does not get ${width} by ${height} pixels`);
    },
    screenshot: async (file) => writeFile(file, Buffer.from(await call("GET", "/screenshot"), "base64")),
    requests: () =>
      evaluate(() =>
        [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(
          (entry) => entry.name,
        ),
      ),
    errors: () => evaluate(() => globalThis[Symbol.for("errors")] ?? []),
  };
}

/** Asks until the answer is true; an error of the question counts as no. */
async function until(question, complaint) {
  const deadline = Date.now() + PATIENCE_MS;
  let cause;
  while (Date.now() < deadline) {
    try {
      if (await question()) return;
    } catch (error) {
      cause = error;
    }
    await sleep(50);
  }
  throw new Error(complaint, { cause });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
