// Search results while one types: MiniSearch finds them, Reshelve puts them in the shopper's order.

import { linkTo } from "../addresses.js";
import { h } from "../ui/dom.js";
import { createListing } from "../ui/listing.js";
import { counted } from "../words/format.js";

/** A query is settled, and worth remembering, when nothing was typed for so long. */
const SETTLED_MS = 900;

const IDEAS = ["tent", "rain jacket", "wool blanket", "enamel mug", "reading lamp"];

export function searchView(shop, { query }, kept) {
  const listing = createListing(shop, { placement: "search.results", onCount: showCount });
  const heading = h("h1", { tabindex: "-1" });
  const count = h("p", { class: "page-count", role: "status" });
  const ideas = h(
    "p",
    { class: "ideas" },
    "Try ",
    IDEAS.map((idea) => h("a", { class: "chip", href: linkTo.search(idea) }, idea)),
  );
  const element = h(
    "div",
    { class: "page" },
    h("header", { class: "page-head" }, h("div", {}, heading, count), listing.sorting),
    ideas,
    listing.element,
  );
  let words = "";
  let timer;

  function settle() {
    clearTimeout(timer);
    const latest = shop.personal.events.findLast(({ type }) => type === "search");
    if (words && latest?.query !== words) shop.personal.record({ type: "search", query: words });
  }

  function showCount(products) {
    count.textContent = !words ? "" : products ? counted(products, "product") : "Nothing like that is on our shelves.";
    ideas.hidden = products > 0;
    listing.sorting.hidden = products === 0;
  }

  function leave() {
    settle();
    return listing.leave();
  }

  function search(next, kept) {
    words = next.trim();
    clearTimeout(timer);
    timer = setTimeout(settle, SETTLED_MS);
    heading.textContent = words ? `“${words}”` : "What are you looking for?";
    listing.show(words ? shop.search(words) : [], kept);
    document.title = words ? `${words} · Larkmoor` : "Search · Larkmoor";
  }

  search(query.get("q") ?? "", kept);
  return { title: document.title, element, update: listing.update, leave, search };
}
