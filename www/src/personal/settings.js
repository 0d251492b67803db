// What the shopper has chosen about their order: how much, how varied, and for whom.

/** A tab's own storage, under a key of the store. */
const KEY = "larkmoor-settings";

/** `strength` is undefined where the model says it. */
export const DEFAULTS = Object.freeze({ strength: undefined, broaden: 0, gift: false });

const isShare = (value) => typeof value === "number" && value >= 0 && value <= 1;

/** What was kept in this tab, as far as it makes sense. */
export function restoreSettings() {
  try {
    const { strength, broaden, gift } = JSON.parse(sessionStorage.getItem(KEY)) ?? {};
    return {
      strength: isShare(strength) ? strength : DEFAULTS.strength,
      broaden: isShare(broaden) ? broaden : DEFAULTS.broaden,
      gift: gift === true,
    };
  } catch {
    return DEFAULTS;
  }
}

/** Keeps them in the tab, or erases them: where the shopper keeps nothing, and where they are as they come. */
export function keepSettings(settings, place) {
  try {
    const isKept = place === "tab" && Object.keys(DEFAULTS).some((name) => settings[name] !== DEFAULTS[name]);
    if (isKept) sessionStorage.setItem(KEY, JSON.stringify(settings));
    else sessionStorage.removeItem(KEY);
  } catch {
    // A browser that refuses to store anything: they hold for the page.
  }
}
