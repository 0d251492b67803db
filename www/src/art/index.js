// Product pictures, drawn from an item's attributes: shape and form choose the drawing, the colors and the pattern fill it.

import { BOOTS } from "./boots.js";
import { CAMP, CAMP_SEATS, picnicBlanket } from "./camp.js";
import { HOUSE, HOUSE_SEATS, throwBlanket } from "./house.js";
import { KITCHEN } from "./kitchen.js";
import { LIGHT } from "./light.js";
import { LIGHT_SOURCES } from "./light-sources.js";
import { Picture, box } from "./picture.js";
import { WEAR } from "./wear.js";

/** Every drawing, by shape and form. */
export const DRAWINGS = {
  ...CAMP,
  ...KITCHEN,
  ...LIGHT_SOURCES,
  ...HOUSE,
  ...WEAR,
  ...BOOTS,
  chair: { ...CAMP_SEATS, ...HOUSE_SEATS },
  blanket: { throw: throwBlanket, picnic: picnicBlanket },
};

/** A parcel, for a shape that nobody has drawn yet. */
function parcel(p) {
  p.shadow(96, 304);
  p.body(box(96, 148, 208, 192, 8), { pattern: true });
  p.body(box(184, 148, 32, 192), { tone: p.accent, shade: "flat" });
}

function svg(markup, label) {
  const holder = document.createElement("template");
  const name = label ? `role="img"` : `aria-hidden="true"`;
  holder.innerHTML = `<svg class="art" viewBox="0 0 400 400" ${name} focusable="false">${markup}</svg>`;
  const element = holder.content.firstElementChild;
  if (label) element.setAttribute("aria-label", label);
  return element;
}

/**
 * The picture of an item.
 * @param {{ shape: string, form: string, color_hex: string, accent_hex: string, pattern: string }} item
 * @param {string} [label] read out by screen readers; without it the picture is decoration
 * @returns {SVGSVGElement}
 */
export function pictureOf(item, label) {
  const forms = DRAWINGS[item.shape];
  const draw = forms?.[item.form] ?? (forms ? Object.values(forms)[0] : parcel);
  const picture = new Picture({ color: item.color_hex, accent: item.accent_hex, pattern: item.pattern });
  draw(picture);
  return svg(picture.toString(), label);
}

/** Puts the gradients that all pictures share into the page. Call once, before the first picture. */
export function installLight(parent) {
  const element = svg(`<defs>${LIGHT}</defs>`);
  element.setAttribute("class", "art-light");
  parent.prepend(element);
}
