// What the shopper may say of one thing on a shelf: a small menu beside its button, the browser's own popover.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { showToast } from "./toast.js";

/**
 * @param {object} shop
 * @param {import("../data/catalog.js").Item} item
 * @returns {HTMLElement} the button that opens it
 */
export function createMenuButton(shop, item) {
  const button = h(
    "button",
    {
      class: "card-more",
      type: "button",
      "aria-expanded": "false",
      "aria-label": `Not for you? ${item.title}`,
      title: "Not for you?",
      onclick: (event) => {
        // The browser hides a menu that is open: the button is its invoker.
        if (button.popoverTargetElement) return;
        event.preventDefault();
        openMenu(shop, item, button);
      },
    },
    icon("more"),
  );
  return button;
}

function openMenu(shop, item, button) {
  const { personal, catalog } = shop;
  const title = catalog.shortTitle(item.item_id);

  const say = (alike, words) => {
    menu.hidePopover();
    const id = personal.turnDown(item.item_id, { alike });
    if (!personal.ready || personal.tier === "off") showToast("Personalization is off: nothing was noted.");
    // What is said once more within half a minute is noted already: nothing is there to take back.
    else showToast(words, id === undefined ? undefined : () => personal.forget(id));
  };
  const choice = (alike, image, name, note, words) =>
    h(
      "button",
      { type: "button", "data-say": alike ? "less" : "not", onclick: () => say(alike, words) },
      icon(image),
      h("span", {}, h("strong", {}, name), h("span", {}, note)),
    );

  const at = button.getBoundingClientRect();
  function hideOnceMoved() {
    const { x, y } = button.getBoundingClientRect();
    if (x !== at.x || y !== at.y) menu.hidePopover();
  }

  const menu = h(
    "div",
    { class: "menu", popover: "auto", role: "group", "aria-label": title },
    choice(
      false,
      "hide",
      "Not interested",
      "This comes last, and is not recommended",
      `“${title}” comes last from now on.`,
    ),
    choice(true, "less", "Less like this", "What is like it waits, too", `What is like “${title}” waits from now on.`),
  );
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    menu.remove();
    removeEventListener("scroll", hideOnceMoved, { capture: true });
    button.popoverTargetElement = null;
    button.setAttribute("aria-expanded", "false");
  });
  document.body.append(menu);
  button.popoverTargetElement = menu;
  menu.showPopover();
  button.setAttribute("aria-expanded", "true");
  // Rows of cards scroll, too.
  addEventListener("scroll", hideOnceMoved, { capture: true });
  place(menu, at);
  menu.querySelector("button").focus({ preventScroll: true });
}

/** Below the button, or above where there is no room, and within the window. */
function place(menu, { left, right, top, bottom }) {
  const { width, height } = menu.getBoundingClientRect();
  const x = left + width + 8 > innerWidth ? right - width : left;
  const y = bottom + height + 8 > innerHeight ? top - height - 4 : bottom + 4;
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
}
