// edgevec: an HNSW graph, built while it loads. Euclidean, its default, which orders unit vectors as the dot product does: its
// metric `dot` gives the farthest.

import init, { EdgeVec, EdgeVecConfig } from "edgevec/edgevec.js";
import { floats } from "../world.mjs";

const WASM = "edgevec/edgevec_bg.wasm";
const DIMENSIONS = 64;

export const title = "edgevec, HNSW";
export const npm = "edgevec";
export const inputs = ["vectors.f32", "ids.json"];
export const assets = [WASM];
/** 100,000 take it minutes to build. */
export const most = { node: 10_000, chromium: 10_000 };

export async function open({ files }, { [WASM]: wasm }) {
  await init({ module_or_path: wasm });
  const index = new EdgeVec(new EdgeVecConfig(DIMENSIONS));
  const ids = JSON.parse(new TextDecoder().decode(files["ids.json"]));
  const rows = index.insertBatchFlat(floats(files["vectors.f32"]), ids.length);
  const rowOf = new Map(Array.from(rows, (id, row) => [id, row]));
  return {
    prepare: (at, world) => world.query(at),
    search: (query) => index.search(query, 20).map(({ id }) => ids[rowOf.get(id)]),
  };
}
