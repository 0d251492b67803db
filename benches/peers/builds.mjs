// What learning a model costs, over logs of more and more events.

import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { setInterval } from "node:timers/promises";

const ITEMS = 20_000;
/** Of sample stores whose logs have about 1, 2, 5 and 10 million events. */
const SHOPPERS = [27_000, 54_000, 135_000, 270_000];
const POLL_MS = 200;
/** The kernel's unit of processor time, per second. */
const TICKS = 100;

/**
 * @typedef {object} Build
 * @property {number} sessions
 * @property {number} events rows of the log
 * @property {number} seconds
 * @property {number} [processorSeconds] of all cores together; Linux alone tells
 * @property {number} [peakBytes] most memory held; Linux alone tells
 *
 * @param {string} command the `reshelve` command
 * @param {string} folder for the logs, which are deleted again
 * @param {(what: string) => void} say
 * @returns {Promise<Build[]>}
 */
export async function measureBuilds(command, folder, say) {
  const store = path.join(folder, "build");
  const builds = [];
  for (const shoppers of SHOPPERS) {
    const sizes = ["--items", `${ITEMS}`, "--shoppers", `${shoppers}`];
    await run(command, ["sample", "--out", store, ...sizes]);
    const log = ["--events", path.join(store, "events.csv"), "--catalog", path.join(store, "catalog.jsonl")];
    const { output, ...cost } = await run(command, ["build", ...log, "-o", path.join(store, "store.shelf"), "--json"]);
    const { sessions, rows_read: events } = JSON.parse(output).events;
    builds.push({ sessions, events, ...cost });
    say(`a model of ${events} events: ${cost.seconds.toFixed(0)} s`);
    await rm(store, { recursive: true });
  }
  return builds;
}

async function run(command, given) {
  const start = performance.now();
  const child = spawn(command, given, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (piece) => (output += piece));
  const ended = new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  const stop = new AbortController();
  const usage = watch(child.pid, stop.signal);
  const status = await ended;
  stop.abort();
  if (status !== 0) throw new Error(`${command} ${given.join(" ")} ended with ${status}`);
  return { output, seconds: (performance.now() - start) / 1000, ...(await usage) };
}

/** What the kernel says of a process, the last time that it was asked before the end. */
async function watch(pid, signal) {
  let usage = {};
  try {
    for await (const _ of setInterval(POLL_MS, undefined, { signal })) {
      const [stat, status] = await Promise.all(
        ["stat", "status"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8")),
      );
      const [user, system] = stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14).map(Number);
      const [, peakKib] = status.match(/VmHWM:\s*(\d+) kB/) ?? [];
      if (peakKib) usage = { processorSeconds: (user + system) / TICKS, peakBytes: peakKib * 1024 };
    }
  } catch {
    // The process has ended, or this is no Linux.
  }
  return usage;
}
