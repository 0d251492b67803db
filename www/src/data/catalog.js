// Everything that the store sells.

/**
 * @typedef {object} Item a line of catalog.jsonl
 * @property {string} item_id
 * @property {string} [parent_id] the product, if there are several colors of it
 * @property {string} title
 * @property {string} category path from the department down, joined by ` > `
 * @property {string} brand
 * @property {string} seller the store itself, or a guest
 * @property {number} price euros
 * @property {string} description
 * @property {string} color
 * @property {string} color_hex
 * @property {string} accent_hex
 * @property {string} material
 * @property {string} size_range
 * @property {string} keywords
 * @property {string} shape
 * @property {string} form
 * @property {string} pattern
 * @property {string} available_from ISO date
 */

/** The product that an item is a color of. */
export const productOf = (item) => item.parent_id ?? item.item_id;

/** The steps of an item's category, the department first. */
export const pathOf = (item) => item.category.split(" > ");

/** FNV-1a over UTF-16 units: strews ids evenly. */
function strewn(id) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

export class Catalog {
  #byId;
  #byProduct;

  /** @param {Item[]} items in any order */
  constructor(items) {
    // The store's own order, the same for everyone: strewn, so that no maker and no color crowds the front.
    this.items = items
      .map((item) => [strewn(productOf(item)), item])
      .sort(([left, a], [right, b]) => left - right || (a.item_id < b.item_id ? -1 : 1))
      .map(([, item]) => item);
    this.#byId = new Map(this.items.map((item) => [item.item_id, item]));
    this.#byProduct = new Map();
    for (const item of this.items) {
      const colors = this.#byProduct.get(productOf(item));
      if (colors) colors.push(item);
      else this.#byProduct.set(productOf(item), [item]);
    }
    this.departments = treeOf(items);
  }

  /** @returns {Item | undefined} */
  item(itemId) {
    return this.#byId.get(itemId);
  }

  /** Title without the color, which follows a comma where there are several. */
  shortTitle(itemId) {
    const item = this.item(itemId);
    if (!item) return "something that is no longer sold";
    return item.title.endsWith(`, ${item.color}`) ? item.title.slice(0, -item.color.length - 2) : item.title;
  }

  /** The item and its siblings in other colors. */
  colorsOf(item) {
    return this.#byProduct.get(productOf(item));
  }

  /** Items of a category and all below it, in the store's order. */
  inCategory(path) {
    return this.items.filter((item) => path.every((step, depth) => pathOf(item)[depth] === step));
  }

  /** The node of the category tree at a path. */
  category(path) {
    let nodes = this.departments;
    let found;
    for (const step of path) {
      found = nodes.find(({ name }) => name === step);
      if (!found) return undefined;
      nodes = found.children;
    }
    return found;
  }

  /** All items, the newest first, in the store's order where they came on one day. */
  newest() {
    return this.items.toSorted((a, b) =>
      a.available_from < b.available_from ? 1 : a.available_from > b.available_from ? -1 : 0,
    );
  }
}

/** Departments with their categories, in the order of the catalog file, each with its path and number of products. */
function treeOf(items) {
  const root = { children: [] };
  for (const item of collapse(items, (item) => item)) {
    let node = root;
    const path = pathOf(item);
    path.forEach((name, depth) => {
      let child = node.children.find((child) => child.name === name);
      if (!child) node.children.push((child = { name, path: path.slice(0, depth + 1), children: [], products: 0 }));
      child.products += 1;
      node = child;
    });
  }
  return root.children;
}

/** One entry a product: the first of its colors, where it stands. */
export function collapse(entries, itemOf) {
  const seen = new Set();
  return entries.filter((entry) => {
    const product = productOf(itemOf(entry));
    return !seen.has(product) && seen.add(product);
  });
}
