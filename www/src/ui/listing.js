// A listing: a grid of everything found, in the store's order or the shopper's, with the places that each item moved.

import { collapse, productOf } from "../data/catalog.js";
import { h } from "./dom.js";
import { createShelf } from "./shelf.js";

/** Products shown at once. */
const PAGE = 24;

const SORTS = {
  recommended: { name: "Recommended" },
  cheapest: { name: "Price, low to high", compare: (a, b) => a.price - b.price },
  dearest: { name: "Price, high to low", compare: (a, b) => b.price - a.price },
};

/** @typedef {{ sort: string, limit: number }} Kept how a shopper left a listing, for when they come back to it */

/**
 * @param {object} shop
 * @param {{ placement: "search.results" | "category.listing", onCount?: (products: number) => void }} options `onCount` is told how many
 *   products there are: rules may leave some out
 * @returns {{ element: HTMLElement, sorting: HTMLElement, update(): void, leave(): Kept,
 *   show(found: { item: object, score?: number }[], kept?: Kept): void }}
 */
export function createListing(shop, { placement, onCount }) {
  const shelf = createShelf(shop);
  const more = h("button", { class: "button button-quiet", type: "button", onclick: () => showMore() }, "Show more");
  const element = h(
    "section",
    { class: "listing" },
    h("h2", { class: "unseen" }, "Products"),
    shelf.element,
    h("p", { class: "listing-more" }, more),
  );
  const select = h(
    "select",
    { onchange: () => update() },
    Object.entries(SORTS).map(([value, { name }]) => h("option", { value }, name)),
  );
  const sorting = h("label", { class: "sorting" }, h("span", {}, "Sort by"), select);
  let found = [];
  let limit = PAGE;

  function update() {
    const { compare } = SORTS[select.value];
    const entries = compare ? sorted(compare) : ordered();
    shelf.show(entries.slice(0, limit));
    more.hidden = entries.length <= limit;
    onCount?.(entries.length);
  }

  function showMore() {
    const shown = limit;
    limit += PAGE;
    update();
    shelf.focusCard(shown);
  }

  const itemOf = ({ item }) => item;

  /** By price: a fact, and nothing personal. */
  function sorted(compare) {
    const allowed = shop.personal.allowed(found, { placement, itemOf });
    return collapse(
      allowed.sort((a, b) => compare(a.item, b.item)),
      itemOf,
    );
  }

  function ordered() {
    const baseScore = placement === "search.results" ? ({ score }) => score : undefined;
    const listing = { placement, itemOf, baseScore };
    const store = collapse(shop.personal.storeOrder(found, listing), itemOf);
    const places = new Map(store.map(({ item }, index) => [productOf(item), index]));
    const order = collapse(shop.personal.order(found, listing), ({ candidate }) => candidate.item);
    return order.map(({ candidate: { item }, reason }, index) => {
      const place = places.get(productOf(item));
      return {
        item,
        why: reason && shop.reasons.why(reason),
        // What rules show to this shopper alone has no place in the store's order.
        moved: reason && place !== undefined ? place - index : 0,
      };
    });
  }

  return {
    element,
    sorting,
    update,
    leave: () => ({ sort: select.value, limit }),
    show(next, kept = { sort: select.value, limit: PAGE }) {
      found = next;
      select.value = kept.sort;
      limit = kept.limit;
      update();
    },
  };
}
