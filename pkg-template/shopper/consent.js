// What the shopper has agreed to, and how a page hears of it.

/** From nothing at all to keeping it on the device. */
export const TIERS = ["off", "none", "session", "persist"];

export const rank = (tier) => TIERS.indexOf(tier);

/** The one that keeps less. */
export const lower = (one, other) => (rank(one) < rank(other) ? one : other);

export const isTier = (value) => TIERS.includes(value);

/** Whether the browser sends the Global Privacy Control signal. */
export const hasPrivacyControl = () => globalThis.navigator?.globalPrivacyControl === true;

/** How long a page may be on its way while another tab withdraws, milliseconds. */
const ON_ITS_WAY_MS = 1000;

/** As of when what a page knows when it loads is known. */
const pageStart = () => Math.floor(globalThis.performance?.timeOrigin ?? Date.now()) - ON_ITS_WAY_MS;

/** When this page decided last, by name: it knows of that whenever it opens a shopper anew. */
const decidedAt = new Map();

/** Remembers that this page has decided. */
export const remember = (name, at) => decidedAt.set(name, Math.max(at, decidedAt.get(name) ?? 0));

/** As of when what a page knows when it opens a shopper is known. */
const knownAt = (name) => Math.max(pageStart(), decidedAt.get(name) ?? 0);

/**
 * Follows the page's own means of consent.
 *
 * @param {object} options
 * @param {unknown} [options.consent] a tier, or a function that may return one and is given a setter for later ones
 * @param {string} options.name of the shopper
 * @param {string | null} options.event name of the event on `document` whose `detail` is a tier
 * @param {(tier: unknown, at: number) => void} decide
 * @param {() => boolean} isDecided whether anything has been said, here or elsewhere
 * @param {(error: unknown) => void} failed
 * @returns {() => void} ends it
 */
export function follow({ consent, name, event }, decide, isDecided, failed) {
  let isOver = false;
  const set = (tier, at = Date.now()) => !isOver && decide(tier, at);
  const heard = ({ detail }) => set(detail?.tier ?? detail);
  const page = event === null ? undefined : globalThis.document;
  page?.addEventListener(event, heard);
  if (typeof consent === "function") {
    try {
      const known = consent((tier) => set(tier));
      // What was said while it was under way is newer than what it says.
      const later = (tier) => tier !== undefined && !isDecided() && set(tier);
      if (typeof known?.then === "function") known.then(later, failed);
      else if (known !== undefined) set(known, knownAt(name));
    } catch (error) {
      failed(error);
    }
  } else if (consent !== undefined) {
    set(consent, knownAt(name));
  }
  return () => {
    isOver = true;
    page?.removeEventListener(event, heard);
  };
}
