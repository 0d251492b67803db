// What every test of this folder needs: the package, as unpacked from its tarball, and models to load.

import { readFile } from "node:fs/promises";
import path from "node:path";

/** The golden files. */
export const GOLDEN = process.env.RESHELVE_GOLDEN ?? path.resolve(import.meta.dirname, "../golden");

/** The WebAssembly under test: the shipped one, or its twin without `simd128`. */
export const wasm = process.env.RESHELVE_WASM ? await readFile(process.env.RESHELVE_WASM) : undefined;

/** @param {string} name of a golden model */
export function readModel(name) {
  return readFile(path.join(GOLDEN, `${name}.shelf`));
}

/** @returns {Promise<{ models: Record<string, string>, cases: object[] }>} */
export async function readCases() {
  return JSON.parse(await readFile(path.join(GOLDEN, "cases.json"), "utf8"));
}

/** Ids as the golden models have them. */
export function itemIds(count, first = 0) {
  return Array.from({ length: count }, (_, index) => `item-${String(first + index).padStart(3, "0")}`);
}
