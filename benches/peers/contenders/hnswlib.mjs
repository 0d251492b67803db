// hnswlib-wasm: an HNSW graph, built while it loads. Its loader wants a page with IndexedDB; its module does not.

import { floats } from "../world.mjs";

const DIMENSIONS = 64;

export const title = "hnswlib-wasm, HNSW";
export const npm = "hnswlib-wasm";
export const inputs = ["vectors.f32", "ids.json"];
export const assets = [];
/** Beyond this, building takes minutes. */
export const most = { node: 100_000, chromium: 10_000 };

globalThis.window ??= globalThis;
globalThis.document ??= { baseURI: "file:///" };
globalThis.location ??= { href: "file:///" };
const { default: instantiate } = await import("hnswlib-wasm/dist/hnswlib-317962d7.js");

export async function open({ files }) {
  const { HierarchicalNSW } = await instantiate();
  const vectors = floats(files["vectors.f32"]);
  const ids = JSON.parse(new TextDecoder().decode(files["ids.json"]));
  const index = new HierarchicalNSW("ip", DIMENSIONS, "");
  // M, efConstruction and seed: its documentation's own.
  index.initIndex(ids.length, 16, 200, 100);
  index.setEfSearch(64);
  for (let row = 0; row < ids.length; row++) {
    index.addPoint(vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS), row, false);
  }
  return {
    prepare: (at, world) => world.query(at),
    search: (query) => index.searchKnn(query, 20, undefined).neighbors.map((row) => ids[row]),
  };
}
