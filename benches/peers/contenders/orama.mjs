// Orama: vector search over all items.

import { create, insertMultiple, searchVector } from "@orama/orama";
import { floats } from "../world.mjs";

const DIMENSIONS = 64;

export const title = "Orama, vectors";
export const npm = "@orama/orama";
export const inputs = ["vectors.f32", "ids.json"];
export const assets = [];
/** A search of more takes a second. */
export const most = { node: 100_000, chromium: 10_000 };

export async function open({ files }) {
  const vectors = floats(files["vectors.f32"]);
  const ids = JSON.parse(new TextDecoder().decode(files["ids.json"]));
  const catalog = create({ schema: { vector: `vector[${DIMENSIONS}]` } });
  const items = ids.map((id, row) => ({
    id,
    vector: Array.from(vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS)),
  }));
  await insertMultiple(catalog, items, 1000);
  return {
    prepare: (at, world) => Array.from(world.query(at)),
    async search(query) {
      const found = await searchVector(catalog, {
        vector: { value: query, property: "vector" },
        limit: 20,
        similarity: -1,
      });
      return found.hits.map(({ id }) => id);
    },
  };
}
