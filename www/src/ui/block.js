// A titled row of recommendations that says where it comes from.

import { collapse } from "../data/catalog.js";
import { h } from "./dom.js";
import { createShelf } from "./shelf.js";

/**
 * @param {object} shop
 * @param {{ name: string, layout?: "grid" | "row" }} options `name` is for tests and styles
 * @returns {{ element: HTMLElement, show(content: { title: string, note?: string, entries: object[] }): void }}
 */
export function createBlock(shop, { name, layout = "row" }) {
  const title = h("h2", { id: `block-${name}` });
  const note = h("p", { class: "block-note" });
  const shelf = createShelf(shop, { layout });
  const element = h(
    "section",
    { class: `block block-${layout}`, "aria-labelledby": `block-${name}`, "data-block": name },
    h("header", {}, title, note),
    shelf.element,
  );
  return {
    element,
    show({ title: words, note: sentence = "", entries }) {
      title.textContent = words;
      note.textContent = sentence;
      element.hidden = !entries.length;
      shelf.show(entries);
    },
  };
}

/**
 * Recommendations as entries for a block: one color of each product, at most `limit`.
 * @param {{ here?: string }} [place] see `reasons.why`
 */
export function entriesOf(shop, picks, limit, place) {
  const known = picks
    .map(({ itemId, reason }) => ({ item: shop.catalog.item(itemId), reason }))
    .filter(({ item }) => item);
  return collapse(known, ({ item }) => item)
    .slice(0, limit)
    .map(({ item, reason }) => ({ item, why: shop.reasons.why(reason, place) }));
}
