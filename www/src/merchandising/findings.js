// What the compiler and the checker say of the rules.

import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";

/**
 * @param {string} id of the status line, which describes the editor
 * @param {(line: number) => void} goTo
 */
export function createFindings(id, goTo) {
  const status = h("p", { class: "verdict", id, role: "status" });
  const list = h("ul", { class: "findings", role: "list", "aria-label": "Findings" });

  const finding = ({ severity, rule, message, line }) =>
    h(
      "li",
      { class: "finding", "data-severity": severity },
      icon(severity === "error" ? "stop" : "warning"),
      h(
        "div",
        {},
        h(
          "p",
          { class: "finding-head" },
          h("strong", {}, severity === "error" ? "Error" : "Warning"),
          rule && h("span", {}, rule),
          line &&
            h(
              "button",
              { class: "text-button", type: "button", onclick: () => goTo(line), "aria-label": `Go to line ${line}` },
              `line ${line}`,
            ),
        ),
        h("p", { class: "finding-words" }, message),
      ),
    );

  return {
    verdict: status,
    element: list,
    /** @param {{ verdict: string, tone: "good" | "warning" | "error", findings: object[] }} state */
    show({ verdict, tone, findings }) {
      if (status.textContent !== verdict) status.replaceChildren(icon(TONES[tone]), h("span", {}, verdict));
      status.dataset.tone = tone;
      list.replaceChildren(...findings.map(finding));
      list.hidden = !findings.length;
    },
  };
}

const TONES = { good: "check", warning: "warning", error: "stop" };
