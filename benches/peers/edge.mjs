// examples/edge-worker on workerd, with a model of 20,000 items, beside the same worker without Reshelve, and one that only
// reads the page and gives it out again: how long from starting workerd to a shopper's first listing, and how long a
// listing takes from then on.

import { build } from "esbuild";
import { mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { Miniflare } from "miniflare";
import { loadModel } from "reshelve";
import { idOf } from "./world.mjs";

const EXAMPLE = path.resolve(import.meta.dirname, "../../examples/edge-worker");
export const EDGE_ITEMS = 20_000;
const N_CARDS = 48;
const WARM_UP = 50;
const CALLS = 200;

const IMPORT = `import { originPage } from ${JSON.stringify(path.join(EXAMPLE, "src/origin.js"))};`;

/** The workers, by name. */
const ENTRIES = {
  reshelve: path.join(EXAMPLE, "src/worker.js"),
  plain: `${IMPORT} export default { fetch: originPage };`,
  // What any worker has to do that changes something in the page.
  reading: `${IMPORT} export default {
    async fetch(...given) {
      const response = await originPage(...given);
      return new Response(await response.arrayBuffer(), response);
    },
  };`,
};

/**
 * @param {string} worlds the folder of the worlds
 * @param {number} rounds
 * @returns {Promise<Record<"cold" | "first" | "warm", Record<keyof typeof ENTRIES, number>>>} in milliseconds, each the best
 *   of all rounds: from starting workerd to the first listing, the first listing alone, and the median of the others
 */
export async function measureEdge(worlds, rounds) {
  const shelf = await readFile(path.join(worlds, String(EDGE_ITEMS), "store.shelf"));
  const token = await tokenOf(shelf);
  const page = listing();
  const origin = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "public, max-age=3600" });
    response.end(page);
  });
  await new Promise((resolve) => origin.listen(0, "127.0.0.1", resolve));
  const folder = path.join(worlds, "edge");
  await mkdir(folder, { recursive: true });
  const toml = await readFile(path.join(EXAMPLE, "wrangler.toml"), "utf8");
  const settings = {
    modulesRoot: folder,
    compatibilityDate: /compatibility_date = "(.+)"/.exec(toml)[1],
    bindings: { MODEL_TIMEOUT_MS: 60_000 },
    serviceBindings: {
      ASSETS: (request) =>
        request.url.endsWith("/store.shelf") ? new Response(shelf) : new Response("none", { status: 404 }),
      ORIGIN: { external: { address: `127.0.0.1:${origin.address().port}`, http: {} } },
    },
  };
  const modules = {};
  for (const [name, entry] of Object.entries(ENTRIES)) modules[name] = await bundle(entry, folder);

  const best = { cold: {}, first: {}, warm: {} };
  const keep = (figure, name, ms) => void (best[figure][name] = Math.min(best[figure][name] ?? Infinity, ms));
  try {
    for (let round = 0; round < rounds; round++) {
      const workers = {};
      try {
        for (const name of Object.keys(ENTRIES)) {
          const start = performance.now();
          workers[name] = new Miniflare({ ...settings, modules: modules[name] });
          await workers[name].ready;
          const ready = performance.now();
          const html = await get(workers[name], token);
          const end = performance.now();
          if ((html !== page) !== (name === "reshelve")) throw new Error(`the worker ${name} gives another page`);
          keep("cold", name, end - start);
          keep("first", name, end - ready);
        }
        const samples = Object.fromEntries(Object.keys(ENTRIES).map((name) => [name, []]));
        for (let call = 0; call < WARM_UP + CALLS; call++) {
          for (const [name, taken] of Object.entries(samples)) {
            const start = performance.now();
            await get(workers[name], token);
            if (call >= WARM_UP) taken.push(performance.now() - start);
          }
        }
        for (const [name, taken] of Object.entries(samples)) {
          keep("warm", name, taken.sort((left, right) => left - right)[CALLS / 2]);
        }
      } finally {
        for (const worker of Object.values(workers)) await worker.dispose();
      }
    }
  } finally {
    origin.close();
  }
  return best;
}

async function get(worker, token) {
  const response = await worker.dispatchFetch("http://shop.example/category/1", {
    headers: { cookie: `reshelve=${token}` },
  });
  return response.text();
}

/** Bundled as wrangler does: one script, and the WebAssembly beside it as a module. */
async function bundle(entry, folder) {
  const isFile = path.isAbsolute(entry);
  const { outputFiles } = await build({
    ...(isFile ? { entryPoints: [entry] } : { stdin: { contents: entry, resolveDir: EXAMPLE } }),
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    outdir: folder,
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
  });
  const modules = outputFiles.map(({ path: file, contents }) => ({
    type: file.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
    path: file,
    contents,
  }));
  return modules.sort((left, right) => right.type.localeCompare(left.type));
}

/** Of a shopper who has just viewed some items. */
async function tokenOf(shelf) {
  const model = await loadModel(shelf);
  const session = model.session();
  for (const row of [7, 70, 700])
    session.record({ type: "view", itemId: idOf(row), timestamp: Date.now() - row * 100 });
  const token = session.token();
  model.dispose();
  return token;
}

/** A page with a list of cards as a store may have them, some 30 kB. */
function listing() {
  const card = (index) => {
    const id = idOf(index * 401);
    return `<!-- item:${id} --><li class="card"><a href="/p/${id}"><img src="/i/${id}.webp" width="320" height="400" alt="">
<h3>A name of an item, number ${index}</h3><p class="price">${10 + index},99 €</p></a>
<button data-id="${id}">Put into the cart</button>${"<i>small print</i>".repeat(20)}</li>\n`;
  };
  const cards = Array.from({ length: N_CARDS }, (_, index) => card(index)).join("");
  return `<!doctype html><title>A category</title><ul>\n<!-- reshelve:category -->\n${cards}<!-- /reshelve --></ul>\n`;
}
