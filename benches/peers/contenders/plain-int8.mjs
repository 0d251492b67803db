// The same over rounded vectors, a quarter as large. Scores are whole numbers, which sort fast with the place beside them.

import { Best } from "./best.mjs";

export const title = "plain JavaScript, Int8Array";
export const inputs = ["vectors.i8", "ids.json"];
export const assets = [];

const DIMENSIONS = 64;
/** More than the candidates that a list may have: what a place is kept in. */
const PLACES = 2 ** 16;

export function open({ files }) {
  const bytes = files["vectors.i8"];
  const vectors = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ids = JSON.parse(new TextDecoder().decode(files["ids.json"]));
  const best = new Best(20);
  let rows;
  return {
    prepare(index, world) {
      const query = world.query(index);
      const largest = query.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
      return Int8Array.from(query, (x) => Math.round((127 * x) / largest));
    },
    search(query) {
      best.clear();
      for (let row = 0, at = 0; row < ids.length; row++, at += DIMENSIONS) best.offer(dot(query, vectors, at), row);
      return best.rows().map((row) => ids[row]);
    },
    rerank(query, list) {
      rows ??= new Map(ids.map((id, row) => [id, row]));
      const keys = new Float64Array(list.length);
      for (let index = 0; index < list.length; index++) {
        // The largest sum is 2²⁰, so that no key is below 0.
        keys[index] = (2 ** 20 - dot(query, vectors, rows.get(list[index].id) * DIMENSIONS)) * PLACES + index;
      }
      keys.sort();
      return Array.from(keys, (key) => list[key % PLACES]);
    },
  };
}

/** Four sums side by side: each waits for its own last addition alone. */
function dot(query, vectors, at) {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let index = 0; index < DIMENSIONS; index += 4) {
    a = (a + Math.imul(query[index], vectors[at + index])) | 0;
    b = (b + Math.imul(query[index + 1], vectors[at + index + 1])) | 0;
    c = (c + Math.imul(query[index + 2], vectors[at + index + 2])) | 0;
    d = (d + Math.imul(query[index + 3], vectors[at + index + 3])) | 0;
  }
  return (a + b + c + d) | 0;
}
