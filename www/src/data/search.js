// Search in the page: MiniSearch finds and scores, Reshelve reorders what it found.

import MiniSearch from "minisearch";

/** @param {import("./catalog.js").Item[]} items */
export function createSearch(items) {
  const index = new MiniSearch({
    idField: "item_id",
    fields: ["title", "brand", "category", "keywords", "color", "material", "description"],
    searchOptions: {
      boost: { title: 4, category: 2.5, brand: 2, color: 2, keywords: 1.5, description: 0.3 },
      prefix: (term) => term.length > 2,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      combineWith: "AND",
    },
  });
  index.addAll(items);
  const byId = new Map(items.map((item) => [item.item_id, item]));

  /**
   * Hits, the best first; equals in the store's order.
   * @param {string} query
   * @returns {{ item: import("./catalog.js").Item, score: number }[]}
   */
  return function search(query) {
    let hits = index.search(query);
    // Rather something for one of the words than nothing for all of them.
    if (!hits.length) hits = index.search(query, { combineWith: "OR" });
    return hits.map(({ id, score }) => ({ item: byId.get(id), score }));
  };
}
