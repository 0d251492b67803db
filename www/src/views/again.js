// What the shopper has bought and may soon be out of, from the session itself.

import { NOTHING_ELSE } from "../personal/placements.js";
import { createBlock } from "../ui/block.js";
import { formatAgo } from "../words/format.js";

export const AGAIN = { placement: "again", threshold: NOTHING_ELSE, places: 6 };

export function buyAgain(shop) {
  const block = createBlock(shop, { name: "again" });
  return {
    element: block.element,
    show({ entries }) {
      const { events } = shop.personal;
      block.show({
        title: "Buy it again",
        note: "Others are back for theirs by now. Only this page knows what you bought.",
        entries: entries.map(({ item, why }) => {
          const last = events.findLast(({ type, itemId }) => type === "purchase" && itemId === item.item_id);
          // A rule of the store's may put here what was never bought.
          return { item, why: last ? `You bought this ${formatAgo(last.timestamp)}` : why };
        }),
      });
    },
  };
}
