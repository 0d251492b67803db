// An address that leads nowhere.

import { linkTo } from "../addresses.js";
import { h } from "../ui/dom.js";

export function missingView() {
  const element = h(
    "div",
    { class: "page" },
    h(
      "div",
      { class: "empty" },
      h("h1", { tabindex: "-1" }, "This shelf is empty"),
      h("p", {}, "There is nothing at this address, or no longer."),
      h("p", {}, h("a", { class: "button", href: linkTo.home() }, "Back to the entrance")),
    ),
  );
  return { title: "Not found · Larkmoor", element };
}
