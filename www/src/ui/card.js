// One product on a shelf.

import { pictureOf } from "../art/index.js";
import { formatMaker, formatPrice } from "../words/format.js";
import { linkTo } from "../addresses.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { createMenuButton } from "./menu.js";

/** How far an item moved against the store's order: up is positive. */
function badge(moved) {
  if (!moved) return undefined;
  const places = Math.abs(moved);
  const words = `${places} ${places === 1 ? "place" : "places"} ${moved > 0 ? "up" : "down"}`;
  return h(
    "span",
    { class: `moved ${moved > 0 ? "moved-up" : "moved-down"}`, title: `${words} against the store’s order` },
    h("span", { "aria-hidden": "true" }, `${moved > 0 ? "▲" : "▼"}${places}`),
    h("span", { class: "unseen" }, words),
  );
}

/**
 * @param {object} shop
 * @param {import("../data/catalog.js").Item} item
 * @returns {{ element: HTMLElement, show(notes: { why?: string, moved?: number }): void }}
 */
export function createCard(shop, item) {
  const why = h("p", { class: "card-why" });
  const corner = h("div", { class: "card-corner" });
  const colors = shop.catalog.colorsOf(item).length;
  const heart = h(
    "button",
    {
      class: "heart",
      type: "button",
      "aria-pressed": String(shop.wishes.has(item.item_id)),
      "aria-label": `Wish list: ${item.title}`,
      onclick: () => heart.setAttribute("aria-pressed", String(shop.wishes.toggle(item.item_id))),
    },
    icon("heart"),
  );
  const element = h(
    "article",
    { class: "card", "data-item": item.item_id },
    h("div", { class: "card-picture" }, pictureOf(item), corner),
    heart,
    shop.personal.ready && createMenuButton(shop, item),
    h("p", { class: "card-brand" }, formatMaker(item)),
    h(
      "h3",
      { class: "card-title" },
      h("a", { href: linkTo.product(item.item_id) }, shop.catalog.shortTitle(item.item_id)),
    ),
    h(
      "p",
      { class: "card-price" },
      formatPrice(item.price),
      colors > 1 && h("span", { class: "card-colors" }, `${item.color} + ${colors - 1}`),
    ),
    why,
  );
  return {
    element,
    show({ why: sentence = "", moved = 0 }) {
      why.replaceChildren(...(sentence ? [icon("leaf"), h("span", {}, sentence)] : []));
      why.title = sentence;
      corner.replaceChildren(...[badge(moved)].filter(Boolean));
      heart.setAttribute("aria-pressed", String(shop.wishes.has(item.item_id)));
    },
  };
}
