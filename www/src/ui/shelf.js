// A row or grid of cards that can be put into another order, each card gliding to its new place.

import { productOf } from "../data/catalog.js";
import { createCard } from "./card.js";
import { h } from "./dom.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const GLIDE = { duration: 520, easing: "cubic-bezier(0.22, 0.9, 0.3, 1)" };

/**
 * @param {object} shop
 * @param {{ layout?: "grid" | "row", label?: string }} [options]
 * @returns {{ element: HTMLElement, show(entries: { item: object, why?: string, moved?: number }[]): void,
 *   focusCard(index: number): void }}
 */
export function createShelf(shop, { layout = "grid", label } = {}) {
  const list = h("ul", { class: layout === "row" ? "shelf shelf-row" : "shelf", "aria-label": label, role: "list" });
  let cards = new Map();

  function show(entries) {
    const focused = list.contains(document.activeElement) ? document.activeElement : undefined;
    const focusedIndex = focused && [...list.children].findIndex((place) => place.contains(focused));
    const before = new Map();
    if (!calm.matches && list.isConnected) {
      for (const [product, { place }] of cards) before.set(product, place.getBoundingClientRect());
    }
    const next = new Map();
    for (const { item, why, moved } of entries) {
      const product = productOf(item);
      const kept = cards.get(product);
      const isSame = kept?.item === item;
      const card = isSame ? kept.card : createCard(shop, item);
      const place = kept?.place ?? h("li", {});
      if (!isSame) place.replaceChildren(card.element);
      card.show({ why, moved });
      next.set(product, { item, card, place });
    }
    cards = next;
    list.replaceChildren(...[...cards.values()].map(({ place }) => place));
    if (focused?.isConnected) focused.focus({ preventScroll: true });
    else if (focused) focusCard(Math.min(focusedIndex, cards.size - 1));
    if (before.size) glide(before);
  }

  /** Starts every card where it was. Only what is near the window moves: the rest nobody sees. */
  function glide(before) {
    for (const [product, { place }] of cards) {
      const now = place.getBoundingClientRect();
      if (now.bottom < -200 || now.top > innerHeight + 200) continue;
      const was = before.get(product);
      if (!was) {
        place.animate([{ opacity: 0 }, { opacity: 1 }], GLIDE);
      } else if (was.left !== now.left || was.top !== now.top) {
        // From far away a card comes in from just beyond the window, not across the whole page.
        const dy = Math.max(-innerHeight, Math.min(innerHeight, was.top - now.top));
        place.animate([{ transform: `translate(${was.left - now.left}px, ${dy}px)` }, { transform: "none" }], GLIDE);
      }
    }
  }

  /** Gives the focus to a card, or to the page's heading where no card is. */
  function focusCard(index) {
    const link = list.children[index]?.querySelector("a");
    (link ?? document.querySelector("main h1"))?.focus();
  }

  return { element: list, show, focusCard };
}
