// One product, with what resembles it and what goes with it.

import { pictureOf } from "../art/index.js";
import { pathOf, productOf } from "../data/catalog.js";
import { linkTo } from "../addresses.js";
import { createBlock, fillBlocks, isTogether } from "../ui/block.js";
import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { formatPrice } from "../words/format.js";
import { breadcrumbs } from "./category.js";
import { recentlyViewed, recentRequest } from "./recent.js";

const PLACES = 6;

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function colors(shop, item) {
  const all = shop.catalog.colorsOf(item);
  if (all.length < 2) return undefined;
  return h(
    "nav",
    { class: "colors", "aria-label": "Colors" },
    h("p", {}, `Color: ${item.color}`),
    h(
      "ul",
      { role: "list" },
      all.map((other) => {
        const swatch = h("a", {
          class: "swatch",
          href: linkTo.product(other.item_id),
          "aria-label": other.color,
          title: other.color,
          "aria-current": other === item && "true",
        });
        swatch.style.setProperty("--swatch", other.color_hex);
        return h("li", {}, swatch);
      }),
    ),
  );
}

function facts(item) {
  const rows = [
    ["Material", capital(item.material)],
    ["Size", capital(item.size_range)],
    ["Pattern", item.pattern === "plain" ? undefined : capital(item.pattern)],
    ["Article", item.item_id],
  ];
  return h(
    "dl",
    { class: "facts" },
    rows.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

export function productView(shop, { path: [itemId] }) {
  const { catalog, personal, basket, wishes } = shop;
  const item = catalog.item(itemId);
  if (!item) return undefined;
  personal.record({ type: "view", itemId });

  const together = createBlock(shop, { name: "together" });
  const alternatives = createBlock(shop, { name: "alternatives" });
  const similar = createBlock(shop, { name: "similar" });
  const recent = recentlyViewed(shop);
  const title = catalog.shortTitle(itemId);

  function update() {
    const seeds = [itemId];
    const exclude = catalog.colorsOf(item).map(({ item_id }) => item_id);
    const about = { places: PLACES, seeds, exclude, here: itemId };
    const [seen, goesWith, instead, alike] = fillBlocks(shop, [
      recentRequest(itemId),
      { placement: "product.goes_with", ...about },
      { placement: "product.alternatives", ...about },
      { placement: "product.similar", ...about },
    ]);
    together.show({
      title: "Goes with it",
      note: isTogether(goesWith.entries)
        ? `Chosen together with ${title}, by everyone who shopped here.`
        : `What suits ${title}.`,
      entries: goesWith.entries,
    });
    alternatives.show({ title: "Instead of it", note: `From the shelf of ${title}.`, entries: instead.entries });
    const sameShelf = catalog.inCategory(pathOf(item)).filter((other) => productOf(other) !== productOf(item));
    similar.show(
      personal.ready
        ? { title: "In the same spirit", note: `Close to ${title} in use and style.`, entries: alike.entries }
        : { title: "From the same shelf", entries: sameShelf.slice(0, PLACES).map((other) => ({ item: other })) },
    );
    recent.show(seen);
    heart.setAttribute("aria-pressed", String(wishes.has(itemId)));
    if (!basket.has(itemId)) added.replaceChildren();
  }

  const added = h("p", { class: "added", role: "status" });
  const toCart = h(
    "button",
    { class: "button button-large", type: "button", onclick: () => addToCart() },
    icon("cart"),
    "Add to cart",
  );
  const heart = h(
    "button",
    {
      class: "button button-quiet button-large wish",
      type: "button",
      onclick: () => wish(),
    },
    icon("heart"),
    h("span", {}, "Wish list"),
  );

  function addToCart() {
    basket.add(itemId);
    added.replaceChildren(
      icon("check"),
      h("span", {}, "In your cart. "),
      h("a", { href: linkTo.cart() }, "Go to the cart"),
    );
  }
  function wish() {
    heart.setAttribute("aria-pressed", String(wishes.toggle(itemId)));
  }
  update();

  const element = h(
    "div",
    { class: "page" },
    breadcrumbs(pathOf(item)),
    h(
      "article",
      { class: "product" },
      h("div", { class: "product-picture" }, pictureOf(item, `${title} in ${item.color}`)),
      h(
        "div",
        { class: "product-words" },
        h("p", { class: "card-brand" }, item.brand),
        h("h1", { tabindex: "-1" }, title),
        h("p", { class: "product-price" }, formatPrice(item.price)),
        h("p", { class: "product-seller" }, `Sold by ${item.seller}`),
        h("p", { class: "product-description" }, item.description),
        colors(shop, item),
        h("p", { class: "product-actions" }, toCart, heart),
        added,
        facts(item),
      ),
    ),
    together.element,
    alternatives.element,
    similar.element,
    recent.element,
  );
  return { title: `${title} · Larkmoor`, element, update };
}
