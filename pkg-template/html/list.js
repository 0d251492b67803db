// A list of either kind, bytes or nodes: what is asked of the caller's `reorder`, and what is made of its answer.

/**
 * @typedef {object} Answer
 * @property {number[] | undefined} order places of the items to show, in their new order; undefined: all as they are
 * @property {import("./index.d.ts").ListReport} report
 */

/**
 * Asks for the order of a list. Whatever the answer, it shows no item twice and leaves out none but those that rules bar.
 *
 * @param {import("./index.d.ts").Reorder} reorder
 * @param {string} surface
 * @param {string[]} ids
 * @returns {Answer}
 */
export function orderOf(reorder, surface, ids) {
  const items = ids.map((id) => ({ id }));
  let order;
  let barred;
  try {
    const ranking = reorder(surface, [...items]);
    const places = new Map(items.map((item, place) => [item, place]));
    const all = [];
    for (const item of ranking.items) {
      all.push(places.get(item));
      places.delete(item);
    }
    barred = ranking.barred ?? 0;
    const isSound = Number.isInteger(barred) && barred >= 0 && barred <= all.length;
    const isWhole = all.length === items.length && places.size === 0;
    if (!isSound || !isWhole) return untouched(surface, items.length, "failed");
    order = all.slice(0, all.length - barred);
  } catch {
    return untouched(surface, items.length, "failed");
  }
  if (barred === 0 && order.every((place, slot) => place === slot)) {
    return untouched(surface, items.length, "unchanged");
  }
  return { order, report: { surface, items: items.length, barred, outcome: "ordered" } };
}

/**
 * @param {string} surface
 * @param {number} items
 * @param {import("./index.d.ts").ListReport["reason"]} reason
 * @returns {Answer}
 */
export function untouched(surface, items, reason) {
  return { order: undefined, report: { surface, items, barred: 0, outcome: "untouched", reason } };
}
