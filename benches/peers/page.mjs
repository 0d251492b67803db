// What `host.mjs` is in Node, in a page: `chromium.mjs` bundles it with each contender.

import { Stand } from "./stand.mjs";
import { COMMON, World } from "./world.mjs";

const stand = new Stand();

/** @param {string[]} names */
async function read(folder, names) {
  const contents = names.map(async (name) => {
    const response = await fetch(`${folder}/${name}`);
    if (!response.ok) throw new Error(`there is no ${folder}/${name}`);
    return [name, new Uint8Array(await response.arrayBuffer())];
  });
  return Object.fromEntries(await Promise.all(contents));
}

/** Sets the page up for a contender, with the title that it is shown under. */
export function host(contender, title) {
  globalThis.bench = {
    async open(items) {
      if (!crossOriginIsolated) throw new Error("the clock is too coarse");
      const world = new World(items, await read(`/worlds/${items}`, COMMON));
      const inputs = await read(`/worlds/${items}`, contender.inputs);
      Object.assign(world.files, (await contender.pack?.(inputs)) ?? inputs);
      const loadMs = await stand.open(contender, world, await read("/assets", contender.assets));
      world.files = undefined;
      return { title, loadMs, operations: stand.operations };
    },
    recall: () => stand.recall(),
    measure: (operation, forMs, leastMs) => stand.measure(operation, forMs, leastMs),
  };
}
