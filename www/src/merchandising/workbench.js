// The merchandisers' workbench: rules on one side, what they do on the other.

import storeText from "../../rules.toml?raw";
import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { counted } from "../words/format.js";
import { Bench } from "./bench.js";
import { createEditor } from "./editor.js";
import { createFindings } from "./findings.js";
import { createPreview } from "./preview.js";
import { SNIPPETS, snippetOf } from "./words.js";

/** The blocks of the store's pages, without any rule for them. */
const placementsText = storeText
  .split(/^(?=\[\[)/m)
  .filter((table) => table.startsWith("[[placement]]"))
  .join("");

/** Rules are read anew when nothing was typed for so long. */
const SETTLED_MS = 200;
const VERDICT = "rules-verdict";

/** @returns {Promise<{ element: HTMLElement, update(): void }>} */
export async function createWorkbench(shop) {
  const bench = await Bench.open(shop);
  const none = bench.read(placementsText);
  const store = bench.read(storeText);
  /** What the text says, as far as it could last be read. */
  let draft = store;
  let isRead = true;
  /** What the store's shelves hold now. */
  let applied = storeText;
  let timer;

  const editor = createEditor({
    label: "The store’s rules",
    text: storeText,
    describedBy: VERDICT,
    onInput: () => {
      clearTimeout(timer);
      timer = setTimeout(read, SETTLED_MS);
    },
  });
  const findings = createFindings(VERDICT, editor.goTo);
  const preview = createPreview(shop, editor.goTo);
  const chooser = createChooser(shop, look);
  const apply = h(
    "button",
    { class: "button", type: "button", onclick: applyDraft },
    icon("check"),
    "Apply to the store",
  );
  const reset = h("button", { class: "button button-quiet", type: "button", onclick: resetAll }, icon("back"), "Reset");
  const held = h("p", { class: "bench-held", role: "status" });
  const stale = h("p", { class: "preview-stale" }, "These are the last rules that could be read.");

  function read() {
    clearTimeout(timer);
    const { text } = editor;
    try {
      draft = bench.read(text);
      isRead = true;
      tell(draft);
    } catch (error) {
      if (error.code !== "ERR_RULES") throw error;
      isRead = false;
      tellError(error);
    }
    showState();
    look();
  }

  function tell({ bytes, rules, findings: found }) {
    const errors = found.filter(({ severity }) => severity === "error").length;
    const size = `${counted(rules.length, "rule")} in ${counted(bytes.length, "byte")}`;
    const verdict = errors
      ? `${size}. ${counted(errors, "rule")} cannot do what was meant.`
      : found.length
        ? `${size}. ${counted(found.length, "thing")} to look at.`
        : `${size}. Nothing to complain about.`;
    findings.show({ verdict, tone: errors ? "error" : found.length ? "warning" : "good", findings: found });
    const marks = new Map();
    for (const { line, severity } of found) if (line && marks.get(line) !== "error") marks.set(line, severity);
    editor.mark(marks, { isWrong: errors > 0 });
  }

  function tellError({ message, details }) {
    const { line, column, rule } = details;
    const verdict = line ? `Line ${line}, column ${column}: this cannot be read.` : "This cannot be read.";
    findings.show({ verdict, tone: "error", findings: [{ severity: "error", rule, message, line }] });
    editor.mark(new Map(line ? [[line, "error"]] : []), { isWrong: true });
  }

  function look() {
    const { shopper, page, against } = chooser;
    preview.show({
      before: bench.look(against === "none" ? none.bytes : store.bytes, shopper, page),
      after: bench.look(draft.bytes, shopper, page),
      rules: draft.rules,
      title: against === "none" ? "Without rules" : "The store’s rules",
    });
  }

  function showState() {
    const { text } = editor;
    // Not `disabled`, which would take the focus from the button that was just pressed.
    apply.ariaDisabled = String(!isRead || text === applied);
    reset.ariaDisabled = String(text === storeText && applied === storeText);
    stale.hidden = isRead;
    held.textContent =
      applied === storeText
        ? "The shelves hold the store’s rules."
        : `The shelves hold ${text === applied ? "this draft" : "an earlier draft"}, until you load the page anew.`;
  }

  function applyDraft() {
    read();
    if (!isRead) return;
    applied = editor.text;
    shop.personal.useRules(draft.bytes);
    showState();
  }

  function resetAll() {
    if (reset.ariaDisabled === "true") return;
    editor.text = storeText;
    editor.goTo(1);
    applied = storeText;
    shop.personal.useRules();
    read();
  }

  function add(kind) {
    const snippet = snippetOf(kind, editor.text);
    const text = `${editor.text.trimEnd()}\n\n`;
    editor.text = text + snippet;
    editor.goTo(text.split("\n").length + 1);
    read();
  }

  const element = h(
    "div",
    { class: "bench" },
    h(
      "section",
      { class: "bench-rules", "aria-labelledby": "bench-rules" },
      h("h2", { id: "bench-rules" }, "Rules"),
      h(
        "div",
        { class: "bench-add", role: "group", "aria-label": "Add a rule" },
        Object.keys(SNIPPETS).map((kind) =>
          h(
            "button",
            { class: "chip", type: "button", "data-add": kind, onclick: () => add(kind) },
            icon("plus"),
            kind,
          ),
        ),
      ),
      editor.element,
      h("div", { class: "bench-foot" }, findings.verdict, h("div", { class: "bench-actions" }, apply, reset)),
      held,
      findings.element,
      help(shop),
    ),
    h(
      "section",
      { class: "bench-preview", "aria-labelledby": "bench-preview" },
      h("h2", { id: "bench-preview" }, "What they do"),
      chooser.element,
      stale,
      preview.element,
    ),
  );
  read();
  return { element, update: look };
}

/** As whom, where, and against what to look. */
function createChooser(shop, onChange) {
  const pages = [
    { title: "The entrance", page: { name: "home" } },
    ...shop.catalog.departments.map(({ name, path }) => ({ title: name, page: { name: "shelves", path } })),
    { title: "Search for …", page: { name: "search" } },
  ];
  const shoppers = [
    ["nobody", "Somebody new"],
    ...shop.personas.map(({ id, name, headline }) => [id, `${name}: ${headline}`]),
    ["you", "You, so far"],
  ];
  const select = (name, options) =>
    h(
      "select",
      { name, onchange: update },
      options.map(([value, words]) => h("option", { value }, words)),
    );
  const shopper = select("shopper", shoppers);
  const page = select(
    "page",
    pages.map(({ title }, index) => [index, title]),
  );
  const against = select("against", [
    ["none", "without rules"],
    ["store", "the store’s rules"],
  ]);
  const query = h("input", { type: "search", name: "query", value: "tent", autocomplete: "off", oninput: update });
  const field = (words, control) => h("label", { class: "field" }, h("span", {}, words), control);
  const queryField = field("For", query);

  function update() {
    queryField.hidden = pages[page.value].page.name !== "search";
    onChange();
  }

  page.value = "1";
  queryField.hidden = true;
  return {
    element: h(
      "div",
      { class: "chooser" },
      field("Page", page),
      queryField,
      field("Seen by", shopper),
      field("Compared with", against),
    ),
    get shopper() {
      return shopper.value;
    },
    get page() {
      return { ...pages[page.value].page, query: query.value };
    },
    get against() {
      return against.value;
    },
  };
}

/** What conditions may ask of a thing in this store. */
function help({ catalog }) {
  const wordsOf = (name) => [...new Set(catalog.items.map((item) => item[name]))].sort();
  const [brands, sellers] = [wordsOf("brand"), wordsOf("seller")];
  const department = catalog.departments[0];
  const rows = [
    ["brand", `brand == '${brands[0]}'`, `in words: ${brands.slice(0, 5).join(", ")} …`],
    [
      "category",
      `category under '${department.name}/${department.children[0].name}'`,
      "the path from the department down",
    ],
    ["seller", `seller == '${sellers[0]}'`, `in words: ${sellers.join(", ")}`],
    ["price", "price < 5000", "in cents"],
    ["price_band", "price_band >= 4", "1 to 5 among the things of its kind"],
    ["margin_band", "margin_band >= 6", "1 to 8 among all things: the margins themselves stay in the house"],
    ["age_days", "age_days < 30", "since it came into the store"],
    ["popularity", "popularity > 200", "0 to 255"],
    ["item", `item == '${catalog.items[0].item_id}'`, "one thing"],
  ];
  return h(
    "details",
    { class: "bench-help" },
    h("summary", {}, "What conditions can ask"),
    h(
      "dl",
      {},
      rows.map(([name, example, words]) =>
        h("div", {}, h("dt", {}, h("code", {}, name)), h("dd", {}, h("code", {}, example), h("span", {}, words))),
      ),
    ),
    h(
      "p",
      {},
      "Joined by ",
      h("code", {}, "and"),
      ", ",
      h("code", {}, "or"),
      ", ",
      h("code", {}, "not"),
      " and parentheses. ",
      h("code", {}, "surfaces"),
      " names the pages that a rule is for: home, category, search, product, cart.",
    ),
  );
}
