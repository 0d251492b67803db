// What follows from the events: the same that rules and shelves go by.

import { h } from "../ui/dom.js";
import { ATTRIBUTES, SEGMENTS, valueWords } from "../words/about.js";
import { counted } from "../words/format.js";

/** Affinities shown. */
const PLACES = 8;

/** @returns {{ element: HTMLElement, update(): void }} */
export function createAbout({ personal }) {
  const segment = h("p", { class: "about-segment" });
  const list = h("dl", { class: "figures about" });
  const element = h(
    "section",
    { "aria-labelledby": "about-title" },
    h("h3", { id: "about-title" }, "What follows from it"),
    segment,
    list,
  );

  const line = (affinity) =>
    h(
      "div",
      { "data-affinity": affinity.attribute },
      h("dt", {}, `${ATTRIBUTES[affinity.attribute] ?? affinity.attribute}: `, h("strong", {}, valueWords(affinity))),
      h("dd", {}, `from ${counted(affinity.events, "event")}`),
    );

  function update() {
    const about = personal.about;
    element.hidden = !about;
    if (!about) return;
    segment.textContent = `${SEGMENTS[about.segment] ?? about.segment}.`;
    list.replaceChildren(...about.affinities.slice(0, PLACES).map(line));
    list.hidden = about.affinities.length === 0;
  }
  update();
  return { element, update };
}
