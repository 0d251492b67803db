// One page of the store in two orders, side by side: what moved, by which rule, and why.

import { pictureOf } from "../art/index.js";
import { productOf } from "../data/catalog.js";
import { h } from "../ui/dom.js";
import { counted, formatCount, formatMaker, formatPrice } from "../words/format.js";
import { deedOf, termsOf } from "./words.js";

/** Places shown. */
const PLACES = 12;

/**
 * @param {object} shop
 * @param {(line: number) => void} goTo leads to a line of the rules
 */
export function createPreview(shop, goTo) {
  const summary = h("p", { class: "preview-summary", role: "status" });
  const [before, after] = [column("before"), column("after")];
  const leftOut = h("ul", { class: "left-out-list", role: "list" });
  const leftOutTitle = h("summary", {});
  const leftOutBox = h("details", { class: "left-out" }, leftOutTitle, leftOut);

  function thing(item) {
    return [
      h("span", { class: "spot-picture", "aria-hidden": "true" }, pictureOf(item)),
      h(
        "span",
        { class: "spot-words" },
        h("span", { class: "spot-title" }, shop.catalog.shortTitle(item.item_id)),
        h("span", { class: "spot-facts" }, `${formatPrice(item.price)} · ${formatMaker(item)}`),
      ),
    ];
  }

  function ruleButton(rule) {
    const said = deedOf(rule);
    if (!said) return undefined;
    return h(
      "button",
      {
        class: "spot-rule",
        type: "button",
        disabled: rule.line === undefined,
        "aria-label": `${said.deed} by the rule “${said.name}”, line ${rule.line}`,
        onclick: () => goTo(rule.line),
      },
      h("strong", {}, said.deed),
      ` ${said.name}`,
    );
  }

  function why({ explanation }) {
    const sentence = shop.reasons.why(explanation.reason);
    const terms = termsOf(explanation);
    return h(
      "details",
      { class: "spot-why" },
      h("summary", {}, "Why"),
      sentence && h("p", {}, `Says to the shopper: “${sentence}”`),
      terms.length > 0
        ? h(
            "dl",
            {},
            terms.map(([name, score]) =>
              h("div", {}, h("dt", {}, name), h("dd", {}, `${score > 0 ? "+" : "−"}${formatCount(Math.abs(score))}`)),
            ),
          )
        : h("p", {}, "It stands where the store has it."),
    );
  }

  /** @param {import("./bench.js").Entry} entry */
  function spotAfter(entry, index, from, rules) {
    const rule = rules[entry.explanation.rule];
    const boost = entry.explanation.parts.boost;
    return h(
      "li",
      { class: "spot", "data-item": entry.item.item_id },
      h("span", { class: "spot-rank" }, index + 1),
      ...thing(entry.item),
      moveBadge(from, index, Boolean(rule) || boost !== 0),
      h(
        "div",
        { class: "spot-notes" },
        ruleButton(rule),
        boost > 0 && h("span", { class: "spot-boost" }, "Boosted"),
        boost < 0 && h("span", { class: "spot-boost spot-boost-down" }, "Buried"),
        why(entry),
      ),
    );
  }

  function spotBefore(entry, index, isGone) {
    return h(
      "li",
      { class: "spot", "data-item": entry.item.item_id, "data-gone": isGone },
      h("span", { class: "spot-rank" }, index + 1),
      ...thing(entry.item),
    );
  }

  return {
    element: h(
      "div",
      { class: "preview" },
      summary,
      h("div", { class: "columns" }, before.element, after.element),
      leftOutBox,
    ),
    /**
     * @param {object} looks
     * @param {ReturnType<import("./bench.js").Bench["look"]>} looks.before
     * @param {ReturnType<import("./bench.js").Bench["look"]>} looks.after
     * @param {{ rule: string, line?: number }[]} looks.rules those of `after`, by number
     * @param {string} looks.title of the column before
     */
    show({ before: one, after: other, rules, title }) {
      const placesOf = ({ shown }) => new Map(shown.map(({ item }, index) => [productOf(item), index]));
      const [was, is] = [placesOf(one), placesOf(other)];
      const [old, now] = [one.shown.slice(0, PLACES), other.shown.slice(0, PLACES)];
      const moved = now.filter(({ item }, index) => was.get(productOf(item)) !== index).length;
      // A product of which another color is shown is not gone.
      const gone = other.leftOut.filter(({ item }) => !is.has(productOf(item)));

      before.show(
        title,
        old.map((entry, index) => spotBefore(entry, index, !is.has(productOf(entry.item)))),
      );
      after.show(
        "Your draft",
        now.map((entry, index) => spotAfter(entry, index, was.get(productOf(entry.item)), rules)),
      );
      leftOutBox.hidden = !gone.length;
      leftOutTitle.textContent = `Left out: ${counted(gone.length, "product")}`;
      leftOut.replaceChildren(
        ...gone.map(({ item, explanation }) =>
          h(
            "li",
            { class: "spot" },
            ...thing(item),
            h("div", { class: "spot-notes" }, ruleButton(rules[explanation.rule])),
          ),
        ),
      );
      const deeds = new Map();
      for (const { explanation } of now) {
        const deed = deedOf(rules[explanation.rule])?.deed.toLowerCase();
        if (deed) deeds.set(deed, (deeds.get(deed) ?? 0) + 1);
      }
      if (gone.length) deeds.set("left out", gone.length);
      const said = [
        !now.length
          ? "Nothing is shown here"
          : moved
            ? `${formatCount(moved)} of the first ${formatCount(now.length)} moved`
            : "Nothing moved among the first ones",
        ...[...deeds].map(([deed, count]) => `${formatCount(count)} ${deed}`),
      ];
      summary.textContent = said.join(" · ");
    },
  };
}

function column(name) {
  const title = h("h3", { id: `column-${name}` });
  const list = h("ol", { class: "spots", role: "list", "aria-labelledby": `column-${name}` });
  return {
    element: h("section", { class: `column column-${name}`, "aria-labelledby": `column-${name}` }, title, list),
    show(words, spots) {
      title.textContent = words;
      list.replaceChildren(...spots);
    },
  };
}

/** How far a product moved against the order before: up is to the front. A rule moved it, or others that went past. */
function moveBadge(from, to, isByRule) {
  if (from === to) return h("span", { class: "spot-move" }, h("span", { class: "unseen" }, "unmoved"));
  if (from === undefined) return h("span", { class: "spot-move moved moved-up" }, "new");
  const places = Math.abs(from - to);
  const words = `${counted(places, "place")} ${from > to ? "up" : "down"}`;
  return h(
    "span",
    { class: `spot-move moved ${from > to ? "moved-up" : "moved-down"} ${isByRule ? "" : "spot-move-quiet"}` },
    h("span", { "aria-hidden": "true" }, `${from > to ? "▲" : "▼"}${places}`),
    h("span", { class: "unseen" }, words),
  );
}
