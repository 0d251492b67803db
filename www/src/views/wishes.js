// The wish list.

import { h } from "../ui/dom.js";
import { createShelf } from "../ui/shelf.js";
import { counted } from "../words/format.js";

export function wishesView(shop) {
  const shelf = createShelf(shop);
  const count = h("p", { class: "page-count", role: "status" });
  const empty = h("p", { class: "empty" }, "Press the heart on anything that you would like to find again.");

  function update() {
    const items = shop.wishes.itemIds.map((itemId) => shop.catalog.item(itemId)).reverse();
    count.textContent = items.length ? counted(items.length, "thing") : "";
    empty.hidden = items.length > 0;
    shelf.show(items.map((item) => ({ item })));
  }

  shop.wishes.addEventListener("change", update);
  update();
  const element = h(
    "div",
    { class: "page" },
    h("header", { class: "page-head" }, h("div", {}, h("h1", { tabindex: "-1" }, "Wish list"), count)),
    empty,
    h("section", { class: "listing" }, h("h2", { class: "unseen" }, "Products"), shelf.element),
  );
  return {
    title: "Wish list · Larkmoor",
    element,
    update,
    leave: () => shop.wishes.removeEventListener("change", update),
  };
}
