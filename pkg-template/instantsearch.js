// For InstantSearch: a `transformItems` that puts the hits of a page into the shopper's order.

/** The `transformHits` of `instantsearch.d.ts`. */
export function transformHits(session, { when, onRanking, surface = "search", itemId = idOf, ...others } = {}) {
  const options = { ...others, surface, itemId };
  return function transformItems(items, metadata) {
    const current = typeof session === "function" ? session() : session;
    if (!current || (when && !when(metadata))) return items;
    const ranking = current.rerank(items, options);
    onRanking?.(ranking, metadata);
    return ranking.items.slice(0, ranking.items.length - ranking.barred);
  };
}

function idOf(hit) {
  return hit.objectID;
}
