// What a page downloads from the package's default entry, measured: the WebAssembly, and every module that the entry
// imports, as shipped. `node tests/harness/sizes.mjs FOLDER` prints a table.

import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/**
 * Most bytes, brotli, that the default entry may cost: WebAssembly and JavaScript together. Another build id alone moves that by
 * up to 0.1 kB.
 */
export const BUDGET = 67_000;

/** The same with the WebAssembly that orders lists and nothing else, `reshelve/slim/wasm`. */
export const SLIM_BUDGET = 35_900;

/** Most bytes, brotli, of the WebAssembly that joins shards and applies deltas, `reshelve/published/wasm`. */
export const PARTS_BUDGET = 32_800;

/** Most bytes, brotli, of what else a page may import, bundled: by its subpath. */
export const MODULE_BUDGETS = { "./html": 2_400, "./token": 1_800 };

function measure(name, content) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  return {
    name,
    raw: content.length,
    gzip: gzipSync(content, { level: 9 }).length,
    brotli: brotliCompressSync(content, { params }).length,
  };
}

/** The WebAssembly that joins shards and applies deltas. */
export async function partsSize(folder) {
  return measure("published: WebAssembly", await readFile(path.join(folder, "wasm/parts.wasm")));
}

/** @param {string} subpath as in the package's `exports` */
async function bundleOf(folder, subpath) {
  const manifest = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  return build({
    entryPoints: [path.resolve(folder, manifest.exports[subpath].default)],
    absWorkingDir: path.resolve(folder),
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
}

/** A module that pages import beside the default entry, with all that it imports. */
export async function moduleSize(folder, subpath) {
  const { outputFiles } = await bundleOf(folder, subpath);
  return measure(subpath, outputFiles[0].contents);
}

/**
 * What a page downloads: of the default entry, or of `reshelve/slim` with the WebAssembly that orders lists alone.
 *
 * @param {string} folder the assembled package
 * @param {{ subpath?: string, file?: string }} [entry]
 * @returns {Promise<{ name: string, raw: number, gzip: number, brotli: number }[]>} one row a part; the last is the sum
 */
export async function sizes(folder, { subpath = ".", file = "wasm/reshelve.wasm" } = {}) {
  const bundle = await bundleOf(folder, subpath);
  const modules = await Promise.all(
    Object.keys(bundle.metafile.inputs)
      .sort()
      .map((file) => readFile(path.join(folder, file))),
  );
  const wasm = measure("WebAssembly", await readFile(path.join(folder, file)));
  const minified = measure("JavaScript, bundled and minified", bundle.outputFiles[0].contents);
  const shipped = measure("JavaScript, as shipped", Buffer.concat(modules));
  const sum = { name: "WebAssembly + JavaScript, as shipped", raw: 0, gzip: 0, brotli: 0 };
  for (const part of [wasm, shipped]) {
    for (const unit of ["raw", "gzip", "brotli"]) sum[unit] += part[unit];
  }
  return [wasm, minified, shipped, sum];
}

/** `reshelve/slim` with the smaller WebAssembly, for {@link sizes}. */
export const SLIM = { subpath: "./slim", file: "wasm/slim.wasm" };

if (process.argv[1] === import.meta.filename) {
  const slim = (await sizes(process.argv[2], SLIM)).map((part) => ({ ...part, name: `slim: ${part.name}` }));
  const all = [...(await sizes(process.argv[2])), ...slim, await partsSize(process.argv[2])];
  for (const { name, raw, gzip, brotli } of all) {
    const columns = [raw, gzip, brotli].map((bytes) => bytes.toLocaleString("en-US").padStart(9));
    console.log(`${name.padEnd(42)} ${columns[0]} B ${columns[1]} gzip ${columns[2]} brotli`);
  }
}
