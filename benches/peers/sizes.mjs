// What comes over the wire, with brotli: code of each contender, and models.

import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { SLIM, sizes } from "../../tests/harness/sizes.mjs";
import { readAsset } from "./assets.mjs";

/** @param {Uint8Array} bytes */
function compressed(bytes) {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
  const params = { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: 24, [BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
}

/** The contender's module with all that it imports, minified, and its WebAssembly, in bytes. */
export async function codeSize(name, worlds) {
  const file = path.join(import.meta.dirname, "contenders", `${name}.mjs`);
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    write: false,
    outdir: worlds,
    format: "esm",
    target: "es2024",
    // Writes the file that ONNX Runtime loads, which no page does.
    external: [...EXTERNAL, "onnx-proto"],
    logLevel: "error",
  });
  const { assets } = await import(file);
  const contents = await Promise.all(assets.map((asset) => readAsset(asset, worlds)));
  return [...outputFiles.map(({ contents }) => contents), ...contents].map(compressed).reduce((a, b) => a + b, 0);
}

/** What bundles for pages leave alone: modules of Node, which no page comes to. */
export const EXTERNAL = ["node:*", "fs", "path", "url", "module", "worker_threads", "perf_hooks", "os"];

/**
 * @param {string} folder the assembled npm package
 * @param {Record<string, string>} models files, by the number of their items, each with the summary of its build beside it
 * @returns {Promise<{ entry: number, slim: number, models: Record<string, { raw: number, brotli: number, lost: number }> }>} in
 *   bytes; `lost`: the share of HR or MRR, whichever is greater, that rounding takes from the embedding
 */
export async function wireSizes(folder, models) {
  const of = async (entry) => (await sizes(folder, entry)).at(-1).brotli;
  const wire = { entry: await of(), slim: await of(SLIM), models: {} };
  for (const [items, file] of Object.entries(models)) {
    const bytes = await readFile(file);
    const { rounding } = JSON.parse(await readFile(file.replace(/shelf$/, "json"), "utf8"));
    const kept = Math.min(rounding.shipped_hr / rounding.float_hr, rounding.shipped_mrr / rounding.float_mrr);
    wire.models[items] = { raw: bytes.length, brotli: compressed(bytes), lost: Math.max(1 - kept, 0) };
  }
  return wire;
}
