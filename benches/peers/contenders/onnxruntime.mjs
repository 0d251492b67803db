// ONNX Runtime Web on one thread: a graph with the vectors as a constant, in the file that is loaded. It gives the best 20
// of all, or the scores of some rows.

import * as ort from "onnxruntime-web/wasm";

const WASM = "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm";
const DIMENSIONS = 64;
/** As `onnx.proto` numbers them. */
const FLOAT = 1;
const INT64 = 7;
const INT_ATTRIBUTE = 2;

export const title = "ONNX Runtime Web, float32";
export const npm = "onnxruntime-web";
export const inputs = ["vectors.f32", "ids.json"];
export const assets = [WASM];

/** The file that a store would ship. */
export async function pack({ "vectors.f32": vectors, "ids.json": ids }) {
  const { default: proto } = await import("onnx-proto");
  const { ModelProto } = proto.onnx;
  const n = vectors.byteLength / 4 / DIMENSIONS;
  const value = (name, elemType, ...dims) => {
    const dim = dims.map((dim) => (typeof dim === "number" ? { dimValue: dim } : { dimParam: dim }));
    return { name, type: { tensorType: { elemType, shape: { dim } } } };
  };
  const node = (opType, input, output, attributes = {}) => {
    const attribute = Object.entries(attributes).map(([name, i]) => ({ name, type: INT_ATTRIBUTE, i }));
    return { opType, input, output, attribute };
  };
  const graph = {
    name: "catalog",
    initializer: [
      { name: "items", dataType: FLOAT, dims: [n, DIMENSIONS], rawData: vectors },
      { name: "k", dataType: INT64, dims: [1], int64Data: [20] },
    ],
    input: [value("query", FLOAT, 1, DIMENSIONS), value("given", INT64, "candidates")],
    output: [value("best", INT64, 1, 20), value("scores", FLOAT, 1, "candidates")],
    node: [
      node("Gemm", ["query", "items"], ["all"], { transB: 1 }),
      node("TopK", ["all", "k"], ["highest", "best"]),
      node("Gather", ["items", "given"], ["candidate_items"]),
      node("Gemm", ["query", "candidate_items"], ["scores"], { transB: 1 }),
    ],
  };
  const model = ModelProto.encode({ irVersion: 8, opsetImport: [{ domain: "", version: 17 }], graph }).finish();
  return { "catalog.onnx": new Uint8Array(model), "ids.json": ids };
}

export async function open({ files }, { [WASM]: wasmBinary }) {
  Object.assign(ort.env.wasm, { numThreads: 1, wasmBinary: wasmBinary.buffer });
  const session = await ort.InferenceSession.create(files["catalog.onnx"], { executionProviders: ["wasm"] });
  const ids = JSON.parse(new TextDecoder().decode(files["ids.json"]));
  // Every input must be there; what no asked output needs is not computed.
  const none = new ort.Tensor("int64", new BigInt64Array(1), [1]);
  let rows;
  return {
    prepare: (index, world) => new ort.Tensor("float32", world.query(index).slice(), [1, DIMENSIONS]),
    async search(query) {
      const { best } = await session.run({ query, given: none }, ["best"]);
      return Array.from(best.data, (row) => ids[row]);
    },
    async rerank(query, list) {
      rows ??= new Map(ids.map((id, row) => [id, BigInt(row)]));
      const given = new ort.Tensor(
        "int64",
        BigInt64Array.from(list, ({ id }) => rows.get(id)),
        [list.length],
      );
      const { scores } = await session.run({ query, given }, ["scores"]);
      const order = Uint32Array.from(list.keys()).sort((left, right) => scores.data[right] - scores.data[left]);
      return Array.from(order, (index) => list[index]);
    },
  };
}
