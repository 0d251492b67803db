// What every test of this folder needs: the package, as unpacked from its tarball, and models to load.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
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

/**
 * Runs something and collects what it says to `console.warn`.
 *
 * @param {() => void | Promise<void>} work
 * @returns {Promise<string[]>} the first argument of each call
 */
export async function warningsOf(work) {
  const { warn } = console;
  const warnings = [];
  console.warn = (message) => void warnings.push(String(message));
  try {
    await work();
  } finally {
    console.warn = warn;
  }
  return warnings;
}

/**
 * Gives `use` the address of a server on this machine.
 *
 * @template T
 * @param {import("node:http").RequestListener} answer
 * @param {(origin: string) => Promise<T>} use
 */
export async function withListener(answer, use) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections?.();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Numbers that look random and are the same every time: mulberry32. */
export function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
