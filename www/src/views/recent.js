// What the shopper looked at last, out of the session itself.

import { collapse } from "../data/catalog.js";
import { createBlock } from "../ui/block.js";
import { formatAgo } from "../words/format.js";

const PLACES = 8;

/** @param {{ except?: string }} [options] the item whose page this is */
export function recentlyViewed(shop, { except } = {}) {
  const block = createBlock(shop, { name: "recent" });

  function update() {
    const seen = shop.personal.events
      .filter(({ type, itemId }) => (type === "view" || type === "click") && itemId && itemId !== except)
      .reverse()
      .map(({ itemId, timestamp }) => ({ item: shop.catalog.item(itemId), timestamp }))
      .filter(({ item }) => item);
    const entries = collapse(seen, ({ item }) => item)
      .slice(0, PLACES)
      .map(({ item, timestamp }) => ({ item, why: `You viewed this ${formatAgo(timestamp)}` }));
    block.show({ title: "Recently viewed", note: "From the list that this page keeps, and no one else.", entries });
  }

  update();
  return { element: block.element, update };
}
