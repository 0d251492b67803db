// TensorFlow.js with its WebAssembly backend on one thread.

import * as tf from "@tensorflow/tfjs-core";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { floats } from "../world.mjs";

const WASM = "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm";
const DIMENSIONS = 64;

export const title = "TensorFlow.js, wasm";
export const npm = "@tensorflow/tfjs-core";
export const inputs = ["vectors.f32", "ids.json"];
export const assets = [WASM];

export async function open({ files }, { [WASM]: wasm }) {
  setThreadsCount(1);
  // In Node it reads its own file.
  if (globalThis.document) {
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    const url = URL.createObjectURL(new Blob([wasm], { type: "application/wasm" }));
    setWasmPaths({
      "tfjs-backend-wasm.wasm": url,
      "tfjs-backend-wasm-simd.wasm": url,
      "tfjs-backend-wasm-threaded-simd.wasm": url,
    });
  }
  await tf.setBackend("wasm");
  const vectors = floats(files["vectors.f32"]);
  const ids = JSON.parse(new TextDecoder().decode(files["ids.json"]));
  const items = tf.tensor2d(vectors, [ids.length, DIMENSIONS]);
  let rows;
  return {
    prepare: (index, world) => tf.tensor2d(world.query(index), [DIMENSIONS, 1]),
    search: (query) =>
      tf.tidy(() => {
        const scores = tf.reshape(tf.matMul(items, query), [ids.length]);
        return Array.from(tf.topk(scores, 20).indices.dataSync(), (row) => ids[row]);
      }),
    rerank(query, list) {
      rows ??= new Map(ids.map((id, row) => [id, row]));
      const order = tf.tidy(() => {
        const given = tf.tensor1d(Int32Array.from(list, ({ id }) => rows.get(id)));
        const scores = tf.reshape(tf.matMul(tf.gather(items, given), query), [list.length]);
        return tf.topk(scores, list.length).indices.dataSync();
      });
      return Array.from(order, (index) => list[index]);
    },
  };
}
