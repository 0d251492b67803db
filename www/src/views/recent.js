// What the shopper looked at last, out of the session itself.

import { NOTHING_ELSE } from "../personal/placements.js";
import { createBlock } from "../ui/block.js";
import { formatAgo } from "../words/format.js";

/**
 * Asked for first: what stands here stands in no other block.
 * @param {string} [except] the item whose page this is
 */
export const recentRequest = (except) => ({
  placement: "recent",
  threshold: NOTHING_ELSE,
  places: 8,
  exclude: except ? [except] : [],
});

export function recentlyViewed(shop) {
  const block = createBlock(shop, { name: "recent" });
  return {
    element: block.element,
    show({ entries }) {
      const { events } = shop.personal;
      block.show({
        title: "Recently viewed",
        note: "From the list that this page keeps, and no one else.",
        entries: entries.map(({ item, why }) => {
          const last = events.findLast(({ itemId }) => itemId === item.item_id);
          const isViewed = last?.type === "view" || last?.type === "click";
          return { item, why: isViewed ? `You viewed this ${formatAgo(last.timestamp)}` : why };
        }),
      });
    },
  };
}
