// The page of the store's own people: rules edited, checked, tried out, and put to use.

import { h } from "../ui/dom.js";

/** Stays as it is left, for as long as the page is loaded. */
let workbench;

export function merchandisingView(shop) {
  const place = h("div", {}, h("p", { class: "bench-wait", role: "status" }, "Fetching the compiler of rules …"));

  async function open() {
    try {
      // Shoppers never load it.
      const { createWorkbench } = await import("../merchandising/workbench.js");
      workbench ??= await createWorkbench(shop);
      workbench.update();
      place.replaceChildren(workbench.element);
    } catch (error) {
      console.warn(error);
      const words = shop.personal.ready ? "The compiler of rules could not be fetched. Load the page again." : "";
      place.replaceChildren(
        h(
          "p",
          { class: "notice bench-wait", "data-failure": error?.code ?? "" },
          words || "This browser did not let the page run WebAssembly, and without it no rules hold.",
        ),
      );
    }
  }
  open();

  const element = h(
    "div",
    { class: "page" },
    h(
      "header",
      { class: "page-head" },
      h(
        "div",
        {},
        h("h1", { tabindex: "-1" }, "Merchandising"),
        h(
          "p",
          { class: "bench-lead" },
          "Every shopper’s order is their own, and the store still has its say. Write what must and must not be shown, see at once what it moves and why, and apply it to every shelf of this page.",
        ),
      ),
    ),
    place,
  );
  return { title: "Merchandising · Larkmoor", element, update: () => workbench?.update() };
}
