// The package in edge runtimes: workerd, which compiles no bytes, and Vercel's edge-runtime.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { EdgeRuntime } from "edge-runtime";
import { build } from "esbuild";
import { Miniflare, Response as MiniflareResponse } from "miniflare";

const PACKAGE = process.env.RESHELVE_PACKAGE ?? path.resolve("target/package/reshelve");
const GOLDEN = process.env.RESHELVE_GOLDEN ?? path.resolve("tests/golden");

/** The golden cases, and the models as base64, by file. */
async function goldenRequest() {
  const files = (await readdir(GOLDEN)).filter((file) => file.endsWith(".shelf"));
  const contents = await Promise.all(files.map((file) => readFile(path.join(GOLDEN, file), "base64")));
  const golden = JSON.parse(await readFile(path.join(GOLDEN, "cases.json"), "utf8"));
  return { golden, models: Object.fromEntries(files.map((file, index) => [file, contents[index]])) };
}

/** Answers with what `runGolden` says. The imports of `reshelve` stay imports, as a deployed worker has them. */
async function bundleWorker(entry, options) {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: import.meta.dirname, loader: "js" },
    bundle: true,
    format: "esm",
    write: false,
    ...options,
  });
  return outputFiles[0].text;
}

/** A worker of this script, beside which the package lies in `./reshelve`. */
async function startWorkerd(script, options = {}) {
  const root = path.resolve("/worker");
  return new Miniflare({
    modulesRoot: root,
    modules: [
      { type: "ESModule", path: path.join(root, "index.js"), contents: script },
      ...(await packageModules(path.join(root, "reshelve"))),
    ],
    compatibilityDate: "2026-04-01",
    ...options,
  });
}

const RUN = `
import { runGolden } from "${path.join(GOLDEN, "run.mjs").replaceAll("\\", "/")}";
const toBytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
export async function answer(request, reshelve, options) {
  const { golden, models } = await request.json();
  return runGolden(reshelve, golden, (file) => toBytes(models[file]), options);
}
`;

/** Every module of the package for workerd, at an absolute place. */
async function packageModules(root) {
  const files = await readdir(PACKAGE, { recursive: true });
  return Promise.all(
    files
      .filter((file) => /\.(js|wasm)$/.test(file) && !/^((published|rules)\/)?(node|index|edge-light)\.js$/.test(file))
      .map(async (file) => ({
        type: file.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
        path: path.join(root, file),
        contents: await readFile(path.join(PACKAGE, file)),
      })),
  );
}

function checkGolden({ passed, failures }, cases) {
  assert.deepEqual(failures, []);
  assert.equal(passed, cases.length);
}

test("workerd imports the module, and gives every golden result", async () => {
  const script = await bundleWorker(
    `${RUN}
    import * as reshelve from "./reshelve/workerd.js";
    import { loadModel as loadSlim } from "./reshelve/slim.js";
    import { loadRulesCompiler } from "./reshelve/rules/workerd.js";
    import wasm from "./reshelve/wasm/reshelve.wasm";
    export default {
      async fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname === "/golden") return Response.json(await answer(request, reshelve));
        if (pathname === "/slim") return Response.json(await answer(request, { loadModel: loadSlim }, { wasm }));
        const model = await reshelve.loadModel(await request.arrayBuffer());
        const compiler = await loadRulesCompiler();
        model.useRules(compiler.compile("[[filter]]\\nname = 'a'\\ndrop = \\"item == 'item-005'\\""));
        const session = model.session();
        session.record({ type: "view", itemId: "item-003" });
        const hits = [{ id: "item-005" }, { id: "item-004" }];
        const { outcome, rankingId, barred } = session.rerank(hits, { surface: "search", itemId: (hit) => hit.id });
        return Response.json({ outcome, rankingId, barred });
      },
    };`,
    { external: ["./reshelve/*"] },
  );
  const miniflare = await startWorkerd(script);
  try {
    const request = await goldenRequest();
    for (const pathname of ["/golden", "/slim"]) {
      const body = JSON.stringify(request);
      const response = await miniflare.dispatchFetch(`http://worker${pathname}`, { method: "POST", body });
      checkGolden(await response.json(), request.golden.cases);
    }
    const body = await readFile(path.join(GOLDEN, "small.shelf"));
    const response = await miniflare.dispatchFetch("http://worker/", { method: "POST", body });
    const { outcome, rankingId, barred } = await response.json();
    assert.deepEqual([outcome, barred], ["personalized", 1]);
    assert.match(rankingId, /^[0-9a-f]{32}$/);
  } finally {
    await miniflare.dispose();
  }
});

test("workerd joins the shards of a published model", async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), "reshelve-workerd-"));
  t.after(() => rm(folder, { recursive: true }));
  const options = ["--first", "40", "--most", "60"];
  const published = ["publish", path.join(GOLDEN, "indexed.shelf"), "-o", folder, ...options];
  await promisify(execFile)(process.env.RESHELVE_BIN, published);
  const script = `
    import { openPublished } from "./reshelve/published/workerd.js";
    export default {
      async fetch(request) {
        const published = await openPublished("https://store.example/model/manifest.json");
        const before = published.model.info.itemCount;
        const after = (await published.cover(await request.json())).info.itemCount;
        return Response.json({ before, after, loaded: published.shards.filter(({ loaded }) => loaded).length });
      },
    };`;
  const miniflare = await startWorkerd(script, {
    outboundService: async ({ url }) => new MiniflareResponse(await readFile(path.join(folder, path.basename(url)))),
  });
  try {
    const { shards, items } = JSON.parse(await readFile(path.join(folder, "manifest.json"), "utf8"));
    const ask = async (itemIds) => {
      const body = JSON.stringify(itemIds);
      return (await miniflare.dispatchFetch("http://worker/", { method: "POST", body })).json();
    };
    const itemIds = Array.from({ length: items }, (_, item) => `item-${String(item).padStart(3, "0")}`);
    assert.deepEqual(await ask([]), { before: 40, after: 40, loaded: 1 });
    assert.deepEqual(await ask(itemIds), { before: 40, after: items, loaded: shards.length });
  } finally {
    await miniflare.dispose();
  }
});

test("workerd refuses bytes, and the package says what to do", async () => {
  const script = `
    import { loadModel } from "./reshelve/slim.js";
    export default {
      async fetch(request) {
        const wasm = await request.arrayBuffer();
        return loadModel(new Uint8Array(0), { wasm }).catch(({ code, message }) => Response.json({ code, message }));
      },
    };`;
  const miniflare = await startWorkerd(script);
  try {
    const body = await readFile(path.join(PACKAGE, "wasm/reshelve.wasm"));
    const response = await miniflare.dispatchFetch("http://worker/", { method: "POST", body });
    const { code, message } = await response.json();
    assert.equal(code, "ERR_WASM_UNAVAILABLE");
    assert.match(message, /pass it as `wasm`/);
  } finally {
    await miniflare.dispose();
  }
});

/** What a build for Vercel does: the import with `?module` becomes a compiled module. */
const compiledModules = {
  name: "compiled-modules",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "compiled" }));
    onLoad({ filter: /.*/, namespace: "compiled" }, () => ({ contents: "export default globalThis.wasm" }));
  },
};

const WASM = await readFile(path.join(PACKAGE, "wasm/reshelve.wasm"));
const EDGE = {
  "edge-runtime compiles bytes for the slim entry": {
    entry: "slim.js",
    options: "{ wasm: globalThis.wasm }",
    wasm: () => new Uint8Array(WASM),
  },
  "edge-runtime imports the module for the edge-light entry": {
    entry: "edge-light.js",
    options: "undefined",
    wasm: () => WebAssembly.compile(WASM),
  },
};

for (const [name, { entry, options, wasm }] of Object.entries(EDGE)) {
  test(`${name}, and gives every golden result`, async () => {
    const script = await bundleWorker(
      `${RUN}
      import * as reshelve from ${JSON.stringify(path.join(PACKAGE, entry))};
      addEventListener("fetch", (event) => {
        event.respondWith(answer(event.request, reshelve, ${options}).then(Response.json));
      });`,
      { format: "iife", plugins: [compiledModules] },
    );
    const given = { wasm: await wasm() };
    const runtime = new EdgeRuntime({ initialCode: script, extend: (context) => Object.assign(context, given) });
    const request = await goldenRequest();
    const response = await runtime.dispatchFetch("http://edge/", { method: "POST", body: JSON.stringify(request) });
    await response.waitUntil();
    checkGolden(await response.json(), request.golden.cases);
  });
}
