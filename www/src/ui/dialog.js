// Dialogs: the browser's own, which keeps the focus inside and closes with Escape.

import { h } from "./dom.js";
import { icon } from "./icons.js";

/**
 * Opens a dialog that is gone once closed; the focus returns to where it was.
 * @param {{ title: string, className: string, content: Node[], onClose?: () => void }} options
 */
export function openDialog({ title, className, content, onClose }) {
  const close = () => element.close();
  const element = h(
    "dialog",
    { class: `dialog ${className}`, "aria-labelledby": `dialog-${className}` },
    h(
      "div",
      { class: "dialog-body" },
      h(
        "div",
        { class: "dialog-head" },
        h("h2", { id: `dialog-${className}`, tabindex: "-1", autofocus: true }, title),
        h("button", { class: "icon-button", type: "button", "aria-label": "Close", onclick: close }, icon("close")),
      ),
      ...content,
    ),
  );
  // A press beside the dialog hits the element itself, not its body.
  element.addEventListener("click", (event) => event.target === element && close());
  element.addEventListener("close", () => {
    element.remove();
    onClose?.();
  });
  document.body.append(element);
  element.showModal();
  return { element, close };
}

/** Closes whatever stands open over the page. */
export function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  for (const menu of document.querySelectorAll(":popover-open")) menu.hidePopover();
}
