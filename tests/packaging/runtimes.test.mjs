// Which entry each runtime takes, and that it works there with no option at all.

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { project, run } from "./project.mjs";

const BIN = path.resolve(import.meta.dirname, "../../node_modules/.bin");
const GOLDEN = process.env.RESHELVE_GOLDEN ?? path.resolve("tests/golden");

const SCRIPT = `
const { loadModel, version } = await import("reshelve");
const { pathToFileURL } = await import("node:url");
const model = await loadModel(pathToFileURL(process.argv.at(-1)));
const session = model.session();
session.record({ type: "view", itemId: "item-003" });
const { outcome } = session.rerank([{ id: "item-004" }], { surface: "search", itemId: (hit) => hit.id });
console.log(JSON.stringify({ version, outcome, items: model.info.itemCount }));
`;

async function check(program, parameters, file, script) {
  const folder = path.join(await project(), "runtimes");
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, file), script);
  const output = await run(program, [...parameters, file, path.join(GOLDEN, "small.shelf")], { cwd: folder });
  const { outcome, items } = JSON.parse(output.trim().split("\n").at(-1));
  assert.deepEqual({ outcome, items }, { outcome: "personalized", items: 40 });
}

test("Node, from an ES module", () => check(process.execPath, [], "module.mjs", SCRIPT));

test("Node, from CommonJS", () => check(process.execPath, [], "common.cjs", `(async () => {${SCRIPT}})();`));

test("Deno", () => {
  const flags = ["run", "--quiet", "--allow-read", "--no-lock", "--node-modules-dir=manual"];
  return check(path.join(BIN, "deno"), flags, "module.mjs", SCRIPT);
});

test("Bun", () => check(path.join(BIN, "bun"), ["run"], "module.mjs", SCRIPT));

test("counters, from an ES module and from CommonJS", async () => {
  const folder = path.join(await project(), "runtimes");
  await mkdir(folder, { recursive: true });
  const script = `
const { openCounters } = await import("reshelve/counters");
const held = new Map();
const storage = { getItem: (key) => held.get(key) ?? null, setItem: (key, text) => void held.set(key, text) };
const send = (report) => console.log(JSON.stringify(report));
openCounters({ experiment: "a", placements: ["search"], holdout: 1, storage, agreed: () => true, send }).end();
`;
  await writeFile(path.join(folder, "counters.mjs"), script);
  await writeFile(path.join(folder, "counters.cjs"), `(async () => {${script}})();`);
  for (const file of ["counters.mjs", "counters.cjs"]) {
    const { arm, mechanism } = JSON.parse(await run(process.execPath, [file], { cwd: folder }));
    assert.deepEqual({ arm, mechanism }, { arm: "holdout", mechanism: "one_bit_mean" });
  }
});

/** The file that `reshelve` leads to under conditions. */
async function entry(...conditions) {
  const folder = await project();
  const flags = conditions.map((condition) => `--conditions=${condition}`);
  const script = 'console.log(import.meta.resolve("reshelve"))';
  const output = await run(process.execPath, [...flags, "--input-type=module", "--eval", script], { cwd: folder });
  return path.basename(output.trim());
}

test("conditions lead to their entries", async () => {
  assert.equal(await entry(), "node.js");
  assert.equal(await entry("workerd"), "workerd.js");
  assert.equal(await entry("edge-light"), "edge-light.js");
});
