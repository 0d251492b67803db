// The same without the index of a large catalog: every item is looked at.

import { openReshelve } from "./reshelve.mjs";

export { assets, npm } from "./reshelve.mjs";
export const title = "Reshelve, exact";
/** Smaller catalogs have no index. */
export const least = 50_000;
export const inputs = ["exact.shelf"];
export const open = ({ files }, assets) => openReshelve(files["exact.shelf"], assets);
