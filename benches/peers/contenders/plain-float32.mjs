// What a page would write itself: dot products over one Float32Array.

import { floats } from "../world.mjs";
import { Best } from "./best.mjs";

export const title = "plain JavaScript, Float32Array";
export const inputs = ["vectors.f32", "ids.json"];
export const assets = [];

const DIMENSIONS = 64;

export function open({ files }) {
  const vectors = floats(files["vectors.f32"]);
  const ids = JSON.parse(new TextDecoder().decode(files["ids.json"]));
  const best = new Best(20);
  let rows;
  return {
    prepare: (index, world) => world.query(index),
    search(query) {
      best.clear();
      for (let row = 0, at = 0; row < ids.length; row++, at += DIMENSIONS) best.offer(dot(query, vectors, at), row);
      return best.rows().map((row) => ids[row]);
    },
    rerank(query, list) {
      rows ??= new Map(ids.map((id, row) => [id, row]));
      const scores = new Float32Array(list.length);
      const order = new Uint32Array(list.length);
      for (let index = 0; index < list.length; index++) {
        scores[index] = dot(query, vectors, rows.get(list[index].id) * DIMENSIONS);
        order[index] = index;
      }
      order.sort((left, right) => scores[right] - scores[left]);
      return Array.from(order, (index) => list[index]);
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
    a += query[index] * vectors[at + index];
    b += query[index + 1] * vectors[at + index + 1];
    c += query[index + 2] * vectors[at + index + 2];
    d += query[index + 3] * vectors[at + index + 3];
  }
  return a + b + c + d;
}
