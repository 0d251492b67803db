// The front of the store.

import { pictureOf } from "../art/index.js";
import { landscape } from "../art/landscape.js";
import { collapse } from "../data/catalog.js";
import { linkTo } from "../addresses.js";
import { createBlock, entriesOf } from "../ui/block.js";
import { h } from "../ui/dom.js";
import { counted } from "../words/format.js";
import { recentlyViewed } from "./recent.js";

const PLACES = 8;
/** How much the shelf at the entrance prefers variety to likeness, 0 to 1. */
const VARIETY = 0.6;

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
            h("span", { class: "department-count" }, counted(department.items, "thing")),
          ),
        ),
      ),
    ),
  );
}

export function homeView(shop) {
  const { personal, catalog } = shop;
  const forYou = createBlock(shop, { name: "for-you", layout: "grid" });
  const because = createBlock(shop, { name: "because" });
  const recent = recentlyViewed(shop);

  function newest() {
    const itemOf = (item) => item;
    const items = collapse(personal.allowed(catalog.newest(), { surface: "home", itemOf }), itemOf);
    return items.slice(0, PLACES).map((item) => ({ item }));
  }

  function showForYou() {
    // What the shopper knows already stands under "Recently viewed": here is room for the rest of the store.
    const known = personal.isPersonal
      ? personal.events
          .flatMap(({ itemId }) => (itemId ? catalog.colorsOf(catalog.item(itemId)) : []))
          .map(({ item_id }) => item_id)
      : [];
    const { isPersonal, picks } = personal.pick({
      surface: "home",
      limit: PLACES * 4,
      basis: personal.isPersonal && personal.events.length > 0 ? "session" : "trending",
      exclude: known,
      diversity: VARIETY,
    });
    const entries = picks.length ? entriesOf(shop, picks, PLACES) : newest();
    const events = personal.events.length;
    forYou.show(
      isPersonal
        ? {
            title: "For you",
            note: `Picked on this device, from the ${counted(events, "thing")} you did here. Nobody else knows.`,
            entries,
          }
        : {
            title: "Popular these weeks",
            note: "The same for everyone. Look around, and this shelf becomes yours.",
            entries,
          },
    );
  }

  function showBecause() {
    const seed =
      personal.isPersonal &&
      personal.events.findLast(({ type, itemId }) => (type === "view" || type === "click") && itemId)?.itemId;
    const { picks } = seed
      ? personal.pick({ surface: "home", limit: PLACES * 4, seeds: [seed], basis: "similar" })
      : { picks: [] };
    because.show(
      picks.length
        ? {
            title: `Because you viewed ${catalog.shortTitle(seed)}`,
            note: "Things that shoppers look at in its stead.",
            entries: entriesOf(shop, picks, PLACES, { here: seed }),
          }
        : {
            title: "New this season",
            note: "The latest arrivals, newest first.",
            entries: newest(),
          },
    );
  }

  function update() {
    showForYou();
    showBecause();
    recent.update();
  }
  update();

  const promise = h(
    "section",
    { class: "promise" },
    h("h2", {}, "Arranged for you. Known to no one."),
    h(
      "p",
      {},
      "This store puts its shelves in your order with Reshelve: a small model, loaded once, that runs in this page. What you look at stays here. Since the page loaded it has asked the network for nothing, and you can watch it do so.",
    ),
    h("p", {}, h("button", { class: "button", type: "button", "data-open": "data" }, "See your data")),
  );

  const element = h(
    "div",
    { class: "page" },
    hero(),
    forYou.element,
    departments(shop),
    because.element,
    recent.element,
    promise,
  );
  return { title: "Larkmoor", element, update };
}
