// A process for one contender and one world: `node.mjs` forks it and tells it what to do.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { readAsset, titleOf } from "./assets.mjs";
import { Stand } from "./stand.mjs";
import { COMMON, World } from "./world.mjs";

const [name, folder] = process.argv.slice(2);
const worlds = path.dirname(folder);

/** Every WebAssembly memory that is in use, whoever made it. */
const memories = new Set();
const { instantiate, Memory, Instance } = WebAssembly;
const keep = (instance) => {
  for (const value of Object.values(instance.exports)) if (value instanceof Memory) memories.add(value);
  return instance;
};
WebAssembly.instantiate = async (...given) => {
  const made = await instantiate(...given);
  keep(made.instance ?? made);
  return made;
};
WebAssembly.Instance = class extends Instance {
  constructor(...given) {
    super(...given);
    keep(this);
  }
};
WebAssembly.Memory = class extends Memory {
  constructor(...given) {
    super(...given);
    memories.add(this);
  }
};

const stand = new Stand();

const tasks = {
  /** Reads all files, and makes the contender ready. */
  async open(items) {
    const contender = await import(`./contenders/${name}.mjs`);
    const assets = {};
    for (const asset of contender.assets) assets[asset] = await readAsset(asset, worlds);
    const world = new World(items, await readFiles(COMMON));
    const residentBefore = residentBytes();
    const inputs = await readFiles(contender.inputs);
    const files = (await contender.pack?.(inputs)) ?? inputs;
    const fileBytes = Object.values(files).reduce((sum, { byteLength }) => sum + byteLength, 0);
    Object.assign(world.files, files);
    const loadMs = await stand.open(contender, world, assets);
    world.files = undefined;
    return { title: await titleOf(contender, worlds), loadMs, fileBytes, residentBefore, operations: stand.operations };
  },
  recall: () => stand.recall(),
  measure: (operation, forMs) => stand.measure(operation, forMs),
  /** In bytes: what the process holds, and what of that is WebAssembly's. */
  memory: () => ({
    resident: residentBytes(),
    wasm: Array.from(memories, ({ buffer }) => buffer.byteLength).reduce((sum, bytes) => sum + bytes, 0),
  }),
};

/** Each in a buffer of its own. */
async function readFiles(names) {
  const contents = names.map(async (name) => [name, new Uint8Array(await readFile(path.join(folder, name)))]);
  return Object.fromEntries(await Promise.all(contents));
}

function residentBytes() {
  gc();
  gc();
  return process.memoryUsage.rss();
}

process.on("message", async ({ task, given }) => {
  try {
    process.send({ answer: await tasks[task](...given) });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});

// `run.mjs` has ended: nothing is to stay behind.
process.on("disconnect", () => process.exit());
