// One sentence at the foot of the page about what was just done, and the means to undo it.

import { h } from "./dom.js";

/** How long it stays, milliseconds; as long as it takes while someone is on it. */
const STAY_MS = 9000;

let current;

/**
 * @param {string} words
 * @param {() => void} [undo]
 */
export function showToast(words, undo) {
  current?.remove();
  const back = document.activeElement;
  const element = h("div", { class: "toast", role: "status" }, h("span", {}, words));
  const remove = () => {
    clearTimeout(timer);
    element.remove();
  };
  let timer;
  const stay = () => clearTimeout(timer);
  const go = () => (timer = setTimeout(remove, STAY_MS));
  if (undo) {
    const press = () => {
      remove();
      undo();
      back?.focus?.({ preventScroll: true });
    };
    element.append(h("button", { class: "toast-undo", type: "button", onclick: press }, "Undo"));
  }
  for (const type of ["pointerenter", "focusin"]) element.addEventListener(type, stay);
  for (const type of ["pointerleave", "focusout"]) element.addEventListener(type, go);
  current = { remove };
  // In front of an open dialog, which keeps everything else behind it.
  (document.querySelector("dialog[open]") ?? document.body).append(element);
  go();
}
