// A plain text area with numbered lines, some of them marked.

import { h } from "../ui/dom.js";

/** Height of a line in pixels, as in merchandising.css. */
const LINE = 22;

/**
 * @param {{ label: string, text: string, describedBy: string, onInput: () => void }} options
 */
export function createEditor({ label, text, describedBy, onInput }) {
  const gutter = h("ol", { class: "code-gutter", role: "list" });
  const bands = h("div", { class: "code-bands" });
  const area = h("textarea", {
    class: "code-text",
    "aria-label": label,
    "aria-describedby": describedBy,
    wrap: "off",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    autocorrect: "off",
    oninput: () => (number(), onInput()),
    onscroll: follow,
  });
  area.value = text;
  let marks = new Map();

  function follow() {
    for (const side of [gutter, bands]) side.style.transform = `translateY(${-area.scrollTop}px)`;
  }

  /** Numbers the lines, and marks those that are to be marked. */
  function number() {
    const lines = area.value.split("\n").length;
    while (gutter.childElementCount < lines) gutter.append(h("li", {}, gutter.childElementCount + 1));
    while (gutter.childElementCount > lines) gutter.lastElementChild.remove();
    [...gutter.children].forEach((line, index) => {
      const mark = marks.get(index + 1);
      if (mark) line.dataset.mark = mark;
      else delete line.dataset.mark;
    });
    bands.replaceChildren(
      ...[...marks].map(([line, mark]) => {
        const band = h("div", { class: "code-band", "data-mark": mark });
        band.style.top = `${(line - 1) * LINE}px`;
        return band;
      }),
    );
    follow();
  }

  number();
  return {
    element: h(
      "div",
      { class: "code" },
      h("div", { class: "code-side", "aria-hidden": "true" }, gutter),
      h("div", { class: "code-body" }, h("div", { class: "code-under", "aria-hidden": "true" }, bands), area),
    ),
    get text() {
      return area.value;
    },
    /** Takes the focus. What stood there comes back with the editor's own undo. */
    set text(value) {
      area.focus({ preventScroll: true });
      area.select();
      document.execCommand("insertText", false, value);
    },
    /** @param {Map<number, "error" | "warning">} lines from 1 */
    mark(lines, { isWrong }) {
      marks = lines;
      area.setAttribute("aria-invalid", String(isWrong));
      number();
    },
    /** Selects a line, and brings it into view. */
    goTo(line) {
      const lines = area.value.split("\n");
      const start = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0);
      area.focus({ preventScroll: true });
      area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
      area.scrollTop = Math.max(0, (line - 4) * LINE);
      area.scrollLeft = 0;
      area.closest(".code").scrollIntoView({ block: "nearest" });
    },
  };
}
