// Shop as somebody else: one click gives the visit a history.

import { openDialog } from "../ui/dialog.js";
import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { pictureOf } from "../art/index.js";
import { counted } from "../words/format.js";

export function openPersonas(shop) {
  const choose = (persona) => {
    close();
    if (persona) shop.shopAs(persona);
    else shop.startOver();
  };

  const card = (persona) => {
    const visit = persona.events.filter(({ daysAgo }) => !daysAgo);
    const touched = new Set(visit.map(({ itemId }) => itemId).filter(Boolean));
    const things = [...touched].slice(0, 4).map((itemId) => shop.catalog.item(itemId));
    return h(
      "li",
      {},
      h(
        "button",
        {
          class: "persona",
          type: "button",
          "data-persona": persona.id,
          "aria-pressed": String(shop.persona === persona),
          onclick: () => choose(persona),
        },
        h("span", { class: "persona-name" }, persona.name),
        h("span", { class: "persona-headline" }, persona.headline),
        h("span", { class: "persona-description" }, persona.description),
        h(
          "span",
          { class: "persona-things", "aria-hidden": "true" },
          things.map((item) => pictureOf(item)),
        ),
        h("span", { class: "persona-events" }, counted(persona.events.length, "event")),
      ),
    );
  };

  const choices = [
    h(
      "p",
      { class: "dialog-lead" },
      "Six shoppers with a short history each. Choose one, and the shelves are put in their order, here and now. What you have done here is forgotten, and so are your cart and your wish list. Then shop on, or switch back to the store’s order to compare.",
    ),
    h("ul", { class: "persona-list", role: "list" }, shop.personas.map(card)),
    h(
      "p",
      {},
      h(
        "button",
        { class: "button button-quiet", type: "button", "data-persona": "none", onclick: () => choose(undefined) },
        icon("back"),
        "Start over as yourself",
      ),
    ),
  ];
  const none = h(
    "p",
    {},
    "Nothing is noted for now, so nobody’s history can be tried on: the shelves stand in the store’s own order. “Your data” says why.",
  );

  const { close } = openDialog({
    title: "Shop as …",
    className: "personas",
    content: shop.personal.isNoting ? choices : [none],
  });
}
