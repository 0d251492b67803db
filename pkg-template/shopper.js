// A shopper's session under their consent: kept no longer and nowhere else than they agreed to.

import { Shopper } from "./shopper/shopper.js";

/** How long a page waits for what was stored, milliseconds. */
const PATIENCE_MS = 500;
/** The longest that timers wait. */
const MAX_PATIENCE_MS = 2 ** 31 - 1;

/** The `openShopper` of `shopper.d.ts`. */
export async function openShopper(model, options) {
  const shopper = new Shopper(model, options);
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, Math.min(options?.patienceMs ?? PATIENCE_MS, MAX_PATIENCE_MS));
  });
  await Promise.race([shopper.settled(), late]);
  clearTimeout(timer);
  return shopper;
}
