// Measures Reshelve and what a user would pick instead, in one go. `cargo xtask bench` calls this when all that it needs is
// built, and says in JSON what for: see `xtask/src/bench.rs`.

import { writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ChromiumHost, servePages } from "./chromium.mjs";
import { titleOf } from "./assets.mjs";
import { contest } from "./contest.mjs";
import { measureBuilds } from "./builds.mjs";
import { measureEdge } from "./edge.mjs";
import { NodeHost } from "./node.mjs";
import { report } from "./report.mjs";
import { codeSize, wireSizes } from "./sizes.mjs";

/** In the order in which they are shown. Part of every run: ratios need them. */
const FIXED = ["floor-read", "floor-dot", "reshelve", "plain-float32", "plain-int8"];
/** Only where a catalog has an index. */
const EXACT = "reshelve-exact";
const PEERS = ["onnxruntime", "tensorflow", "hnswlib", "edgevec", "voy", "orama"];
/** The catalog and the throttle of a phone. */
const PHONE = { items: 10_000, throttle: 4 };

const settings = JSON.parse(process.argv[2]);
const { items, rounds, parts, only, worlds, chromium, models, out } = settings;
const names = [...FIXED, EXACT, ...PEERS.filter((name) => only.length === 0 || only.includes(name))];
const say = (what) => console.error(what);
const common = { rounds, required: FIXED, say };

/** Those that take so many items there. */
async function taking(n, where) {
  const contenders = await Promise.all(names.map((name) => import(`./contenders/${name}.mjs`)));
  return names.filter((_, index) => {
    const { least = 0, most } = contenders[index];
    return n >= least && n <= (most?.[where] ?? Infinity);
  });
}

const measured = {};
if (parts.includes("node")) {
  measured.node = {};
  for (const n of items) {
    const start = async (name) => new NodeHost(name, path.join(worlds, String(n)));
    measured.node[n] = await contest(await taking(n, "node"), start, { ...common, items: n, reload: true });
  }
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
      measured.chromium[n] = await contest(await taking(n, "chromium"), start({}), { ...common, items: n });
    }
    if (items.includes(PHONE.items)) {
      say(`in Chromium, throttled`);
      measured.phone = { [PHONE.items]: await contest(FIXED, start(PHONE), { ...common, items: PHONE.items }) };
    }
  } finally {
    await server.close();
  }
}

if (parts.includes("edge")) {
  say("on workerd");
  measured.edge = await measureEdge(worlds, rounds);
}

if (parts.includes("sizes")) {
  say("sizes");
  measured.wire = await wireSizes(settings.package, models);
  measured.code = {};
  for (const name of names.filter((name) => name !== EXACT && !name.startsWith("floor"))) {
    const title = await titleOf(await import(`./contenders/${name}.mjs`), worlds);
    measured.code[title] = await codeSize(name, worlds);
  }
}

if (parts.includes("build")) {
  say("learning");
  measured.builds = await measureBuilds(settings.command, worlds, say);
}

const load = os.loadavg().map((load) => load.toFixed(1));
const day = new Date().toISOString().slice(0, 10);
const runtimes = [`Node ${process.versions.node}`, browser].filter(Boolean).join(" and ");
const circumstances =
  `Measured on ${day} by \`cargo xtask bench\`, ${rounds} rounds, on ${os.cpus().length} cores ` +
  `(${os.arch()}) with ${runtimes}; load averages at the end ${load.join(", ")}.`;
const { text, isWithinBudget } = report(measured, circumstances);
console.log(text);
if (out) await writeFile(out, text);
await writeFile(path.join(worlds, "measured.json"), JSON.stringify(measured, null, 2));
if (!isWithinBudget) process.exitCode = 1;
