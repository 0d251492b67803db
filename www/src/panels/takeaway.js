// Take the visit along: all of it as a file, or what counts most as a code for another device's camera.

import { encode } from "uqr";
import { linkTo } from "../addresses.js";
import { h, markup } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { counted } from "../words/format.js";

/** Why nothing came of it, in words. */
const REASONS = {
  damaged: "That could not be read: cut off, changed, or something else altogether.",
  version: "That is of a later version of the store.",
  expired: "That code is too old. Make a new one on the other device.",
  foreign: "That is of another store: none of it is sold here.",
  sensitive: "That holds only what this store never remembers.",
  off: "Personalization is off. Switch it on first.",
  failed: "Personalization could not start in this browser, so nothing can be brought in.",
};

/** What became of an import, in a sentence. */
export function wordsFor({ outcome, reason, added }) {
  if (outcome === "refused") return REASONS[reason] ?? REASONS.damaged;
  if (!added) return "All of that was here already.";
  return `Brought in ${counted(added, "event")}${outcome === "partial" ? "; some could not be used" : ""}.`;
}

/** A square of dark and light, for a camera: always dark on light. */
function squareFor(text) {
  const { data, size } = encode(text, { ecc: "L", border: 3 });
  const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return markup(
    `<svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label="QR code: this visit, for another device" shape-rendering="crispEdges"><path class="qr-dark" d="${path}"/></svg>`,
  );
}

/** @returns {{ element: HTMLElement, update(): void }} */
export function createTakeaway({ personal }) {
  const said = h("p", { class: "takeaway-said", role: "status" });
  const say = (result) => (said.textContent = wordsFor(result));

  function save() {
    const text = JSON.stringify(personal.export(), null, 2);
    const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    h("a", { href: address, download: "larkmoor-visit.json" }).click();
    // Once the browser has taken it.
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  const file = h("input", {
    class: "unseen",
    type: "file",
    accept: ".json,application/json",
    "aria-label": "A file with a visit",
    tabindex: "-1",
    onchange: async () => {
      const [chosen] = file.files;
      if (chosen) say(personal.import(await chosen.text()));
      file.value = "";
    },
  });
  const code = h("input", {
    name: "code",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": "A code",
    placeholder: "Paste a code",
  });
  const square = h("div", { class: "takeaway-square" });
  const text = h("code", { class: "token", "data-code": true });
  const camera = h("p");
  const codeBox = h(
    "div",
    { class: "takeaway-code" },
    square,
    h(
      "div",
      {},
      camera,
      isLoopback() &&
        h("p", {}, `${location.hostname} is this device: the store needs an address that the other one can reach.`),
      text,
    ),
  );
  const empty = h("p", { class: "events-none" }, "There is nothing to take along yet.");

  const element = h(
    "section",
    { class: "takeaway", "aria-labelledby": "takeaway-title" },
    h("h3", { id: "takeaway-title" }, "Take it along"),
    h(
      "div",
      { class: "takeaway-row" },
      h(
        "button",
        { class: "button button-quiet", type: "button", "data-take": "save", onclick: save },
        icon("save"),
        "Save as a file",
      ),
      h(
        "button",
        { class: "button button-quiet", type: "button", "data-take": "open", onclick: () => file.click() },
        icon("open"),
        "Bring in a file",
      ),
      file,
    ),
    h(
      "form",
      {
        class: "takeaway-row",
        onsubmit: (event) => {
          event.preventDefault();
          say(personal.import(codeIn(code.value)));
          code.value = "";
        },
      },
      code,
      h("button", { class: "button button-quiet", type: "submit" }, "Bring in"),
    ),
    said,
    empty,
    codeBox,
  );

  function update() {
    const { token } = personal;
    // Not all events are in it: no searches, and nothing for someone else.
    const { events } = personal.describe(token);
    empty.hidden = personal.events.length > 0;
    codeBox.hidden = events.length === 0;
    if (text.textContent === token) return;
    text.textContent = token;
    const most = counted(events.length, "event");
    camera.textContent = `Point another device’s camera here: it opens the store with what counts most, ${most}. All of it is in the address behind the #, which no server ever sees.`;
    square.replaceChildren(squareFor(addressOf(token)));
  }
  return { element, update };
}

/** Whether the store's address means every device itself. */
const isLoopback = () => /^(localhost|127\.|\[::1\])/.test(location.hostname);

/** Where another device finds the visit. */
const addressOf = (token) => location.href.replace(/#.*$/, "") + linkTo.bring(token);

/** A code by itself, or in the address that a QR code holds. */
export const codeIn = (text) => text.trim().replace(/^.*#\/bring\//, "");
