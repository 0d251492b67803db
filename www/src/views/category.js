// A category and all below it.

import { linkTo } from "../addresses.js";
import { h } from "../ui/dom.js";
import { createListing } from "../ui/listing.js";
import { counted } from "../words/format.js";

/** The way from the entrance to a category. */
export function breadcrumbs(path) {
  return h(
    "nav",
    { class: "breadcrumbs", "aria-label": "You are here" },
    h(
      "ol",
      { role: "list" },
      h("li", {}, h("a", { href: linkTo.home() }, "Larkmoor")),
      path.map((name, depth) => h("li", {}, h("a", { href: linkTo.category(path.slice(0, depth + 1)) }, name))),
    ),
  );
}

export function categoryView(shop, { path }, kept) {
  const node = shop.catalog.category(path);
  if (!node) return undefined;
  const count = h("p", { class: "page-count", role: "status" });
  const listing = createListing(shop, {
    placement: "category.listing",
    onCount: (products) => (count.textContent = counted(products, "product")),
  });
  const items = shop.catalog.inCategory(path);
  const element = h(
    "div",
    { class: "page" },
    breadcrumbs(path.slice(0, -1)),
    h("header", { class: "page-head" }, h("div", {}, h("h1", { tabindex: "-1" }, node.name), count), listing.sorting),
    node.children.length > 0 &&
      h(
        "nav",
        { class: "chips", "aria-label": `Within ${node.name}` },
        node.children.map((child) => h("a", { class: "chip", href: linkTo.category(child.path) }, child.name)),
      ),
    listing.element,
  );
  listing.show(
    items.map((item) => ({ item })),
    kept,
  );
  return { title: `${node.name} · Larkmoor`, element, update: listing.update, leave: listing.leave };
}
