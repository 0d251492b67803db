// Measures Reshelve and what a user would pick instead, in one go. `cargo xtask bench` calls this when all that it needs is
// built: `node benches/peers/run.mjs '{ "items": [10000], "rounds": 5, "only": [], "worlds": "target/bench" }'`.

import { writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { contest } from "./contest.mjs";
import { NodeHost } from "./node.mjs";
import { report } from "./report.mjs";

/** In the order in which they are shown. Those before the first other are part of every run: ratios need them. */
const FIXED = ["floor-read", "floor-dot", "reshelve", "plain-float32", "plain-int8"];
const PEERS = ["onnxruntime", "tensorflow", "hnswlib", "edgevec", "voy", "orama"];

const { items, rounds, only, worlds, out } = JSON.parse(process.argv[2]);
const folder = path.resolve(worlds);
const names = [...FIXED, ...PEERS.filter((name) => only.length === 0 || only.includes(name))];
const say = (what) => console.error(what);

const measured = { node: {} };
for (const n of items) {
  const taking = [];
  for (const name of names) {
    const { most = Infinity } = await import(`./contenders/${name}.mjs`);
    if (n <= most) taking.push(name);
  }
  const start = async (name) => new NodeHost(name, path.join(folder, String(n)));
  measured.node[n] = await contest(taking, start, { items: n, rounds, say });
}

const load = os.loadavg().map((load) => load.toFixed(1));
const day = new Date().toISOString().slice(0, 10);
const circumstances =
  `Measured on ${day} by \`cargo xtask bench\`, ${rounds} rounds, on ${os.cpus().length} cores ` +
  `(${os.cpus()[0].model}) with Node ${process.versions.node}; load averages at the end ${load.join(", ")}.`;
const { text, isWithinBudget } = report(measured, circumstances);
console.log(text);
if (out) await writeFile(out, text);
if (!isWithinBudget) process.exitCode = 1;
