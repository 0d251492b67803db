// Runs the golden cases with models that the page fetches. The test reads `globalThis.golden`.
import { runGolden } from "./run.mjs";

/**
 * @param {typeof import("reshelve")} reshelve
 * @param {import("reshelve").LoadOptions} [options]
 */
export function runPage(reshelve, options) {
  globalThis.golden = (async () => {
    const golden = await (await fetch("/golden/cases.json")).json();
    // As a page does it: by address, read while it arrives.
    return runGolden(reshelve, golden, (file) => `/golden/${file}`, options);
  })().catch(({ code, message }) => ({ code, message }));
}
