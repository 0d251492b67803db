// What stands around every view: head, foot, and the bar with the demo's controls.

import { openDataPanel } from "./panels/data.js";
import { openPersonas } from "./panels/personas.js";
import { linkTo, parseAddress } from "./addresses.js";
import { h, markup } from "./ui/dom.js";
import { icon } from "./ui/icons.js";
import { counted } from "./words/format.js";

const MARK = `<svg class="mark" viewBox="0 0 48 32" aria-hidden="true" focusable="false"><path d="M2 29Q12 15 22 23Q31 9 46 27" fill="none" stroke="currentColor" stroke-width="3.2" stroke-linecap="round"/><path d="M14 9Q20 2 25 9Q30 1 37 5Q31 6 26 13Q21 7 14 9Z" fill="currentColor"/></svg>`;

export function openShell(shop, root) {
  const main = h("main", { id: "main", tabindex: "-1" });
  const head = createHead(shop);
  const bar = createBar(shop);
  const skip = h(
    "a",
    { class: "skip", href: "#main", onclick: (event) => (event.preventDefault(), main.focus()) },
    "Skip to the shelves",
  );
  root.replaceChildren(skip, head.element, main, createFoot(), bar);
  addEventListener("click", (event) => event.target.closest?.("[data-open='data']") && openDataPanel(shop));

  return {
    show(view, address) {
      main.replaceChildren(view.element);
      document.title = view.title;
      head.show(address);
    },
    /** The same view stands at another address. */
    follow: head.show,
    /** Tells screen readers that another page is there; not while someone types into the search field. */
    focusHeading() {
      if (!head.element.contains(document.activeElement) || document.activeElement.tagName !== "INPUT")
        main.querySelector("h1")?.focus({ preventScroll: true });
    },
  };
}

function counter(name, image, href, target, countOf) {
  const number = h("span", { class: "badge" });
  const link = h("a", { class: "icon-button", href }, icon(image), number);
  const update = () => {
    const count = countOf();
    number.textContent = count || "";
    link.setAttribute("aria-label", count ? `${name}, ${counted(count, "thing")}` : name);
  };
  target.addEventListener("change", update);
  update();
  return link;
}

function createHead(shop) {
  const field = h("input", {
    type: "search",
    name: "q",
    placeholder: "Search tents, wool, lamps …",
    autocomplete: "off",
    "aria-label": "Search the store",
    enterkeyhint: "search",
    maxlength: "200",
  });
  const form = h("form", { class: "search", role: "search" }, icon("search"), field);

  function search({ isFinal }) {
    const query = field.value;
    const isThere = parseAddress(location.hash).name === "search";
    if (!query && !isThere) return;
    // Typing makes one step in the history, not one a key.
    if (isThere) location.replace(linkTo.search(query));
    else location.hash = linkTo.search(query);
    if (isFinal) document.querySelector("main h1")?.focus({ preventScroll: true });
  }
  field.addEventListener("input", () => search({ isFinal: false }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search({ isFinal: true });
  });

  const links = shop.catalog.departments.map(({ name, path }) => h("a", { href: linkTo.category(path) }, name));
  const element = h(
    "header",
    { class: "head" },
    h(
      "div",
      { class: "head-row" },
      h(
        "a",
        { class: "logo", href: linkTo.home(), "aria-label": "Larkmoor, to the entrance" },
        markup(MARK),
        h("span", {}, "Larkmoor"),
      ),
      form,
      h(
        "div",
        { class: "head-tools" },
        counter("Wish list", "heart", linkTo.wishes(), shop.wishes, () => shop.wishes.itemIds.length),
        counter("Cart", "cart", linkTo.cart(), shop.basket, () => shop.basket.pieces),
      ),
    ),
    h("nav", { class: "head-nav", "aria-label": "Departments" }, links),
  );

  return {
    element,
    show({ name, path, query }) {
      const words = name === "search" ? (query.get("q") ?? "") : "";
      // What was typed here stands here already, and the caret with it.
      if (field.value !== words) field.value = words;
      for (const link of links) {
        const isHere = name === "shelves" && link.getAttribute("href") === linkTo.category(path.slice(0, 1));
        if (isHere) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
    },
  };
}

const createFoot = () =>
  h(
    "footer",
    { class: "foot" },
    h(
      "p",
      {},
      h("strong", {}, "Larkmoor"),
      " is a demo. Its things are made up and drawn by the page; nothing is sold, and nothing leaves this browser.",
    ),
    h("p", {}, h("a", { href: linkTo.merchandising() }, "Merchandising: what the store itself wants shown")),
    h("p", {}, "Arranged by Reshelve, searched by MiniSearch."),
  );

/** Whose order, as whom, and what is known: the demo's controls, within reach of a thumb. */
function createBar(shop) {
  const { personal } = shop;
  const choice = (value, name) => {
    const input = h("input", {
      type: "radio",
      name: "order",
      value,
      onchange: () => (personal.isPersonal = value === "yours"),
    });
    return { input, element: h("label", {}, input, h("span", {}, name)) };
  };
  const store = choice("store", "Store’s order");
  const yours = choice("yours", "Yours");
  const who = h("span", { class: "bar-who" });
  const held = h("span", { class: "bar-held" });
  const persona = h(
    "button",
    { class: "bar-button", type: "button", onclick: () => openPersonas(shop) },
    icon("person"),
    who,
  );
  const data = h(
    "button",
    { class: "bar-button", type: "button", "data-open": "data" },
    icon("shield"),
    h("span", { class: "bar-data" }, "Your data"),
    held,
  );
  const element = h(
    "aside",
    { class: "bar", "aria-label": "Demo controls" },
    persona,
    h(
      "fieldset",
      { class: "switch" },
      h("legend", { class: "unseen" }, "Order of the shelves"),
      store.element,
      yours.element,
    ),
    data,
  );

  function update() {
    who.textContent = shop.persona?.name ?? "Shop as …";
    who.toggleAttribute("data-persona", shop.persona !== undefined);
    persona.setAttribute("aria-label", shop.persona ? `Shopping as ${shop.persona.name}` : "Shop as …");
    const count = personal.events.length;
    held.textContent = count;
    store.input.checked = !personal.isPersonal;
    yours.input.checked = personal.isPersonal;
    for (const { input } of [store, yours]) input.disabled = !personal.isNoting;
    data.setAttribute("aria-label", `Your data, ${counted(count, "event")}`);
  }
  personal.addEventListener("log", update);
  personal.addEventListener("order", update);
  update();
  return element;
}
