// One contender before one world, measured: the same in Node and in a page.
//
// A contender is a module:
//   title                   what it is called; `npm`: the package whose version is shown
//   inputs                  files of the world that it is made from, by name; `assets`: files of npm packages, by path
//   pack?(files)            makes of the inputs the files that a store would ship; not measured
//   least?, most?           fewest items that it is asked to take, and most, by where
//   open(world, assets)     makes it ready for the first search; may be asynchronous
// and what `open` gives is
//   prepare(index, world)   a session's query, in its own form; not measured
//   search(query)           the ids of the best 20 items of the catalog
//   rerank?(query, list)    the objects of `list`, which have an `id`, best first
//   visit?(query, list, id) the same after an event with another item; without it `rerank`
//   release?(query)         takes a query back
// Each of them may be asynchronous.

import { idOf } from "./world.mjs";

/** How long the candidates' lists are, by what is measured. */
const LENGTHS = { rerank48: 48, rerank200: 200, rerank1000: 1000, visit: 48 };
/** Lists of a length; the calls go through them. */
const N_LISTS = 50;
/** Fewest calls that are measured. */
const LEAST = 5;

export class Stand {
  #contender;
  #world;
  #queries;
  #lists = {};

  /** Makes the contender ready, and asks it once. @returns {Promise<number>} how long that took, in milliseconds */
  async open({ open }, world, assets) {
    const start = performance.now();
    const contender = await open(world, assets);
    await contender.search(await contender.prepare(0, world));
    const took = performance.now() - start;
    this.#contender = contender;
    this.#world = world;
    this.#queries = [];
    for (let index = 0; index < world.sessions.length; index++)
      this.#queries.push(await contender.prepare(index, world));
    return took;
  }

  /** What can be measured. */
  get operations() {
    return this.#contender.rerank ? ["search", ...Object.keys(LENGTHS)] : ["search"];
  }

  /** Mean share of the nearest 20 that a search finds; undefined for what finds nothing. */
  async recall() {
    let sum = 0;
    for (let index = 0; index < this.#queries.length; index++) {
      const found = await this.#contender.search(this.#queries[index]);
      if (!Array.isArray(found)) return undefined;
      sum += this.#world.recall(index, found);
    }
    return sum / this.#queries.length;
  }

  /**
   * Calls for a while, and says what half and what 99 of 100 calls took at most, in microseconds.
   *
   * @param {string} operation
   * @param {number} forMs how long; only what is measured counts
   * @param {number} [leastMs] calls are measured together until they take so long, where the clock is coarse
   */
  async measure(operation, forMs, leastMs = 0) {
    const samples = [];
    let total = 0;
    let batch = 1;
    for (let index = 0; total < forMs || samples.length < LEAST; index += batch) {
      const inputs = [];
      for (let at = index; at < index + batch; at++) inputs.push(await this.#input(operation, at));
      const run = this.#runner(operation);
      const start = performance.now();
      for (const input of inputs) {
        const pending = run(input);
        if (pending instanceof Promise) await pending;
      }
      const took = performance.now() - start;
      if (operation === "visit") for (const { query } of inputs) this.#contender.release?.(query);
      if (took < leastMs) {
        batch *= 2;
        samples.length = total = 0;
      } else {
        samples.push(took / batch);
        total += took;
      }
    }
    samples.sort((left, right) => left - right);
    const at = (share) => 1000 * samples[Math.min(samples.length - 1, Math.floor(share * samples.length))];
    return { median: at(0.5), p99: at(0.99) };
  }

  async #input(operation, index) {
    const session = index % this.#queries.length;
    if (operation === "search") return { query: this.#queries[session] };
    this.#lists[operation] ??= Array.from({ length: N_LISTS }, () => this.#world.list(LENGTHS[operation]));
    const list = JSON.parse(this.#lists[operation][index % N_LISTS]);
    if (operation !== "visit") return { query: this.#queries[session], list };
    const query = await this.#contender.prepare(session, this.#world);
    return { query, list, id: idOf(this.#world.random(this.#world.n)) };
  }

  #runner(operation) {
    const contender = this.#contender;
    if (operation === "search") return ({ query }) => contender.search(query);
    if (operation === "visit" && contender.visit) return ({ query, list, id }) => contender.visit(query, list, id);
    return ({ query, list }) => contender.rerank(query, list);
  }
}
