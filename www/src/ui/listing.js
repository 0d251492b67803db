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

/**
 * @param {object} shop
 * @param {{ placement: "search.results" | "category.listing", onCount?: (products: number) => void }} options `onCount` is told how many
 *   products there are: rules may leave some out
 * @returns {{ element: HTMLElement, sorting: HTMLElement, show(found: { item: object, score?: number }[]): void, update(): void }}
 */
export function createListing(shop, { placement, onCount }) {
  const shelf = createShelf(shop);
  const more = h(
    "button",
    { class: "button button-quiet", type: "button", onclick: () => ((limit += PAGE), update()) },
    "Show more",
  );
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
    const places = new Map(collapse(found, itemOf).map(({ item }, index) => [productOf(item), index]));
    const baseScore = placement === "search.results" ? ({ score }) => score : undefined;
    const order = shop.personal.order(found, { placement, itemOf, baseScore });
    return collapse(order, ({ candidate }) => candidate.item).map(({ candidate: { item }, reason }, index) => ({
      item,
      why: reason && shop.reasons.why(reason),
      moved: reason && places.get(productOf(item)) - index,
    }));
  }

  return {
    element,
    sorting,
    update,
    show(next) {
      found = next;
      limit = PAGE;
      update();
    },
  };
}
