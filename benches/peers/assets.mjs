// Files that contenders need beside the catalog.

import { readFile } from "node:fs/promises";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");

/**
 * @param {string} asset a file of an npm package, or `floor.wasm`
 * @param {string} worlds where that one lies
 * @returns {Promise<Uint8Array>} in a buffer of its own
 */
export async function readAsset(asset, worlds) {
  for (const folder of [path.join(import.meta.dirname, "node_modules"), path.join(ROOT, "node_modules"), worlds]) {
    try {
      return new Uint8Array(await readFile(path.join(folder, asset)));
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
  }
  throw new Error(`no package has ${asset}`);
}

/** What a contender is called, with the version of its package. */
export async function titleOf({ title, npm }, worlds) {
  if (!npm) return title;
  const manifest = await readAsset(`${npm}/package.json`, worlds);
  return `${title} ${JSON.parse(new TextDecoder().decode(manifest)).version}`;
}
