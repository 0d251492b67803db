// ONNX Runtime Web on one thread: two graphs that hold the vectors, in the files that are loaded. One gives the best 20 of all, the
// other the scores of some rows: of one graph with both it computes both, whatever output is asked for.

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

/** The files that a store would ship. */
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
  const items = { name: "items", dataType: FLOAT, dims: [n, DIMENSIONS], rawData: vectors };
  const query = value("query", FLOAT, 1, DIMENSIONS);
  const file = (graph) => {
    const model = { irVersion: 8, opsetImport: [{ domain: "", version: 17 }], graph: { name: "catalog", ...graph } };
    return new Uint8Array(ModelProto.encode(model).finish());
  };
  const search = file({
    initializer: [items, { name: "k", dataType: INT64, dims: [1], int64Data: [20] }],
    input: [query],
    output: [value("best", INT64, 1, 20)],
    node: [node("Gemm", ["query", "items"], ["all"], { transB: 1 }), node("TopK", ["all", "k"], ["highest", "best"])],
  });
  const rerank = file({
    initializer: [items],
    input: [query, value("rows", INT64, "candidates")],
    output: [value("scores", FLOAT, 1, "candidates")],
    node: [
      node("Gather", ["items", "rows"], ["candidate_items"]),
      node("Gemm", ["query", "candidate_items"], ["scores"], { transB: 1 }),
    ],
  });
  return { "search.onnx": search, "rerank.onnx": rerank, "ids.json": ids };
}

export async function open({ files }, { [WASM]: wasmBinary }) {
  Object.assign(ort.env.wasm, { numThreads: 1, wasmBinary: wasmBinary.buffer });
  const sessionOf = (file) => ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
  const searching = await sessionOf(files["search.onnx"]);
  const ids = JSON.parse(new TextDecoder().decode(files["ids.json"]));
  // As with others, only what the first search needs is made ready at once.
  const { "rerank.onnx": file } = files;
  let reranking;
  let rows;
  return {
    prepare: (index, world) => new ort.Tensor("float32", world.query(index).slice(), [1, DIMENSIONS]),
    async search(query) {
      const { best } = await searching.run({ query });
      return Array.from(best.data, (row) => ids[row]);
    },
    async rerank(query, list) {
      reranking ??= await sessionOf(file);
      rows ??= new Map(ids.map((id, row) => [id, BigInt(row)]));
      const given = new ort.Tensor(
        "int64",
        BigInt64Array.from(list, ({ id }) => rows.get(id)),
        [list.length],
      );
      const { scores } = await reranking.run({ query, rows: given });
      const order = Uint32Array.from(list.keys()).sort((left, right) => scores.data[right] - scores.data[left]);
      return Array.from(order, (index) => list[index]);
    },
  };
}
