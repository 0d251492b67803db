// Reorders the marked lists of the document at hand, as long as nobody has seen them: `hold.js` and `hold.css` keep them
// hidden in their place until then.

import { orderOf, untouched } from "./list.js";
import { decodeId, doneMark, markOf } from "./marks.js";

/** The class of the document's element while lists wait; `hold.js` sets it. */
const HOLD = "reshelve-hold";

/** The `reorderPage` of `index.d.ts`. */
export async function reorderPage(reorder, { root = document } = {}) {
  try {
    const given = await reorder;
    await parsed();
    return given ? Array.from(listsOf(root), (list) => reorderList(list, given)) : [];
  } catch (error) {
    console.warn("reshelve changes nothing:", error);
    return [];
  } finally {
    document.documentElement.classList.remove(HOLD);
  }
}

/** Until all marks of the page are there. */
function parsed() {
  if (document.readyState !== "loading") return undefined;
  return new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
}

/**
 * @typedef {object} List
 * @property {string} surface
 * @property {Comment} open
 * @property {{ id: string, mark: Comment }[]} items
 * @property {Comment} [close] absent from a list that is not closed
 */

/** @returns {List[]} */
function listsOf(root) {
  const lists = [];
  /** The list that the walk is inside of. */
  let list;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_COMMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const { kind, value } = markOf(`<!--${node.data}-->`) ?? {};
    if (kind === "open") {
      list = { surface: value, open: node, items: [] };
      lists.push(list);
    } else if (kind === "item") {
      list?.items.push({ id: decodeId(value), mark: node });
    } else if (kind === "close" && list) {
      list.close = node;
      list = undefined;
    }
  }
  return lists;
}

/** @returns {import("./index.d.ts").ListReport} */
function reorderList({ surface, open, items, close }, reorder) {
  const because = (reason) => untouched(surface, items.length, reason).report;
  if (!close) return because("unclosed");
  const marks = [...items.map(({ mark }) => mark), close];
  if (marks.some((mark) => mark.parentNode !== open.parentNode)) return because("nested");
  if (open.parentElement && isShown(open.parentElement)) return because("shown");
  const ids = items.map(({ id }) => id);
  const { order, report } = orderOf(reorder, surface, ids);
  if (order) {
    const stretches = items.map(({ mark }, place) => stretch(mark, items[place + 1]?.mark ?? close));
    const shown = document.createDocumentFragment();
    for (const place of order) shown.append(...stretches[place]);
    // What is still there are the items that rules bar.
    for (const node of stretches.flat()) if (node.parentNode !== shown) node.remove();
    close.before(shown);
    open.data = doneMark(surface);
  }
  return report;
}

/** An item's nodes: its mark, and all up to the next mark. */
function stretch(mark, end) {
  const nodes = [];
  for (let node = mark; node !== end; node = node.nextSibling) nodes.push(node);
  return nodes;
}

/** Whether the shopper may be looking at it. */
function isShown(element) {
  // Safari 17.4 has the first; what every browser has tells what `hold.css` does.
  return element.checkVisibility?.({ visibilityProperty: true }) ?? getComputedStyle(element).visibility === "visible";
}
