// voy: a k-d tree, built while it loads.

import * as glue from "voy-search/voy_search_bg.js";
import { floats } from "../world.mjs";

const WASM = "voy-search/voy_search_bg.wasm";
const DIMENSIONS = 64;

export const title = "voy, k-d tree";
export const npm = "voy-search";
export const inputs = ["vectors.f32", "ids.json"];
export const assets = [WASM];
/** It needs 5 kB an item. */
export const most = { node: 100_000, chromium: 10_000 };

export async function open({ files }, { [WASM]: wasm }) {
  const { instance } = await WebAssembly.instantiate(wasm, { "./voy_search_bg.js": glue });
  glue.__wbg_set_wasm(instance.exports);
  const vectors = floats(files["vectors.f32"]);
  const ids = JSON.parse(new TextDecoder().decode(files["ids.json"]));
  const embeddings = ids.map((id, row) => ({
    id,
    title: "",
    url: "",
    embeddings: Array.from(vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS)),
  }));
  const index = new glue.Voy({ embeddings });
  return {
    prepare: (at, world) => world.query(at),
    search: (query) => index.search(query, 20).neighbors.map(({ id }) => id),
  };
}
