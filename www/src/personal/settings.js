// What the shopper has chosen about their order: how much, how varied, and for whom.

import { placeFor } from "./consent.js";

const KEY = "larkmoor-settings";

/** `strength` is undefined where the model says it. */
export const DEFAULTS = Object.freeze({ strength: undefined, broaden: 0, gift: false });

const isShare = (value) => typeof value === "number" && value >= 0 && value <= 1;

/** What was kept under this consent, as far as it makes sense. */
export function restoreSettings(tier) {
  try {
    const { strength, broaden, gift } = JSON.parse(placeFor(tier)?.getItem(KEY) ?? "{}");
    return {
      strength: isShare(strength) ? strength : DEFAULTS.strength,
      broaden: isShare(broaden) ? broaden : DEFAULTS.broaden,
      gift: gift === true,
    };
  } catch {
    return DEFAULTS;
  }
}

/** Keeps them where the events are kept, and nowhere else; not at all where they are as they come. */
export function keepSettings(settings, tier) {
  const isKept =
    ["session", "persist"].includes(tier) && Object.keys(DEFAULTS).some((name) => settings[name] !== DEFAULTS[name]);
  try {
    for (const other of ["session", "persist"]) placeFor(other)?.removeItem(KEY);
    if (isKept) placeFor(tier)?.setItem(KEY, JSON.stringify(settings));
  } catch {
    // A browser that refuses to store anything: they hold for the page.
  }
}
