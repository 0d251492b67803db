// A titled row of recommendations that says where it comes from.

import { collapse, productOf } from "../data/catalog.js";
import { h } from "./dom.js";
import { createShelf } from "./shelf.js";

/** Items asked for, for each product that is shown. */
const COLORS = 4;

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
 * Fills the blocks of a page: one color of each product, and no product in two blocks.
 *
 * @param {object} shop
 * @param {{ placement: string, places: number, here?: string }[]} requests as `Personalization.blocks` takes them, but
 *   with the products to show; `here` is for `reasons.why`
 * @returns {{ isPersonal: boolean, entries: { item: object, why: string }[] }[]}
 */
export function fillBlocks(shop, requests) {
  const blocks = shop.personal.blocks(
    // Colors of one product are items of their own.
    requests.map(({ places, here, ...request }) => ({ ...request, limit: places * COLORS })),
  );
  const shown = new Set();
  return blocks.map(({ isPersonal, picks }, index) => {
    const { places, here } = requests[index];
    const known = picks
      .map(({ itemId, reason }) => ({ item: shop.catalog.item(itemId), reason }))
      .filter(({ item }) => item && !shown.has(productOf(item)));
    const entries = collapse(known, ({ item }) => item).slice(0, places);
    for (const { item } of entries) shown.add(productOf(item));
    return {
      isPersonal,
      entries: entries.map(({ item, reason }) => ({ item, why: shop.reasons.why(reason, { here }) })),
    };
  });
}
