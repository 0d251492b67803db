// The WebAssembly itself: where it may come from, and every way in which it can be missing, wrong, or fail.
//
// A process has one instance, so every test imports a fresh copy of the package from a folder of its own.

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import test, { after } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { itemIds, readModel, warningsOf, wasm, withListener } from "./setup.mjs";

const installed = path.dirname(fileURLToPath(import.meta.resolve("reshelve/package.json")));
const shipped = wasm ?? (await readFile(path.join(installed, "wasm/reshelve.wasm")));
const model = await readModel("small");
const copies = await mkdtemp(path.join(os.tmpdir(), "reshelve-"));
after(() => rm(copies, { recursive: true }));
let nCopies = 0;

/** Imports an entry of a copy of the package, after `change` had its way with the copy. */
async function importCopy(entry = "slim.js", change = async () => {}) {
  const folder = path.join(copies, String((nCopies += 1)));
  await cp(installed, folder, { recursive: true });
  await change(async (file, edit) => {
    const name = path.join(folder, file);
    const before = await readFile(name, "utf8");
    const edited = edit(before);
    assert.notEqual(edited, before, `${file} was to be changed`);
    await writeFile(name, edited);
  });
  return import(pathToFileURL(path.join(folder, entry)).href);
}

async function refused(loading, code, message) {
  await assert.rejects(loading, (error) => {
    assert.deepEqual([error.name, error.code], ["RankerError", code], error.message);
    assert.match(error.message, message);
    return true;
  });
}

function withServer(answers, use) {
  return withListener((request, response) => {
    const { type, status = 200, body } = answers[request.url] ?? { status: 404, body: "not here" };
    response.writeHead(status, type ? { "content-type": type } : {}).end(body);
  }, use);
}

async function loads(wasm) {
  const { loadModel } = await importCopy();
  const loaded = await loadModel(model, { wasm });
  assert.ok(loaded.has("item-001"));
}

test("bytes will do", async () => {
  await loads(shipped);
  await loads(shipped.buffer.slice(shipped.byteOffset, shipped.byteOffset + shipped.byteLength));
});

test("a compiled module will do, and a promise of one", async () => {
  await loads(await WebAssembly.compile(shipped));
  await loads(WebAssembly.compile(shipped));
});

test("an address will do, whatever type the server states", () =>
  withServer(
    {
      "/right.wasm": { type: "application/wasm", body: shipped },
      "/parameter.wasm": { type: "application/wasm; charset=utf-8", body: shipped },
      "/octets.wasm": { type: "application/octet-stream", body: shipped },
      "/untyped.wasm": { body: shipped },
    },
    async (origin) => {
      await loads(`${origin}/right.wasm`);
      await loads(new URL(`${origin}/octets.wasm`));
      await loads(`${origin}/untyped.wasm`);
      await loads(fetch(`${origin}/right.wasm`));
      await loads(await fetch(`${origin}/octets.wasm`));
      await loads(fetch(`${origin}/parameter.wasm`));
    },
  ));

test("the slim entry asks for it", async () => {
  const { loadModel } = await importCopy();
  await refused(loadModel(model), "ERR_WASM_UNAVAILABLE", /pass it as `wasm`/);
  await refused(loadModel(model, { wasm: null }), "ERR_WASM_UNAVAILABLE", /pass it as `wasm`/);
});

/** What every module begins with. */
const HEAD = [0, 97, 115, 109, 1, 0, 0, 0];

test("a file that is not where the bundler put it", () =>
  withServer({ "/page.wasm": { type: "text/html", body: "<!doctype html>" } }, async (origin) => {
    const { loadModel } = await importCopy();
    const missing = /not at .*missing\.wasm: status 404.*esbuild/;
    await refused(loadModel(model, { wasm: `${origin}/missing.wasm` }), "ERR_WASM_UNAVAILABLE", missing);
    await refused(loadModel(model, { wasm: `${origin}/page.wasm` }), "ERR_WASM_UNAVAILABLE", /is no WebAssembly/);
    await refused(loadModel(model, { wasm: "http://127.0.0.1:1/x.wasm" }), "ERR_WASM_UNAVAILABLE", /cannot read/);
    await refused(loadModel(model, { wasm: new Uint8Array(3) }), "ERR_WASM_UNAVAILABLE", /is no WebAssembly/);
    await refused(loadModel(model, { wasm: {} }), "ERR_WASM_UNAVAILABLE", /does not start/);
    // It takes a function `a.b`.
    const other = Uint8Array.of(...HEAD, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0);
    await refused(loadModel(model, { wasm: other }), "ERR_WASM_MISMATCH", /another file of the package/);
    const lost = () => loadModel(model, { wasm: Promise.reject(new TypeError("Invalid URL")) });
    await refused(lost(), "ERR_WASM_UNAVAILABLE", /Invalid URL/);
    await refused(loadModel(model, { wasm: shipped.subarray(0, -9) }), "ERR_WASM_UNAVAILABLE", /does not compile/);
    assert.ok((await loadModel(model, { wasm: shipped })).has("item-001"), "the next try may succeed");
  }));

test("the Node entry whose file was lost", async () => {
  const { loadModel } = await importCopy("node.js", (edit) =>
    edit("node.js", (text) => text.replaceAll("reshelve.wasm", "lost.wasm")),
  );
  await refused(loadModel(model), "ERR_WASM_UNAVAILABLE", /cannot read .*lost\.wasm/);
});

test("the browser's entry compiles once, for callers at once too", async () => {
  const { loadModel } = await importCopy("index.js");
  const { compile, compileStreaming } = WebAssembly;
  let compiled = 0;
  WebAssembly.compile = (...given) => ((compiled += 1), compile(...given));
  WebAssembly.compileStreaming = (...given) => ((compiled += 1), compileStreaming(...given));
  try {
    const sources = [shipped, "http://127.0.0.1:1/never-asked-for.wasm", new Uint8Array(1)];
    const loaded = await Promise.all(sources.map((wasm) => loadModel(model, { wasm })));
    assert.equal(compiled, 1);
    assert.equal(new Set(loaded.map(({ info }) => info.id)).size, 1);
  } finally {
    Object.assign(WebAssembly, { compile, compileStreaming });
  }
});

test("a runtime that compiles nothing, and one without WebAssembly", async () => {
  const { loadModel } = await importCopy();
  const { WebAssembly: real } = globalThis;
  const { compile } = real;
  try {
    real.compile = () => {
      throw new real.CompileError("Wasm code generation disallowed by embedder");
    };
    await refused(loadModel(model, { wasm: shipped }), "ERR_WASM_UNAVAILABLE", /disallowed.*'wasm-unsafe-eval'/);
    real.compile = compile;
    delete globalThis.WebAssembly;
    await refused(loadModel(model, { wasm: shipped }), "ERR_WASM_UNAVAILABLE", /no WebAssembly/);
  } finally {
    globalThis.WebAssembly = real;
    real.compile = compile;
  }
  assert.ok((await loadModel(model, { wasm: shipped })).has("item-001"));
});

test("a cache that mixes releases", async () => {
  const stale = await importCopy("slim.js", (edit) =>
    edit("wasm/build-id.js", (text) => text.replace(/[0-9a-f]{16}/, "0123456789abcdef")),
  );
  await refused(stale.loadModel(model, { wasm: shipped }), "ERR_WASM_MISMATCH", /Reload without the cache/);
  await refused(stale.loadModel(model, { wasm: shipped }), "ERR_WASM_MISMATCH", /0123456789abcdef/);

  const renamed = await importCopy("slim.js", (edit) =>
    edit("wasm/reshelve.js", (text) => text.replace(/__wbg_new_\w+/g, "$&_of_another_release")),
  );
  await refused(renamed.loadModel(model, { wasm: shipped }), "ERR_WASM_MISMATCH", /another release/);
});

test("a trap is the end of the instance, and of nothing else", async () => {
  const { loadModel } = await importCopy("slim.js", (edit) =>
    edit("wasm/reshelve.js", (text) =>
      text.replace("clear(){", "$&throw new WebAssembly.RuntimeError('unreachable');"),
    ),
  );
  const hits = itemIds(5).map((id) => ({ id }));
  const loaded = await loadModel(model, { wasm: shipped });
  const session = loaded.session();
  session.record({ type: "view", itemId: "item-003" });
  const rerank = () => session.rerank(hits, { surface: "search", itemId: ({ id }) => id });
  assert.equal(rerank().outcome, "personalized");

  const warnings = await warningsOf(async () => {
    assert.throws(() => session.clear(), { code: "ERR_INTERNAL" });
    for (let n = 0; n < 3; n++) {
      const { outcome, reason, items } = rerank();
      assert.deepEqual([outcome, reason, items], ["unchanged", "internal_error", hits]);
    }
    assert.deepEqual(session.recommend({ surface: "home", limit: 3 }).items, []);
    assert.throws(() => session.record({ type: "view", itemId: "item-001" }), { code: "ERR_INTERNAL" });
    assert.throws(() => loaded.has("item-030"), { code: "ERR_INTERNAL" });
    await refused(loadModel(model), "ERR_INTERNAL", /unreachable; reload/);
    session.dispose();
    loaded.dispose();
  });
  assert.equal(warnings.length, 1, warnings.join("\n"));
  assert.match(warnings[0], /reshelve has failed/);
});

test("importing does nothing", async () => {
  const { compile } = WebAssembly;
  const { fetch } = globalThis;
  const refuse = () => assert.fail("importing did something");
  WebAssembly.compile = refuse;
  globalThis.fetch = refuse;
  try {
    for (const entry of ["index.js", "node.js", "slim.js", "shopper.js", "trace.js", "instantsearch.js"])
      await importCopy(entry);
  } finally {
    WebAssembly.compile = compile;
    globalThis.fetch = fetch;
  }
});
