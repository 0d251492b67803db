// Marked lists in a page that streams by.

import assert from "node:assert/strict";
import { test } from "node:test";
import { reorderBytes, reorderHtml } from "reshelve/html";
import { warningsOf } from "./setup.mjs";

const encoder = new TextEncoder();
const list = (surface, ids, mark = "reshelve") =>
  `<ul><!-- ${mark}:${surface} -->${ids.map((id) => `<!-- item:${encodeURIComponent(id)} --><li>${id}</li>\n`).join("")}<!-- /reshelve --></ul>`;
const reverse = (surface, items) => ({ items: items.toReversed() });

/** Runs a page through in chunks of a length, and returns what comes out, and what was said of the lists. */
async function through(html, reorder, { chunk = 1000, ...options } = {}) {
  const bytes = typeof html === "string" ? encoder.encode(html) : html;
  const reports = [];
  const source = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += chunk) controller.enqueue(bytes.slice(at, at + chunk));
      controller.close();
    },
  });
  const transform = reorderHtml(reorder, { onList: (report) => reports.push(report), ...options });
  const text = await new Response(source.pipeThrough(transform)).text();
  return { text, reports };
}

test("the same comes out, wherever the page is cut", async () => {
  const html = (mark, ids) =>
    `<p>ä</p>${list("search", ids, mark)}<!-- reshelve:x --><!-- item:a -->${list("home", ids, mark)}<!-`;
  const ids = ["a", "é", "%<c", "reshelve"];
  const asWhole = (html) => {
    const reports = [];
    const bytes = reorderBytes(encoder.encode(html), reverse, { onList: (report) => reports.push(report) });
    return { text: new TextDecoder().decode(bytes), reports };
  };
  for (let chunk = 0; chunk < 150; chunk++) {
    const given = html("reshelve", ids);
    const { text, reports } = chunk === 0 ? asWhole(given) : await through(given, reverse, { chunk });
    assert.equal(text, html("reshelved", ids.toReversed()));
    assert.deepEqual(
      reports.map(({ surface, items, outcome, reason }) => [surface, items, outcome, reason]),
      [
        ["search", 4, "ordered", undefined],
        ["x", 1, "untouched", "unclosed"],
        ["home", 4, "ordered", undefined],
      ],
    );
  }
});

test("bytes pass in whatever shape they come, and what is no bytes ends the stream", async () => {
  const html = `<p>ä</p>${list("search", ["a", "b"])}`;
  const bytes = encoder.encode(html);
  const shapes = {
    "a buffer": bytes.buffer,
    "a view of a buffer": new DataView(bytes.buffer),
    "numbers of another width": new Uint16Array(encoder.encode(html.padEnd(html.length + (bytes.length % 2))).buffer),
    "a part of a buffer": new Uint8Array(encoder.encode(` ${html} `).buffer, 1, bytes.length),
  };
  const run = (chunk) => {
    const source = new ReadableStream({ start: (controller) => (controller.enqueue(chunk), controller.close()) });
    return new Response(source.pipeThrough(reorderHtml(reverse))).text();
  };
  for (const [shape, chunk] of Object.entries(shapes))
    assert.equal((await run(chunk)).trimEnd(), `<p>ä</p>${list("search", ["b", "a"], "reshelved")}`, shape);
  for (const chunk of [html, undefined, null, 5, {}, [60, 33]]) {
    await assert.rejects(run(chunk), { code: "ERR_INVALID_ARGUMENT" });
    assert.throws(() => reorderBytes(chunk, reverse), { code: "ERR_INVALID_ARGUMENT" });
  }
});

test("a list of very many pieces", async () => {
  const ids = Array.from({ length: 30_000 }, (_, index) => index.toString(36));
  const { text } = await through(list("search", ids), reverse, { chunk: 3, maxListBytes: Infinity });
  assert.ok(text === list("search", ids.toReversed(), "reshelved"));
});

test("what was reordered is not reordered again", async () => {
  const first = await through(list("search", ["a", "b"]), reverse);
  const second = await through(first.text, reverse);
  assert.deepEqual(second, { text: first.text, reports: [] });
});

test("items that rules bar are left out, and an answer may keep them", async () => {
  const html = list("search", ["a", "b", "c"]);
  const barring = await through(html, (surface, items) => ({ items: items.toReversed(), barred: 2 }));
  assert.equal(barring.text, list("search", ["c"], "reshelved"));
  assert.deepEqual(barring.reports, [{ surface: "search", items: 3, barred: 2, outcome: "ordered" }]);
  const keeping = await through(html, (surface, items) => ({ items: [items[1], items[0], items[2]], barred: 0 }));
  assert.equal(keeping.text, list("search", ["b", "a", "c"], "reshelved"));
  const last = await through(html, (surface, items) => ({ items, barred: 1 }));
  assert.equal(last.text, list("search", ["a", "b"], "reshelved"));
});

test("an answer that is no permutation changes nothing, and says so", async () => {
  const html = list("search", ["a", "b", "c"]);
  const answers = {
    throws: () => {
      throw new Error("no");
    },
    nothing: () => undefined,
    "a promise": async (surface, items) => ({ items }),
    "an array": (surface, items) => items,
    "one lost": (surface, items) => ({ items: items.slice(1) }),
    "one twice": (surface, items) => ({ items: [items[0], items[0], items[1]] }),
    "one more": (surface, items) => ({ items: [...items, items[0]] }),
    foreign: (surface, items) => ({ items: [...items.slice(1), { id: "a" }] }),
    "too many barred": (surface, items) => ({ items, barred: 4 }),
    "half an item barred": (surface, items) => ({ items, barred: 0.5 }),
    "a hole": (surface, items) => ({ items: [, ...items.slice(1)] }),
    emptied: (surface, items) => ({ items: items.splice(0) && items }),
  };
  for (const [name, reorder] of Object.entries(answers)) {
    const { text, reports } = await through(html, reorder);
    assert.equal(text, html, name);
    assert.deepEqual(
      reports,
      [{ surface: "search", items: 3, barred: 0, outcome: "untouched", reason: "failed" }],
      name,
    );
  }
  const same = await through(html, (surface, items) => ({ items }));
  assert.equal(same.text, html);
  assert.equal(same.reports[0].reason, "unchanged");
  const warnings = await warningsOf(async () => {
    const onList = () => {
      throw new Error("no");
    };
    const { text } = await through(html, reverse, { onList });
    assert.equal(text, list("search", ["c", "b", "a"], "reshelved"));
  });
  assert.equal(warnings.length, 1);
});

test("wrong options are refused before a page is", () => {
  for (const [reorder, options] of [
    [undefined],
    [{}],
    [reverse, { maxListBytes: NaN }],
    [reverse, { maxListBytes: -1 }],
  ]) {
    assert.throws(() => reorderHtml(reorder, options), { code: "ERR_INVALID_ARGUMENT" });
    assert.throws(() => reorderBytes(new Uint8Array(0), reorder, options), { code: "ERR_INVALID_ARGUMENT" });
  }
});

test("no page comes out other than it went in, but for its lists", async () => {
  const pieces = [
    "<",
    "<!--",
    "<!-- ",
    "<!-- item:",
    "<!-- item:a -->",
    "<!-- reshelve:",
    "<!-- reshelve:s -->",
    "-->",
  ];
  pieces.push(
    " -->",
    "<!-- /reshelve -->",
    "<!-- /reshelve",
    "x",
    "ü",
    "<!-- reshelved:s -->",
    "<!-- item:%E0 -->",
    "\n",
    "\0",
  );
  let state = 7;
  const random = (below) => (state = (state * 48271) % 2147483647) % below;
  for (let round = 0; round < 150; round++) {
    const html = Array.from({ length: random(40) }, () => pieces[random(pieces.length)]).join("");
    const { text } = await through(html, (surface, items) => ({ items }), { chunk: 1 + random(9) });
    assert.equal(text, html);
    const failing = await through(html, () => undefined, { chunk: 1 + random(9), maxListBytes: random(200) });
    assert.equal(failing.text, html);
  }
});

test("no more than a list and a mark is held back, at any time", async () => {
  const maxListBytes = 4096;
  const transform = reorderHtml(reverse, { maxListBytes });
  const writer = transform.writable.getWriter();
  let held = 0;
  let most = 0;
  const reading = (async () => {
    for await (const bytes of transform.readable) held -= bytes.length;
  })();
  const small = list("search", ["a", "b"]);
  const endless = `<!-- reshelve:s -->${"<!-- item:a -->x".repeat(1000)}`;
  const text = `${small}${"<p>filler</p>".repeat(500)}${endless}<!-- item:${"a".repeat(9000)}${small}`.repeat(5);
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length; at += 256) {
    const chunk = bytes.slice(at, at + 256);
    held += chunk.length;
    await writer.write(chunk);
    // What was let go is read before the next chunk comes.
    await new Promise((resolve) => setTimeout(resolve));
    most = Math.max(most, held);
  }
  await writer.close();
  await reading;
  assert.equal(held, -5 * 2);
  assert.ok(most > 2048 && most <= maxListBytes + 3 * 1024 + 32 + 256, `${most} bytes`);
});
