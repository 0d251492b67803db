// What `benches/world.rs` wrote of a catalog, as contenders are given it.

/** Milliseconds since the Unix epoch: when the sessions are looked at. */
export const NOW = 1_780_000_000_000;

/** Files that every contender may read. */
export const COMMON = ["queries.f32", "sessions.u32", "truth.u32"];

const DIMENSIONS = 64;
const SESSION_LEN = 5;
const K = 20;

/** @param {number} row */
export const idOf = (row) => `sku-${String(row).padStart(7, "0")}`;
const rowOf = (id) => Number(id.slice(4));

export class World {
  /**
   * @param {number} n how many items there are
   * @param {Record<string, Uint8Array>} files by name
   */
  constructor(n, files) {
    this.n = n;
    this.files = files;
    this.queries = floats(files["queries.f32"]);
    this.sessions = rows(files["sessions.u32"], SESSION_LEN).map((session) => Array.from(session, idOf));
    this.truth = rows(files["truth.u32"], K).map((best) => new Set(best));
    const random = mulberry32(n);
    this.random = (below) => Math.floor(random() * below);
  }

  /** The direction of a session: 64 numbers, of length 1. */
  query(index) {
    return this.queries.subarray(index * DIMENSIONS, (index + 1) * DIMENSIONS);
  }

  /** Candidates as JSON, each different. Parsed for every call: a page's ids are new strings, in new objects. */
  list(length) {
    const picked = new Set();
    while (picked.size < length) picked.add(this.random(this.n));
    return JSON.stringify(Array.from(picked, (row) => ({ id: idOf(row) })));
  }

  /** Share of the nearest items that are among those found. */
  recall(index, ids) {
    return ids.filter((id) => this.truth[index].has(rowOf(id))).length / K;
  }
}

/** The bytes as numbers, where they lie. */
export function floats(bytes) {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

function rows(bytes, length) {
  const all = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  return Array.from({ length: all.length / length }, (_, row) => all.subarray(row * length, (row + 1) * length));
}

/** A small seeded generator, by Tommy Ettinger: the same lists in every process. */
function mulberry32(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
