// What may be remembered and for how long, whether it is paused, and what lies on the device.

import { h } from "../ui/dom.js";
import { counted, formatBytes, formatDay } from "../words/format.js";

const TIERS = [
  [
    "off",
    "Off",
    "Nothing is noted, and every shelf stands in the store’s own order. One word is kept on this device: your no.",
  ],
  ["none", "This page only", "Nothing is stored. Close the page or load it anew, and it is gone."],
  ["session", "This tab", "Kept in the tab’s own storage, so that it outlives a reload. Gone when you close the tab."],
  [
    "persist",
    "This device",
    "Kept in a database in this browser: a view for 30 days, a purchase for a year. Other tabs know of it.",
  ],
];

const PLACES = {
  tab: ({ name }) => `The tab’s storage, “${name}”`,
  database: ({ name }) => `A database, “${name}”`,
};

/** What went wrong, in words; what concerns developers alone is not among them. */
const PROBLEMS = {
  storage_blocked: "This browser does not let the page store anything. It goes on remembering this page only.",
  storage_full: "There is no room left for this. What does not fit is remembered by this page only.",
  storage_slow: "The browser’s storage does not answer. What you do is kept in the tab meanwhile.",
  storage_failed: "The browser’s storage has failed. What you do is remembered as far as possible.",
  storage_foreign: "The browser’s storage is of a later version of the store. It was left alone.",
  records_damaged: "Some of what was stored could not be read, and was deleted.",
  records_newer: "Some of what was stored is of a later version of the store. It was left alone.",
  erased_elsewhere: "It was erased in another tab, or by the browser. Here, too.",
  erasure_incomplete: "Something could not be deleted. Please try once more.",
};

/** @returns {{ element: HTMLElement, update(): void }} */
export function createKeeping({ personal }) {
  const inputs = TIERS.map(([value]) =>
    h("input", { type: "radio", name: "memory", value, onchange: () => personal.consent(value) }),
  );
  const tier = ([, name, words], index) =>
    h("label", { class: "place" }, inputs[index], h("span", {}, h("strong", {}, name), h("span", {}, words)));
  const privacyControl = h(
    "p",
    { class: "notice", hidden: true, "data-notice": "privacy-control" },
    "Your browser asks for privacy (Global Privacy Control). So nothing is stored here, whatever is chosen below.",
  );
  const problems = h("div", { class: "problems", role: "status" });
  const pause = h("input", {
    type: "checkbox",
    role: "switch",
    name: "pause",
    onchange: () => (personal.isPaused = pause.checked),
  });
  const where = h("dl", { class: "figures stored" });
  const nothing = h(
    "p",
    { class: "stored-none" },
    "Nothing: no cookie, no storage, no database. The browser was asked just now.",
  );

  const element = h(
    "div",
    { class: "keeping" },
    privacyControl,
    h("fieldset", { class: "places" }, h("legend", {}, "How long to remember"), TIERS.map(tier), problems),
    h(
      "label",
      { class: "place" },
      pause,
      h(
        "span",
        {},
        h("strong", {}, "Pause"),
        h("span", {}, "Look around unnoted. The shelves stay as they are; what you say outright still counts."),
      ),
    ),
    h(
      "section",
      { "aria-labelledby": "stored-title" },
      h("h3", { id: "stored-title" }, "On this device now"),
      nothing,
      where,
    ),
  );

  let asked = 0;
  async function showStored() {
    const question = (asked += 1);
    const places = await personal.stored();
    if (question !== asked) return;
    nothing.hidden = places.length > 0 || localStorageKeys().length > 0;
    const row = (name, value, key) => h("div", { "data-stored": key }, h("dt", {}, name), h("dd", {}, value));
    where.replaceChildren(
      ...places.map((found) =>
        row(
          PLACES[found.place](found),
          `${counted(found.events, "event")}, ${formatBytes(found.bytes)}` +
            (found.until ? `, until ${formatDay(found.until)} at most` : ""),
          found.place,
        ),
      ),
      ...localStorageKeys().map((key) => row(`A word, “${key}”`, "your choice, until you change it", "choice")),
    );
  }

  function update() {
    const { tier, limitedBy, isPaused, problems: found } = personal.status;
    for (const input of inputs) input.checked = input.value === tier;
    privacyControl.hidden = limitedBy === undefined;
    pause.checked = isPaused;
    const words = [...new Set(found.map(({ code }) => PROBLEMS[code]).filter(Boolean))];
    problems.replaceChildren(...words.map((sentence) => h("p", { class: "notice" }, sentence)));
    showStored();
  }
  return { element, update };
}

/** What the store itself keeps: see `personal/consent.js` and `settings.js`. */
function localStorageKeys() {
  try {
    return [...Object.keys(localStorage), ...Object.keys(sessionStorage)].filter((key) => key.startsWith("larkmoor-"));
  } catch {
    return [];
  }
}
