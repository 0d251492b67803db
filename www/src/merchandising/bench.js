// Lists under rules that nobody sees yet: a model of its own, so that trying out moves nothing in the store.

import { loadModel } from "reshelve";
import { loadRulesCompiler } from "reshelve/rules";
import { collapse } from "../data/catalog.js";
import { asJustNow, pricesOf } from "../personal/personalization.js";
import { asHeld } from "../personal/placements.js";

/** Most items that are fetched for the entrance: several colors of a product make one place. */
const ENTRANCE = 64;

/**
 * @typedef {object} Entry a product in its place, or left out
 * @property {import("../data/catalog.js").Item} item
 * @property {import("reshelve").Explanation} explanation
 */

/** Who may be looked at the store as, and where. */
export class Bench {
  #shop;
  #model;
  #modelBytes;
  #compiler;

  /** Fetches the compiler, and the model's bytes, which the checks look into. */
  static async open(shop) {
    const bench = new Bench();
    const [compiler, response] = await Promise.all([loadRulesCompiler(), fetch("./store.shelf")]);
    bench.#shop = shop;
    bench.#compiler = compiler;
    bench.#modelBytes = await response.arrayBuffer();
    bench.#model = await loadModel(bench.#modelBytes);
    bench.#model.overlay("price", pricesOf(shop.catalog.items));
    return bench;
  }

  /**
   * Compiled rules, and what there is to say of them.
   *
   * @param {string} text TOML
   * @throws {import("reshelve").RankerError} `ERR_RULES`
   */
  read(text) {
    const bytes = this.#compiler.compile(text);
    return { bytes, rules: this.#compiler.list(text), findings: this.#compiler.check(text, this.#modelBytes) };
  }

  /**
   * A page as a shopper would see it.
   *
   * @param {Uint8Array} rules
   * @param {string} shopper a persona's id, `you`, or anything else for somebody new
   * @param {{ name: "home" | "search" | "shelves", query?: string, path?: string[] }} page
   * @returns {{ shown: Entry[], leftOut: Entry[] }} one color of each product
   */
  look(rules, shopper, page) {
    const { catalog, search } = this.#shop;
    this.#model.useRules(rules);
    const session = this.#session(shopper);
    try {
      if (page.name === "home") {
        const placement = session.events().length ? "home.for_you" : "home.trending";
        const options = { placement, limit: ENTRANCE, explain: true };
        const { items, explanations = [] } = asHeld(options, (options) => session.recommend(options));
        return entriesOf(
          items.map(({ itemId }) => catalog.item(itemId)),
          explanations,
        );
      }
      const hits =
        page.name === "search" ? search(page.query) : catalog.inCategory(page.path).map((item) => ({ item, score: 0 }));
      const options = { placement: "category.listing", itemId: ({ item }) => item.item_id, explain: true };
      if (page.name === "search")
        Object.assign(options, { placement: "search.results", baseScore: ({ score }) => score });
      const { items, explanations = [] } = asHeld(options, (options) => session.rerank(hits, options));
      return entriesOf(
        items.map(({ item }) => item),
        explanations,
      );
    } finally {
      session.dispose();
    }
  }

  #session(shopper) {
    if (shopper === "you") return this.#model.session(this.#shop.personal.state);
    const session = this.#model.session();
    const persona = this.#shop.personas.find(({ id }) => id === shopper);
    for (const event of asJustNow(persona?.events ?? [])) session.record(event);
    return session;
  }
}

function entriesOf(items, explanations) {
  const entries = explanations.map((explanation, index) => ({ item: items[index], explanation }));
  const products = (barred) =>
    collapse(
      entries.filter(({ explanation }) => explanation.barred === barred),
      ({ item }) => item,
    );
  return { shown: products(false), leftOut: products(true) };
}
