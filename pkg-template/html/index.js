// Puts the marked lists of a page into the shopper's order: while it streams through a worker, or in the browser before
// they are painted.

export { reorderBytes, reorderHtml } from "./stream.js";
export { reorderPage } from "./page.js";
