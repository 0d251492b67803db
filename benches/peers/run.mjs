// Measures Reshelve and what a user would pick instead, in one go. `cargo xtask bench` calls this when all that it needs is
// built, and says in JSON what for: see `xtask/src/bench.rs`.

import { writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ChromiumHost, servePages } from "./chromium.mjs";
import { contest } from "./contest.mjs";
import { NodeHost } from "./node.mjs";
import { report } from "./report.mjs";

/** In the order in which they are shown. Part of every run: ratios need them. */
const FIXED = ["floor-read", "floor-dot", "reshelve", "plain-float32", "plain-int8"];
const PEERS = ["onnxruntime", "tensorflow", "hnswlib", "edgevec", "voy", "orama"];
/** The catalog and the throttle of a phone. */
const PHONE = { items: 10_000, throttle: 4 };

const { items, rounds, only, worlds, chromium, out } = JSON.parse(process.argv[2]);
const names = [...FIXED, ...PEERS.filter((name) => only.length === 0 || only.includes(name))];
const say = (what) => console.error(what);

/** Those that take so many items. */
async function taking(n) {
  const contenders = await Promise.all(names.map((name) => import(`./contenders/${name}.mjs`)));
  return names.filter((_, index) => n <= (contenders[index].most ?? Infinity));
}

const measured = { node: {} };
for (const n of items) {
  const start = async (name) => new NodeHost(name, path.join(worlds, String(n)));
  measured.node[n] = await contest(await taking(n), start, { items: n, rounds, reload: true, say });
}

let browser;
if (chromium) {
  const server = await servePages(names, worlds);
  const start = (settings) => async (name) => {
    const host = await ChromiumHost.start(chromium, `${server.url}/${name}.html`, settings);
    browser = `Chromium ${host.version}`;
    return host;
  };
  try {
    measured.chromium = {};
    for (const n of items) {
      say(`in Chromium, ${n} items`);
      measured.chromium[n] = await contest(await taking(n), start({}), { items: n, rounds, reload: false, say });
    }
    if (items.includes(PHONE.items)) {
      say(`in Chromium, throttled`);
      const settings = { items: PHONE.items, rounds, reload: false, say };
      measured.phone = { [PHONE.items]: await contest(FIXED, start(PHONE), settings) };
    }
  } finally {
    await server.close();
  }
}

const load = os.loadavg().map((load) => load.toFixed(1));
const day = new Date().toISOString().slice(0, 10);
const runtimes = [`Node ${process.versions.node}`, browser].filter(Boolean).join(" and ");
const circumstances =
  `Measured on ${day} by \`cargo xtask bench\`, ${rounds} rounds, on ${os.cpus().length} cores ` +
  `(${os.cpus()[0].model}) with ${runtimes}; load averages at the end ${load.join(", ")}.`;
const { text, isWithinBudget } = report(measured, circumstances);
console.log(text);
if (out) await writeFile(out, text);
if (!isWithinBudget) process.exitCode = 1;
