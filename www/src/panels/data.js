// "Your data": everything that is known of the shopper, and the means to be rid of it.

import { pictureOf } from "../art/index.js";
import { createAbout } from "./about.js";
import { createControls } from "./controls.js";
import { createKeeping } from "./keeping.js";
import { createTakeaway } from "./takeaway.js";
import { openDialog } from "../ui/dialog.js";
import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { counted, formatAgo, formatBytes, formatCount, formatMilliseconds } from "../words/format.js";

/** Why there is no personalization, in words. */
const FAILURES = {
  ERR_WASM_UNAVAILABLE: "This browser did not let the page run WebAssembly.",
  ERR_WASM_MISMATCH: "Parts of two releases met, probably out of a stale cache.",
  ERR_MODEL_FETCH: "The model could not be fetched.",
  ERR_MODEL_FORMAT: "The model arrived damaged.",
  ERR_MODEL_VERSION: "The model is newer than this page.",
  TimeoutError: "The model took too long to arrive.",
};

export function openDataPanel(shop) {
  const { personal, requests, reasons, catalog } = shop;
  const figures = h("dl", { class: "figures" });
  const list = h("ul", { class: "events", role: "list" });
  const none = h("p", { class: "events-none" });
  const title = h("h3", { id: "events-title", tabindex: "-1" }, "");
  const all = h(
    "button",
    { class: "button button-quiet", type: "button", "data-forget": "all", onclick: () => forgetAll() },
    icon("trash"),
    "Forget everything",
  );
  const controls = createControls(shop);
  const about = createAbout(shop);
  const keeping = personal.ready && createKeeping(shop);
  const takeaway = personal.ready && createTakeaway(shop);
  const tokenLines = h("ul", { class: "token-lines", role: "list" });
  const tokenNone = h("p", {}, "It is empty.");
  const tokenFacts = h("p", {});

  function showFigures() {
    const last = personal.lastRanking;
    const rows = [
      ["Requests since the page loaded", formatCount(requests.count), "requests"],
      ["Events held", `${formatCount(personal.events.length)} of 256 at most`, "events"],
      [
        "Last reordering",
        last ? `${formatMilliseconds(last.milliseconds)} for ${counted(last.candidates, "item")}` : "none yet",
        "ranking",
      ],
      [
        "Model",
        personal.info
          ? `${formatBytes(personal.info.byteLength)}, ${counted(personal.info.itemCount, "item")}`
          : "none",
        "model",
      ],
      ["WebAssembly", personal.ready && requests.wasmBytes ? formatBytes(requests.wasmBytes) : "none", "wasm"],
    ];
    figures.replaceChildren(
      ...rows.map(([name, value, key]) => h("div", { "data-figure": key }, h("dt", {}, name), h("dd", {}, value))),
    );
  }

  function showEvents() {
    const events = [...personal.events].reverse();
    title.textContent = events.length ? `What it knows: ${counted(events.length, "event")}` : "What it knows";
    none.hidden = events.length > 0;
    none.textContent = personal.isNoting
      ? "Nothing. Look at a few things, and they appear here."
      : "Nothing, and nothing that you do is noted.";
    all.hidden = events.length === 0;
    list.replaceChildren(...events.map(eventLine));
    controls.update();
    about.update();
    if (keeping) keeping.update();
    if (takeaway) takeaway.update();
    showToken();
    showFigures();
  }

  function showToken() {
    const token = personal.events.length ? personal.token : "";
    const content = token && personal.describe(token);
    const told = content ? [...content.events].reverse() : [];
    tokenNone.hidden = told.length > 0;
    tokenFacts.textContent = content ? `${content.length} characters. They say, and nothing else:` : "";
    tokenLines.replaceChildren(
      ...told.map((event) => h("li", {}, `${reasons.what(event)}, ${formatAgo(event.timestamp)}`)),
    );
  }

  function eventLine(event) {
    const item = event.itemId && catalog.item(event.itemId);
    const words = reasons.what(event);
    return h(
      "li",
      { class: "event" },
      h(
        "span",
        { class: "event-picture", "aria-hidden": "true" },
        item ? pictureOf(item) : icon(event.type === "answer" ? "check" : "search"),
      ),
      h(
        "span",
        { class: "event-words" },
        h("span", {}, words),
        h(
          "time",
          { datetime: new Date(event.timestamp).toISOString() },
          formatAgo(event.timestamp) + (event.gift ? " · for someone else" : ""),
        ),
      ),
      h(
        "button",
        {
          class: "icon-button",
          type: "button",
          "data-forget": event.id,
          "aria-label": `Forget: ${words}`,
          onclick: () => forget(event),
        },
        icon("close"),
      ),
    );
  }

  function forget(event) {
    // The next line's button takes the focus, so that one can go on with the keyboard.
    const buttons = [...list.querySelectorAll("[data-forget]")];
    const index = buttons.findIndex(({ dataset }) => dataset.forget === String(event.id));
    personal.forget(event.id);
    (list.querySelectorAll("[data-forget]")[Math.min(index, buttons.length - 2)] ?? title).focus();
  }

  function forgetAll() {
    personal.clear();
    title.focus();
  }

  personal.addEventListener("log", showEvents);
  personal.addEventListener("ranked", showFigures);
  requests.onChange = showFigures;
  showEvents();

  openDialog({
    title: "Your data",
    className: "data",
    onClose: () => {
      personal.removeEventListener("log", showEvents);
      personal.removeEventListener("ranked", showFigures);
      requests.onChange = undefined;
    },
    content: [
      h(
        "p",
        { class: "dialog-lead" },
        "What puts these shelves in your order is listed here, all of it. It stays in this browser, for as long as you say.",
      ),
      !personal.ready &&
        h(
          "p",
          { class: "notice", "data-failure": personal.failure },
          `Today the shelves stand in the store’s own order. ${FAILURES[personal.failure] ?? "Personalization could not start."} (${personal.failure})`,
        ),
      figures,
      h(
        "section",
        { "aria-labelledby": "events-title" },
        h("header", { class: "events-head" }, title, all),
        none,
        list,
      ),
      about.element,
      keeping && keeping.element,
      personal.ready && controls.element,
      takeaway && takeaway.element,
      personal.ready &&
        h(
          "details",
          { class: "token-box" },
          h("summary", {}, "What a token would say"),
          h(
            "p",
            {},
            "If the store wants to send your first page in your order already, its own CDN worker could read a token from a first-party cookie: the code above. This demo never sends it.",
          ),
          tokenFacts,
          tokenNone,
          tokenLines,
        ),
    ],
  });
}
