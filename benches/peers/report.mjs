// What was measured, as Markdown.

import { ASKED } from "./asked.mjs";

const OPERATIONS = ["rerank48", "rerank200", "rerank1000", "visit"];
const HEADS = { rerank48: "48", rerank200: "200", rerank1000: "1,000", visit: "event, then 48" };
const MIB = 2 ** 20;

/**
 * @param {object} measured results by host and number of items
 * @param {string} circumstances when and on what
 * @returns {{ text: string, isWithinBudget: boolean }}
 */
export function report(measured, circumstances) {
  const { text, isWithinBudget } = verdicts(measured);
  const parts = [circumstances, "### What is asked", text];
  for (const [host, title] of [
    ["node", "Node"],
    ["chromium", "Chromium"],
    ["phone", "Chromium, throttled four times"],
  ]) {
    if (!measured[host]) continue;
    parts.push(`### ${title}: the best 20 of all items, µs`, searches(measured[host]));
    for (const [items, results] of Object.entries(measured[host])) {
      parts.push(`### ${title}: order candidates by id, ${count(items)} items, µs`, lists(results));
    }
    if (host === "node") parts.push("### Node: from bytes to the first answer, and memory", loads(measured[host]));
  }
  if (measured.wire) parts.push("### Over the wire, kB", code(measured.code), models(measured.wire));
  if (measured.edge) parts.push("### On workerd, ms", edge(measured.edge));
  if (measured.builds) parts.push("### Learning a model of 20,000 items", builds(measured.builds));
  return { text: `${parts.filter(Boolean).join("\n\n")}\n`, isWithinBudget };
}

function verdicts(measured) {
  let isWithinBudget = true;
  const rows = [];
  for (const { what, of, most, least, budget } of ASKED) {
    const figure = of(measured);
    if (figure === undefined || Number.isNaN(figure)) continue;
    const isReached = least === undefined ? figure <= most : figure >= least;
    const isWithin = least === undefined ? figure <= budget : figure >= budget;
    isWithinBudget &&= isWithin;
    const asked = least === undefined ? `≤ ${short(most)}` : `≥ ${short(least)}`;
    const verdict = isWithin ? (isReached ? "reached" : "missed") : "**over budget**";
    rows.push([what, short(figure), asked, verdict, short(budget)]);
  }
  return { text: table(["", "measured", "target", "", "budget"], rows), isWithinBudget };
}

function searches(byItems) {
  const sizes = Object.keys(byItems);
  const head = ["", ...sizes.flatMap((items) => [count(items), "÷ floor", "p99", "recall@20"])];
  const rows = contenders(byItems).map((name) => [
    titleOf(byItems, name),
    ...sizes.flatMap((items) => {
      const results = byItems[items];
      const { figures, recall } = results[name] ?? {};
      if (!figures) return ["not run", "", "", ""];
      const { median, p99 } = figures.search;
      const floor = results["floor-dot"]?.figures.search.median;
      return [short(median), short(median / floor), short(p99), recall === undefined ? "" : recall.toFixed(3)];
    }),
  ]);
  return table(head, rows);
}

function lists(results) {
  const names = Object.keys(results).filter((name) => results[name].figures.rerank200);
  const plain = results["plain-float32"]?.figures;
  const head = ["", ...OPERATIONS.flatMap((operation) => [HEADS[operation], "÷ float32", "p99"])];
  const rows = names.map((name) => [
    titleOf({ 0: results }, name),
    ...OPERATIONS.flatMap((operation) => {
      const { median, p99 } = results[name].figures[operation];
      return [short(median), short(median / plain?.[operation].median), short(p99)];
    }),
  ]);
  return rows.length ? table(head, rows) : undefined;
}

function loads(byItems) {
  const sizes = Object.keys(byItems);
  const head = ["", ...sizes.flatMap((items) => [`${count(items)}: ms`, "files, MiB", "wasm, MiB", "resident, MiB"])];
  const rows = contenders(byItems).map((name) => [
    titleOf(byItems, name),
    ...sizes.flatMap((items) => {
      const { loadMs, fileBytes, memory, residentBefore } = byItems[items][name] ?? {};
      if (loadMs === undefined) return ["not run", "", "", ""];
      const { wasm, resident } = memory;
      return [loadMs, fileBytes / MIB, wasm / MIB, (resident - residentBefore) / MIB].map(short);
    }),
  ]);
  return table(head, rows);
}

/** In brotli. */
function code(byTitle) {
  return table(
    ["", "wasm + JavaScript, brotli"],
    Object.entries(byTitle).map(([title, bytes]) => [title, short(bytes / 1000)]),
  );
}

function models({ models }) {
  const rows = Object.entries(models).map(([items, { raw, brotli }]) => [
    `model of ${count(items)} items of a sample store`,
    short(raw / 1000),
    short(brotli / 1000),
  ]);
  return table(["", "raw", "brotli"], rows);
}

function edge(figures) {
  const names = {
    cold: "from starting workerd to the first listing",
    first: "the first listing of a worker that has started",
    warm: "a listing of 48 items, later",
  };
  const rows = Object.entries(names).map(([figure, name]) => {
    const { reshelve, plain, reading } = figures[figure];
    const times = [reshelve, plain, reading].map(short);
    return [name, ...times, short(reshelve / plain), short(reading / plain)];
  });
  return table(["", "Reshelve", "without", "only reading", "Reshelve ÷ without", "reading ÷ without"], rows);
}

function builds(builds) {
  const rows = builds.map(({ sessions, events, seconds, processorSeconds, peakBytes }) => [
    ...[events, sessions, seconds].map((number) => count(Math.round(number))),
    short(processorSeconds),
    short(peakBytes / 2 ** 30),
  ]);
  return table(["events", "sessions", "seconds", "of all cores", "peak, GiB"], rows);
}

/** The names of all that ran anywhere. */
const contenders = (byItems) => [...new Set(Object.values(byItems).flatMap(Object.keys))];

const titleOf = (byItems, name) => Object.values(byItems).find((results) => results[name])[name].title;

const count = (items) => Number(items).toLocaleString("en-US");

/** Three digits, and no more behind the point than that. */
function short(number) {
  if (!Number.isFinite(number)) return "";
  if (Math.abs(number) >= 100) return Math.round(number).toLocaleString("en-US");
  return String(Number(number.toPrecision(3)));
}

function table(head, rows) {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => line[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
