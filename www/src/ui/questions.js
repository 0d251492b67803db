// A few questions to shoppers of whom nothing is known yet. To answer is to skip a few clicks, and never needed.

import { QUESTIONS } from "../words/questions.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** @returns {{ element: HTMLElement, update(): void }} */
export function createQuestions(shop) {
  const { personal } = shop;
  const buttons = [];

  const given = (query) => personal.counting.findLast((event) => event.type === "answer" && event.query === query);

  /** One answer a question; pressed once more, it is taken back. */
  function answer(question, query) {
    const isTakenBack = given(query) !== undefined;
    const earlier = personal.counting.filter(
      ({ type, query }) => type === "answer" && query.startsWith(`${question}/`),
    );
    personal.forgetWhere(({ id }) => earlier.some((event) => event.id === id));
    if (!isTakenBack) personal.record({ type: "answer", query });
    personal.refresh();
  }

  function button(question, [name, { button: words }]) {
    const query = `${question}/${name}`;
    const element = h(
      "button",
      { class: "chip answer", type: "button", "data-answer": query, onclick: () => answer(question, query) },
      words,
    );
    buttons.push({ element, query });
    return element;
  }

  const card = ([question, { ask, answers }]) =>
    h(
      "li",
      {},
      h(
        "div",
        { class: "question", role: "group", "aria-labelledby": `question-${question}` },
        h("h3", { id: `question-${question}` }, ask),
        h(
          "p",
          { class: "answers" },
          Object.entries(answers).map((entry) => button(question, entry)),
        ),
      ),
    );

  function dismiss() {
    shop.isAsking = false;
    update();
    document.querySelector("main h1")?.focus({ preventScroll: true });
  }

  const element = h(
    "section",
    { class: "block questions", "aria-labelledby": "questions-title" },
    h(
      "header",
      { class: "questions-head" },
      h(
        "div",
        {},
        h("h2", { id: "questions-title" }, "New here?"),
        h("p", { class: "block-note" }, "Answer what you like. It stays on this device, and “Your data” lists it."),
      ),
      h(
        "button",
        {
          class: "icon-button",
          type: "button",
          "data-dismiss": "questions",
          "aria-label": "No questions, thank you",
          onclick: dismiss,
        },
        icon("close"),
      ),
    ),
    h("ul", { class: "question-list", role: "list" }, Object.entries(QUESTIONS).map(card)),
  );

  function update() {
    const isNew = personal.counting.every(({ type }) => type === "answer");
    element.hidden = !shop.isAsking || !personal.isPersonal || !isNew;
    for (const { element, query } of buttons) element.setAttribute("aria-pressed", String(given(query) !== undefined));
  }

  return { element, update };
}
