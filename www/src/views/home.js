// The front of the store.

import { pictureOf } from "../art/index.js";
import { landscape } from "../art/landscape.js";
import { collapse, productOf } from "../data/catalog.js";
import { linkTo } from "../addresses.js";
import { createBlock, fillBlocks } from "../ui/block.js";
import { h } from "../ui/dom.js";
import { createQuestions } from "../ui/questions.js";
import { counted } from "../words/format.js";
import { AGAIN, buyAgain } from "./again.js";
import { recentlyViewed, recentRequest } from "./recent.js";

const PLACES = 8;

function hero() {
  return h(
    "section",
    { class: "hero" },
    landscape(),
    h(
      "div",
      { class: "hero-words" },
      h("h1", { tabindex: "-1" }, "For outside, and for coming home."),
      h("p", {}, "Tents that stand in the dark, wool that lasts, lamps to come back to."),
      h(
        "p",
        { class: "hero-links" },
        h("a", { class: "button", href: linkTo.category(["Camp"]) }, "Out we go"),
        h("a", { class: "button button-glass", href: linkTo.category(["Home"]) }, "Home again"),
      ),
    ),
  );
}

/** A thing that stands for a department: from another of its categories each, so that the row is mixed. */
function emblem(catalog, { path, children }, index) {
  const { name } = children[index % children.length];
  return catalog.inCategory([...path, name])[0];
}

function departments(shop) {
  return h(
    "section",
    { class: "block", "aria-labelledby": "departments" },
    h("header", {}, h("h2", { id: "departments" }, "Departments")),
    h(
      "ul",
      { class: "departments", role: "list" },
      shop.catalog.departments.map((department, index) =>
        h(
          "li",
          {},
          h(
            "a",
            { class: "department", href: linkTo.category(department.path) },
            h("span", { class: "department-picture" }, pictureOf(emblem(shop.catalog, department, index))),
            h("span", { class: "department-name" }, department.name),
            h("span", { class: "department-count" }, counted(department.products, "product")),
          ),
        ),
      ),
    ),
  );
}

function createPromise({ personal, requests }) {
  const title = h("h2");
  const words = h("p");
  const element = h(
    "section",
    { class: "promise" },
    title,
    words,
    h("p", {}, h("button", { class: "button", type: "button", "data-open": "data" }, "See your data")),
  );
  function update() {
    title.textContent = personal.isNoting ? "Arranged for you. Known to no one." : "The same for everyone.";
    words.textContent = personal.isNoting
      ? "This store puts its shelves in your order with Reshelve: a small model, loaded once, that runs in this page. What you look at stays here."
      : "With Reshelve, a small model that runs in the page, this store can put its shelves in your order. For now they stand in its own, and nothing that you do is noted.";
    // The merchandisers' page fetches what it needs.
    if (!requests.count)
      words.append(" Since the page loaded it has asked the network for nothing, and you can watch it do so.");
  }
  return { element, update };
}

/**
 * What the entrance asks for, in the order of its blocks: what to buy again, what was viewed, what is for the shopper,
 * and what is like the `seed`, which they viewed last.
 *
 * @param {import("../data/catalog.js").Catalog} catalog
 * @param {import("reshelve").SessionEvent[]} events that count
 */
export function entranceRequests(catalog, events) {
  const isKnown = ({ itemId }) => catalog.item(itemId);
  const seed = events.findLast((event) => (event.type === "view" || event.type === "click") && isKnown(event))?.itemId;
  // What the shopper knows already stands under "Recently viewed": here is room for the rest of the store.
  const known = events.filter(isKnown).flatMap(({ itemId }) => catalog.colorsOf(catalog.item(itemId)));
  const requests = [
    AGAIN,
    recentRequest(),
    {
      placement: events.length > 0 ? "home.for_you" : "home.trending",
      places: PLACES,
      exclude: known.map(({ item_id }) => item_id),
    },
  ];
  if (seed) requests.push({ placement: "home.because", places: PLACES, seeds: [seed], here: seed });
  return { requests, seed };
}

export function homeView(shop) {
  const { personal, catalog } = shop;
  const questions = createQuestions(shop);
  const forYou = createBlock(shop, { name: "for-you", layout: "grid" });
  const because = createBlock(shop, { name: "because" });
  const again = buyAgain(shop);
  const recent = recentlyViewed(shop);
  const promise = createPromise(shop);

  /** The latest arrivals, but for products that stand on the page already. */
  function newest(others = []) {
    const itemOf = (item) => item;
    const shown = new Set(others.map(({ item }) => productOf(item)));
    const items = collapse(personal.allowed(catalog.newest(), { placement: "home.trending", itemOf }), itemOf);
    return items
      .filter((item) => !shown.has(productOf(item)))
      .slice(0, PLACES)
      .map((item) => ({ item }));
  }

  function update() {
    questions.update();
    const { requests, seed } = entranceRequests(catalog, personal.isPersonal ? personal.counting : []);
    const [due, seen, yours, alike] = fillBlocks(shop, requests);
    again.show(due);
    recent.show(seen);
    const entries = yours.entries.length ? yours.entries : newest();
    showForYou(yours.isPersonal, entries);
    showBecause(seed, alike?.entries ?? [], entries);
    promise.update();
  }

  function showForYou(isPersonal, entries) {
    const events = personal.counting;
    const source = events.every(({ type }) => type === "answer")
      ? "your answers"
      : `the ${counted(events.length, "thing")} you did here`;
    forYou.show(
      isPersonal
        ? {
            title: "For you",
            note: `Picked on this device, from ${source}. Nobody else knows.`,
            entries,
          }
        : {
            title: "Popular these weeks",
            note: personal.isPersonal
              ? "The same for everyone. Look around, and this shelf becomes yours."
              : "The same for everyone.",
            entries,
          },
    );
  }

  function showBecause(seed, alike, forYou) {
    because.show(
      alike.length
        ? {
            title: `Because you viewed ${catalog.shortTitle(seed)}`,
            note: "Close to it in use and style.",
            entries: alike,
          }
        : {
            title: "New this season",
            note: "The latest arrivals, newest first.",
            entries: newest(forYou),
          },
    );
  }

  update();

  const element = h(
    "div",
    { class: "page" },
    hero(),
    questions.element,
    forYou.element,
    again.element,
    departments(shop),
    because.element,
    recent.element,
    promise.element,
  );
  return { title: "Larkmoor", element, update };
}
