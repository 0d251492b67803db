// What the shopper has agreed to, from page to page: one word, where the answer itself allows a word to be kept. A real
// store has a banner that does this.

const KEY = "larkmoor-consent";

/** Where the answer lies: an answer for the tab in the tab, one for later visits on the device, `none` nowhere. */
const PLACES = { session: () => sessionStorage, persist: () => localStorage, off: () => localStorage };

const attempt = (work) => {
  try {
    return work();
  } catch {
    // A browser that refuses to store anything: the answer holds for the page.
    return undefined;
  }
};

/** The place for what is to last as long as the answer allows; `undefined` for `none`. */
export const placeFor = (tier) => PLACES[tier] && attempt(PLACES[tier]);

/** @returns {import("reshelve/shopper").ConsentTier} */
export function rememberedConsent() {
  const found = Object.keys(PLACES).find((tier) => attempt(() => placeFor(tier)?.getItem(KEY)) === tier);
  return found ?? "none";
}

/** @param {import("reshelve/shopper").ConsentTier} tier */
export function rememberConsent(tier) {
  for (const place of new Set(Object.keys(PLACES).map(placeFor))) attempt(() => place?.removeItem(KEY));
  attempt(() => placeFor(tier)?.setItem(KEY, tier));
}
