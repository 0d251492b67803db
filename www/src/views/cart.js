// The cart, what goes with it, and a checkout that sells nothing.

import { pictureOf } from "../art/index.js";
import { linkTo } from "../addresses.js";
import { createBlock, fillBlocks, isTogether } from "../ui/block.js";
import { openDialog } from "../ui/dialog.js";
import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { counted, formatMaker, formatPrice } from "../words/format.js";
import { AGAIN, buyAgain } from "./again.js";
import { recentlyViewed, recentRequest } from "./recent.js";

const PLACES = 6;

function line(shop, { itemId, quantity }) {
  const item = shop.catalog.item(itemId);
  const step = (change, name, image) =>
    h(
      "button",
      {
        type: "button",
        "data-step": `${itemId}${change}`,
        "aria-label": `${name}: ${item.title}`,
        onclick: () => shop.basket.change(itemId, quantity + change),
      },
      icon(image),
    );
  return h(
    "li",
    { class: "line" },
    h(
      "a",
      { class: "line-picture", href: linkTo.product(itemId), tabindex: "-1", "aria-hidden": "true" },
      pictureOf(item),
    ),
    h(
      "div",
      { class: "line-words" },
      h("p", { class: "card-brand" }, formatMaker(item)),
      h("h2", {}, h("a", { href: linkTo.product(itemId) }, item.title)),
      h("p", { class: "line-each" }, `${formatPrice(item.price)} each`),
    ),
    h(
      "div",
      { class: "stepper", role: "group", "aria-label": `Pieces of ${item.title}` },
      step(-1, "One less", quantity > 1 ? "minus" : "trash"),
      h("span", { class: "stepper-count" }, quantity),
      step(1, "One more", "plus"),
    ),
    h("p", { class: "line-price" }, formatPrice(item.price * quantity)),
  );
}

function checkout(shop, done) {
  const { element, close } = openDialog({
    title: "Demo checkout",
    className: "checkout",
    content: [
      h("p", {}, "Nothing is sold here and nothing is sent. Larkmoor does not exist."),
      h(
        "p",
        {},
        "If you go on, the page notes that you bought these things, so that you can see how a purchase changes what it shows you. It notes it here, for you alone.",
      ),
      h(
        "p",
        { class: "product-actions" },
        h(
          "button",
          { class: "button button-large", type: "button", onclick: () => buy() },
          `Pretend to pay ${formatPrice(total(shop))}`,
        ),
        h("button", { class: "button button-quiet button-large", type: "button", onclick: () => close() }, "Not now"),
      ),
    ],
  });
  function buy() {
    shop.basket.buy();
    close();
    done();
  }
  return element;
}

const total = (shop) =>
  shop.basket.lines.reduce((sum, { itemId, quantity }) => sum + shop.catalog.item(itemId).price * quantity, 0);

export function cartView(shop) {
  const { basket } = shop;
  const heading = h("h1", { tabindex: "-1" }, "Your cart");
  const count = h("p", { class: "page-count", role: "status" });
  const content = h("div", { class: "cart" });
  const cross = createBlock(shop, { name: "cross-sell" });
  const again = buyAgain(shop);
  const recent = recentlyViewed(shop);
  let thanks = false;

  function lines() {
    if (!basket.pieces) {
      return [
        h(
          "div",
          { class: "empty" },
          thanks
            ? [
                h("h2", { tabindex: "-1" }, "Thank you, and enjoy it."),
                h("p", {}, "In a real store your parcel would be on its way. Here, only the shelves have changed."),
              ]
            : [h("p", {}, "Nothing in it yet.")],
          h("p", {}, h("a", { class: "button", href: linkTo.home() }, "Have a look around")),
        ),
      ];
    }
    return [
      h(
        "ul",
        { class: "lines", role: "list" },
        basket.lines.map((entry) => line(shop, entry)),
      ),
      h(
        "aside",
        { class: "summary", "aria-label": "Sum" },
        h(
          "dl",
          {},
          h("div", {}, h("dt", {}, counted(basket.pieces, "piece")), h("dd", {}, formatPrice(total(shop)))),
          h("div", {}, h("dt", {}, "Delivery"), h("dd", {}, "free")),
          h("div", { class: "summary-total" }, h("dt", {}, "Total"), h("dd", {}, formatPrice(total(shop)))),
        ),
        h(
          "button",
          {
            class: "button button-large",
            type: "button",
            onclick: () => checkout(shop, thank),
          },
          "Check out",
        ),
        h("p", { class: "summary-note" }, "Prices are the same for everyone, always."),
      ),
    ];
  }

  function thank() {
    thanks = true;
    showLines();
    content.querySelector("h2").focus();
  }

  function showLines() {
    // Whoever fills the cart again has had their thanks.
    if (basket.pieces) thanks = false;
    // The button that was pressed is drawn anew: give the focus to its successor.
    const pressed = content.contains(document.activeElement) ? document.activeElement.dataset.step : undefined;
    content.replaceChildren(...lines());
    if (pressed !== undefined)
      ([...content.querySelectorAll("[data-step]")].find(({ dataset }) => dataset.step === pressed) ?? heading).focus();
    count.textContent = basket.pieces ? counted(basket.pieces, "piece") : "";
    update();
  }

  function update() {
    const seeds = basket.itemIds;
    const cart = seeds.length ? [{ placement: "cart.cross_sell", places: PLACES, seeds, isOwn: true }] : [];
    const [due, seen, goesWith] = fillBlocks(shop, [AGAIN, recentRequest(), ...cart]);
    const entries = goesWith?.entries ?? [];
    cross.show({
      title: "Goes with what is in your cart",
      note: isTogether(entries)
        ? "Chosen together with these things, by everyone who shopped here."
        : "What suits these things.",
      entries,
    });
    again.show(due);
    recent.show(seen);
  }

  basket.addEventListener("change", showLines);
  showLines();
  const element = h(
    "div",
    { class: "page" },
    h("header", { class: "page-head" }, h("div", {}, heading, count)),
    content,
    cross.element,
    again.element,
    recent.element,
  );
  return { title: "Cart · Larkmoor", element, update, leave: () => basket.removeEventListener("change", showLines) };
}
