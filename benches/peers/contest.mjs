// Rounds in which every contender has its turn: what disturbs the machine disturbs all of them.

/** How long a turn lasts for each operation, in milliseconds. */
const TURN_MS = { search: 150, rerank48: 40, rerank200: 60, rerank1000: 100, visit: 60 };
/** A contender whose first load takes longer is not loaded again. */
const LOAD_AGAIN_MS = 3000;

/**
 * @typedef {{ median: number, p99: number }} Figures in microseconds, each the best of all rounds
 * @typedef {{ title: string, loadMs: number, fileBytes: number, recall?: number, memory?: object,
 *   figures: Record<string, Figures> }} Result
 *
 * @param {string[]} names of the contenders
 * @param {(name: string) => Promise<import("./node.mjs").NodeHost>} start a host of its own for a contender
 * @param {{ items: number, rounds: number, reload?: boolean, required: string[], say: (what: string) => void }} settings
 *   `reload`: whether loading is measured in every round too, in a host of its own; `required`: who must run
 * @returns {Promise<Record<string, Result>>} by name; without peers that cannot run, of which `say` is told
 */
export async function contest(names, start, { items, rounds, reload = false, required, say }) {
  const results = {};
  const hosts = {};
  const drop = async (name, error) => {
    if (required.includes(name)) throw new Error(`${name} cannot be measured`, { cause: error });
    say(`${name}, ${items} items: ${error.message}`);
    delete results[name];
    await hosts[name]?.close();
    delete hosts[name];
  };
  try {
    for (const name of names) {
      try {
        hosts[name] = await start(name);
        const opened = await hosts[name].open(items);
        const recall = await hosts[name].recall();
        results[name] = { ...opened, recall, figures: {} };
        for (const operation of opened.operations) await hosts[name].measure(operation, TURN_MS[operation]);
        results[name].memory = await hosts[name].memory?.();
        await hosts[name].begin?.();
        say(`${name}, ${items} items: ready in ${opened.loadMs.toFixed(0)} ms`);
      } catch (error) {
        await drop(name, error);
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const name of Object.keys(hosts)) {
        const result = results[name];
        try {
          for (const operation of result.operations) {
            const measured = await hosts[name].measure(operation, TURN_MS[operation]);
            const best = (result.figures[operation] ??= { median: Infinity, p99: Infinity });
            best.median = Math.min(best.median, measured.median);
            best.p99 = Math.min(best.p99, measured.p99);
          }
          if (reload && result.loadMs < LOAD_AGAIN_MS)
            result.loadMs = Math.min(result.loadMs, await load(name, start, items));
        } catch (error) {
          await drop(name, error);
        }
      }
      say(`${items} items: round ${round + 1} of ${rounds}`);
    }
  } finally {
    for (const host of Object.values(hosts)) await host.close();
  }
  return results;
}

/** From bytes to the first answer, in a fresh process. */
async function load(name, start, items) {
  const host = await start(name);
  try {
    return (await host.open(items)).loadMs;
  } finally {
    await host.close();
  }
}
