// Which code of the package could reach the network: read from its modules, as shipped, by a parser. One place may, the
// loader of model and WebAssembly. `tests/browser/privacy.test.mjs` shows the same while it runs.

import { parse } from "acorn";
import { full } from "acorn-walk";
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

const PACKAGE = process.env.RESHELVE_PACKAGE ?? path.resolve("node_modules/reshelve");

/**
 * Everything in a browser, a worker or Node that sends something or has something sent, by the names it goes by: asked
 * for as a variable, as a property of anything, or as a text, so that `self["fet" + "ch"]` is caught by its `self[…]`.
 */
const NETWORK = new Set([
  ...[
    "fetch",
    "fetchLater",
    "XMLHttpRequest",
    "sendBeacon",
    "WebSocket",
    "WebSocketStream",
    "EventSource",
    "WebTransport",
  ],
  ...["RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel", "Worker", "SharedWorker", "serviceWorker"],
  ...["importScripts", "Worklet", "addModule", "Image", "Audio", "FontFace", "PushManager", "BackgroundFetchManager"],
  // Elements and styles that load something, pages that are left for others, cookies that go with the next request.
  ...["src", "srcset", "srcdoc", "href", "action", "formAction", "poster", "ping", "innerHTML", "outerHTML"],
  ...[
    "insertAdjacentHTML",
    "setHTMLUnsafe",
    "createContextualFragment",
    "createElement",
    "createElementNS",
    "DOMParser",
  ],
  ...["write", "writeln", "setAttribute", "insertRule", "replaceSync", "cssText", "location", "navigation", "navigate"],
  ...["pushState", "replaceState", "cookie", "cookieStore", "opener", "credentials", "paymentManager", "reportError"],
  // Code out of texts could do all of it.
  ...["eval", "Function", "setImmediate", "require", "createRequire", "process", "WebAssembly"],
]);

/** Names of the global object and of what hangs from it: asked for a property by a value, they may give anything. */
const GLOBALS = new Set(["globalThis", "self", "window", "global", "frames", "top", "parent", "navigator", "document"]);

/** @returns {string[]} what of it a module names, sorted */
function found(source) {
  const names = new Set();
  const note = (name) => NETWORK.has(name) && names.add(name);
  full(parse(source, { ecmaVersion: "latest", sourceType: "module" }), (node) => {
    if (node.type === "Identifier") note(node.name);
    if (node.type === "Literal") note(node.value);
    if (node.type === "MemberExpression") {
      if (!node.computed) note(node.property.name);
      else if (GLOBALS.has(node.object.name) && node.property.type !== "Literal") names.add(`${node.object.name}[…]`);
    }
    if (node.type === "AssignmentExpression" && node.left.property?.name === "cookie") names.add("cookie=");
    if (node.type === "ObjectPattern")
      for (const { key, computed } of node.properties) if (key && !computed) note(key.name ?? key.value);
    if (node.type === "ImportExpression") names.add("import()");
    if (/^(Import|Export)\w*Declaration$/.test(node.type) && node.source && !node.source.value.startsWith("."))
      names.add(`import of ${node.source.value}`);
  });
  return [...names].sort();
}

/** What each module may name, and why. */
const ALLOWED = {
  // The loader: it downloads the model and the WebAssembly, and starts the latter.
  "lib/download.js": ["fetch"],
  "lib/instance.js": ["WebAssembly", "fetch"],
  // Reads whether there is a token, and how the page came; `cookie=` would be here if it set one.
  "html/hold.js": ["cookie", "navigation"],
  // Keeps the token's cookie, of this host alone unless told otherwise, as the shopper has agreed (`keepCookie`).
  "token.js": ["cookie", "cookie="],
  // In Node it reads both from files.
  "node.js": ["import of node:fs/promises"],
  "published/node.js": ["import of node:fs/promises"],
  "rules/node.js": ["import of node:fs/promises"],
  // A kind of entry in the browser's timeline, as a text; a method of the package's own database and tab.
  "shopper/hygiene.js": ["navigation"],
  "shopper/keeper.js": ["write"],
};

test("only the loader can reach the network", async () => {
  const files = (await readdir(PACKAGE, { recursive: true })).filter((file) => file.endsWith(".js")).sort();
  assert.ok(files.length > 25, `${files.length} modules`);
  const seen = {};
  for (const file of files) {
    const names = found(await readFile(path.join(PACKAGE, file), "utf8"));
    if (names.length) seen[file.split(path.sep).join("/")] = names;
  }
  assert.deepEqual(seen, ALLOWED);
});

test("the search finds what it should", () => {
  const cases = [
    ["fetch('/x')", "fetch"],
    ["globalThis.fetch('/x')", "fetch"],
    ["const { fetch: f } = self; f('/x')", "fetch"],
    ["self['fetch']('/x')", "fetch"],
    ["self['fe' + 'tch']('/x')", "self[…]"],
    ["navigator.sendBeacon('/x')", "sendBeacon"],
    ["new Image().alt = 'x'", "Image"],
    ["element.src = '/x'", "src"],
    ["import('/x.js')", "import()"],
    ["import x from 'elsewhere'", "import of elsewhere"],
    ["export * from 'https://elsewhere.example/x.js'", "import of https://elsewhere.example/x.js"],
    ["document.cookie = 'a=b'", "cookie="],
    ["new Worker('/x.js')", "Worker"],
    ["(0, eval)('1')", "eval"],
  ];
  for (const [source, name] of cases) assert.ok(found(source).includes(name), source);
  assert.deepEqual(found("export const open = (database) => database.open('store')"), []);
});

for (const [name, own] of [["reshelve"], ["slim", "reshelve"], ["rules"], ["parts"]]) {
  test(`${name}.wasm is given nothing but functions of its glue`, async () => {
    const module = await WebAssembly.compile(await readFile(path.join(PACKAGE, `wasm/${name}.wasm`)));
    const glue = await import(pathToFileURL(path.join(PACKAGE, `wasm/${own ?? name}.js`)));
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      assert.equal(kind, "function", `${from} ${name}`);
      assert.equal(typeof glue[name], "function", `${from} ${name}`);
    }
  });
}
