// What the shopper may say of their order: how much of it, how varied, and for whom.

import { h } from "../ui/dom.js";

/** Steps of a slider with their words; the value `undefined` leaves it to the model. */
const SLIDERS = [
  {
    name: "strength",
    title: "How personal the order is",
    steps: [
      [0.2, "A little"],
      [undefined, "As the store does"],
      [1, "As much as can be"],
    ],
  },
  {
    name: "broaden",
    title: "Show me more variety",
    steps: [
      [0, "No more than usual"],
      [0.33, "Some"],
      [0.67, "More"],
      [1, "As much as can be"],
    ],
  },
];

/** @returns {{ element: HTMLElement, update(): void }} */
export function createControls({ personal }) {
  const slider = ({ name, title, steps }) => {
    const input = h("input", {
      type: "range",
      name,
      min: "0",
      max: String(steps.length - 1),
      oninput: () => personal.choose({ [name]: steps[input.value][0] }),
    });
    const output = h("span", { class: "control-value" });
    return {
      element: h("label", { class: "control" }, h("strong", {}, title), output, input),
      update() {
        const step = Math.max(
          0,
          steps.findIndex(([value]) => value === personal.settings[name]),
        );
        input.value = String(step);
        output.textContent = steps[step][1];
        input.setAttribute("aria-valuetext", steps[step][1]);
      },
    };
  };
  const sliders = SLIDERS.map(slider);
  const gift = h("input", {
    type: "checkbox",
    role: "switch",
    name: "gift",
    onchange: () => personal.choose({ gift: gift.checked }),
  });

  const element = h(
    "fieldset",
    { class: "places controls" },
    h("legend", {}, "How to arrange the shelves"),
    sliders.map(({ element }) => element),
    h(
      "label",
      { class: "place" },
      gift,
      h(
        "span",
        {},
        h("strong", {}, "I am shopping for someone else"),
        h("span", {}, "Shelves go by what you do from now on, and forget none of yours: it counts again afterwards."),
      ),
    ),
  );

  function update() {
    for (const slider of sliders) slider.update();
    gift.checked = personal.settings.gift;
  }
  update();
  return { element, update };
}
