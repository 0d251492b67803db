// For InstantSearch: a `transformItems` that puts the hits of a page into the shopper's order.

/** The `transformHits` of `instantsearch.d.ts`. */
export function transformHits(session, { when, onRanking, surface = "search", itemId = idOf, ...others } = {}) {
  const options = { ...others, surface, itemId };
  /** Results that were told of: widgets transform the same ones again, with every page that is added and every render. */
  const told = new WeakSet();

  function tell(ranking, metadata) {
    const results = metadata?.results;
    const isObject = typeof results === "object" && results !== null;
    if (!onRanking || (isObject && told.has(results))) return;
    if (isObject) told.add(results);
    onRanking(ranking, metadata);
  }

  return function transformItems(items, metadata) {
    try {
      const current = typeof session === "function" ? session() : session;
      if (!current || (when && !when(metadata))) return items;
      const ranking = current.rerank(items, options);
      tell(ranking, metadata);
      return ranking.items.slice(0, ranking.items.length - ranking.barred);
    } catch (error) {
      console.warn("reshelve changes nothing: a function given to `transformHits` has thrown", error);
      return items;
    }
  };
}

function idOf(hit) {
  return hit.objectID;
}
