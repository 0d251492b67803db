// examples/edge-worker on workerd, between a test as the shopper and a server of the test as the store's origin.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { after } from "node:test";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

export const WORKER = path.resolve(import.meta.dirname, "../../examples/edge-worker");
export const GOLDEN = process.env.RESHELVE_GOLDEN ?? path.resolve(import.meta.dirname, "../golden");

const compatibilityDate = /compatibility_date = "(.+)"/.exec(
  await readFile(path.join(WORKER, "wrangler.toml"), "utf8"),
)[1];

/** For files; gone after the tests. */
export const folder = await mkdtemp(path.join(os.tmpdir(), "reshelve-edge-"));
/**
 * What the origin answers, by path. `body` may be an async generator: the origin's pauses are its own. It is given the
 * `ServerResponse`, which it may cut off.
 */
export const answers = {};
/** What the origin was asked: `METHOD path body`, and the headers. */
export const asked = [];
/** Calls to the workers' assets, and to anywhere else. */
export const assetCalls = [];
export const foreignCalls = [];

const running = [];
const origin = createServer(async (request, response) => {
  const chunks = await request.toArray();
  asked.push({ what: `${request.method} ${request.url} ${Buffer.concat(chunks)}`, headers: request.headers });
  const { status = 200, type = "text/html; charset=utf-8", headers = {}, body } = answers[request.url];
  response.writeHead(status, { "content-type": type, ...headers });
  if (typeof body !== "function") return response.end(body);
  for await (const chunk of body(response)) {
    if (!response.write(chunk)) await new Promise((resolve) => response.once("drain", resolve));
  }
  response.end();
});
await new Promise((resolve) => origin.listen(0, "127.0.0.1", resolve));

after(async () => {
  await Promise.all(running.map((miniflare) => miniflare.dispose()));
  origin.closeAllConnections();
  origin.close();
  await rm(folder, { recursive: true, force: true });
});

/** Bundled as wrangler does: one script, and the WebAssembly beside it as a module. */
export async function bundle(entry) {
  const { outputFiles } = await build({
    ...entry,
    bundle: true,
    write: false,
    format: "esm",
    outdir: folder,
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
  });
  // The script comes first: it is where workerd begins.
  return outputFiles
    .map(({ path: file, contents }) => {
      const type = file.endsWith(".wasm") ? "CompiledWasm" : "ESModule";
      return { type, path: file, contents };
    })
    .sort((left, right) => right.type.localeCompare(left.type));
}

export async function start(options) {
  const miniflare = new Miniflare({ modulesRoot: folder, compatibilityDate, ...options });
  running.push(miniflare);
  await miniflare.ready;
  return miniflare;
}

/**
 * The worker as deployed, with what it is bound to.
 *
 * @param {object} settings `assets` answers for a file of the static assets, `/store.shelf`; `files` are real ones instead
 */
export async function startWorker({
  assets,
  isRouted = false,
  files,
  timeout = 60_000,
  secrets = {},
  ...options
} = {}) {
  const ASSETS = (request) => {
    assetCalls.push(request.url);
    return assets(new URL(request.url).pathname);
  };
  const ORIGIN = { external: { address: `127.0.0.1:${origin.address().port}`, http: {} } };
  return start({
    modules: await bundle({ entryPoints: [path.join(WORKER, "src/worker.js")] }),
    serviceBindings: { ...(assets && { ASSETS }), ...(!isRouted && { ORIGIN }) },
    assets: files,
    bindings: { MODEL_TIMEOUT_MS: timeout, ...secrets },
    outboundService: (request) => {
      foreignCalls.push(request.url);
      return new Response("nobody should ask", { status: 500 });
    },
    ...options,
  });
}

/** Asks a worker as a browser would. */
export async function get(miniflare, url, cookie, init = {}) {
  const headers = { ...(cookie === undefined ? {} : { cookie }), ...init.headers };
  return miniflare.dispatchFetch(`http://shop.example${url}`, { redirect: "manual", ...init, headers });
}

/** A card, a list of them with its marks, and a page. A list that was reordered is marked as `reshelved`. */
export const card = (id) =>
  `<!-- item:${encodeURIComponent(id)} --><li><a href="/p/${id}">Ünder <b>${id}</b></a></li>\n`;
export const list = (surface, shown, mark = "reshelve") =>
  `<ul>\n<!-- ${mark}:${surface} -->\n${shown.map(card).join("")}<!-- /reshelve --></ul>`;
export const page = (...body) =>
  `<!doctype html><!-- a comment --><title>Söcks</title>\n${body.join("\n<hr>\n")}\n</html>\n`;

/** The ids of a page's items, in their order. */
export const idsOf = (html) => Array.from(html.matchAll(/<!-- item:(\S+) -->/g), ([, id]) => decodeURIComponent(id));
