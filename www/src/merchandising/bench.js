// Lists under rules that nobody sees yet: a model of its own, so that trying out moves nothing in the store.

import { loadModel } from "reshelve";
import { loadRulesCompiler } from "reshelve/rules";
import { collapse } from "../data/catalog.js";
import { asJustNow, countingOf, pricesOf } from "../personal/personalization.js";
import { asHeld } from "../personal/placements.js";
import { DEFAULTS } from "../personal/settings.js";
import { chooseInTurn } from "../ui/block.js";
import { entranceRequests } from "../views/home.js";

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
   * A page as a shopper would see it; of the entrance, the block that is for them.
   *
   * @param {Uint8Array} rules
   * @param {string} shopper a persona's id, `you`, or anything else for somebody new
   * @param {{ name: "home" | "search" | "shelves", query?: string, path?: string[] }} page
   * @returns {{ shown: Entry[], leftOut: Entry[] }} one color of each product
   */
  look(rules, shopper, page) {
    const { catalog, search } = this.#shop;
    this.#model.useRules(rules);
    const { session, settings } = this.#visit(shopper);
    const { strength, broaden, gift } = settings;
    try {
      if (page.name === "home") {
        const ask = (request) => {
          const options = { ...request, broaden, gift, explain: true };
          const { items, explanations = [] } = asHeld(options, (options) => session.recommend(options));
          return { picks: items.map(({ itemId }, index) => ({ itemId, explanation: explanations[index] })) };
        };
        const { requests } = entranceRequests(catalog, countingOf(session.events(), settings));
        const [, , forYou] = chooseInTurn(catalog, requests, ask);
        return { shown: forYou.picks, leftOut: [] };
      }
      const hits =
        page.name === "search" ? search(page.query) : catalog.inCategory(page.path).map((item) => ({ item, score: 0 }));
      const itemId = ({ item }) => item.item_id;
      const options = { placement: "category.listing", itemId, strength, broaden, gift, explain: true };
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

  /** What a shopper did, and what they chose about their order. */
  #visit(shopper) {
    const { personal } = this.#shop;
    if (shopper === "you") return { session: this.#model.session(personal.state), settings: personal.settings };
    const session = this.#model.session();
    const persona = this.#shop.personas.find(({ id }) => id === shopper);
    for (const event of asJustNow(persona?.events ?? [])) session.record(event);
    return { session, settings: DEFAULTS };
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
