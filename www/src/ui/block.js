// A titled row of recommendations that says where it comes from.

import { collapse } from "../data/catalog.js";
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
 * Fills the blocks of a page, one after the other: one color of each product, and no product in two blocks.
 *
 * @param {object} shop
 * @param {{ placement: string, places: number, here?: string }[]} requests as `Personalization.block` takes them, but
 *   with the products to show; `here` is for `reasons.why`
 * @returns {{ isPersonal: boolean, entries: { item: object, why: string, code?: string }[] }[]} `code` is the reason's
 */
export function fillBlocks(shop, requests) {
  const blocks = chooseInTurn(shop.catalog, requests, (request) => shop.personal.block(request));
  return blocks.map(({ isPersonal, picks }, index) => ({
    isPersonal,
    entries: picks.map(({ item, reason }) => ({
      item,
      why: shop.reasons.why(reason, { here: requests[index].here }),
      code: reason?.code,
    })),
  }));
}

/**
 * Products for blocks, one block after the other, as `fillBlocks` shows them.
 *
 * @template {{ picks: { itemId: string }[] }} Answer
 * @param {import("../data/catalog.js").Catalog} catalog
 * @param {object[]} requests
 * @param {(request: object) => Answer} ask
 * @returns {Answer[]} each with one pick a product, and its `item`
 */
export function chooseInTurn(catalog, requests, ask) {
  const shown = [];
  return requests.map(({ places, here, exclude = [], ...request }) => {
    // Colors of one product are items of their own.
    const options = { ...request, exclude: [...exclude, ...shown], limit: places * COLORS };
    const answer = ask(options);
    const known = answer.picks.map((pick) => ({ ...pick, item: catalog.item(pick.itemId) })).filter(({ item }) => item);
    const picks = collapse(known, ({ item }) => item).slice(0, places);
    shown.push(...picks.flatMap(({ item }) => catalog.colorsOf(item).map(({ item_id }) => item_id)));
    return { ...answer, picks };
  });
}

/** Whether shoppers have chosen all of it together with what the page is about: what else fills a block is alike. */
export const isTogether = (entries) => entries.every(({ code }) => code === "goes_with");
