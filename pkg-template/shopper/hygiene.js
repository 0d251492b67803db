// What is no interest: pages that a script or a prerenderer opens, and pages that are only loaded anew.

/** Types that come from opening a page, and would come again with every reload. */
const BY_OPENING = new Set(["view", "search", "impression"]);

/** @returns {"automated" | "prerendering" | undefined} why what happens in this page now is no interest */
export function whyIdle(countsAutomated) {
  if (!countsAutomated && globalThis.navigator?.webdriver === true) return "automated";
  if (globalThis.document?.prerendering === true) return "prerendering";
  return undefined;
}

/** Calls back once a prerendered page is shown. */
export function onceShown(callback) {
  globalThis.document.addEventListener("prerenderingchange", callback, { once: true });
}

/**
 * Watches for the first time that the shopper touches the page. The browser's own `userActivation` will not do: it
 * outlives a reload.
 *
 * @param {AbortSignal} signal ends it
 * @returns {() => boolean} whether they have
 */
export function watchTouch(signal) {
  let isTouched = false;
  const touch = ({ isTrusted }) => (isTouched ||= isTrusted);
  for (const type of ["pointerdown", "keydown"])
    globalThis.addEventListener?.(type, touch, { signal, capture: true, passive: true });
  return () => isTouched;
}

/**
 * Whether an event of a page that nobody has touched only says that it was loaded anew, or come back to: the newest
 * event of that type is the same.
 *
 * @param {import("../index.d.ts").SessionEvent} event
 * @param {readonly import("../index.d.ts").RecordedEvent[]} held oldest first
 */
export function isReload(event, held) {
  if (!BY_OPENING.has(event?.type)) return false;
  const [navigation] = globalThis.performance?.getEntriesByType?.("navigation") ?? [];
  if (navigation?.type !== "reload" && navigation?.type !== "back_forward") return false;
  const { type, itemId, query, gift = false } = event;
  const isSame = (one) => one.itemId === itemId && one.query === query && (one.gift ?? false) === gift;
  // A page shows many items, but is about one of them, or about one search.
  const ofType = held.filter((one) => one.type === type);
  return type === "impression" ? ofType.some(isSame) : ofType.slice(-1).some(isSame);
}
