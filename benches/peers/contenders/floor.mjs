const WASM = "floor.wasm";
const PAGE = 2 ** 16;

export const FLOOR_INPUTS = ["vectors.i8"];
export const FLOOR_ASSETS = [WASM];

/** @param {"read" | "dot"} name of the export that stands for a search */
export function openFloor(name) {
  return async ({ n, files }, { [WASM]: bytes }) => {
    const { instance } = await WebAssembly.instantiate(bytes);
    const { memory, [name]: run } = instance.exports;
    const vectors = files["vectors.i8"];
    memory.grow(Math.ceil(vectors.length / PAGE));
    new Uint8Array(memory.buffer).set(vectors, 64);
    // The query is the first item.
    new Uint8Array(memory.buffer).set(vectors.subarray(0, 64));
    return { prepare: () => undefined, search: () => run(n) };
  };
}
