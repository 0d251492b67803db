// A page of 64 MiB on its way through the worker. Whatever the worker holds of it, the origin has sent and the shopper has
// not read: so that much bounds the worker's memory, and it is to stay small however slowly the shopper reads.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { loadModel } from "reshelve";
import { GOLDEN, answers, get, idsOf, list, startWorker } from "./worker.mjs";

const MIB = 2 ** 20;
/** All buffers on the way, those of the sockets included. */
const BOUND_MIB = 24;

const modelBytes = await readFile(path.join(GOLDEN, "wide.shelf"));
const assets = (file) => (file === "/store.shelf" ? new Response(modelBytes) : new Response("none", { status: 404 }));
const model = await loadModel(modelBytes);
const ids = Array.from({ length: 24 }, (_, index) => `item-${String(index).padStart(3, "0")}`);
const session = model.session();
session.record({ type: "view", itemId: "item-003", timestamp: Date.now() - 60_000 });
const cookie = `reshelve=${session.token()}`;

const listing = list("category", ids);
/** A MiB of page with a list in it. */
const part = listing + "<p>filler</p>\n".repeat(MIB).slice(0, MIB - Buffer.byteLength(listing));

const PAGES = [
  { kind: "a page", pageMib: 64, headers: {} },
  { kind: "a page for everyone", pageMib: 32, headers: { "cache-control": "public, max-age=600" } },
];

for (const { kind, pageMib, headers } of PAGES) {
  test(`${kind} of ${pageMib} MiB in bounded memory`, async () => {
    let sent = 0;
    let read = 0;
    answers["/large"] = {
      headers,
      async *body() {
        for (; sent < pageMib * MIB; sent += MIB) yield part;
      },
    };
    const miniflare = await startWorker({ assets });
    // Compression would read ahead.
    const response = await get(miniflare, "/large", cookie, { headers: { "accept-encoding": "identity" } });
    assert.match(response.headers.get("server-timing"), /"on"/);
    // Until everyone waits for the shopper.
    for (let before = -1; before !== sent; await sleep(300)) before = sent;
    assert.ok(sent > 0);
    let most = sent;
    let orders = 0;
    let rest = "";
    for await (const chunk of response.body) {
      most = Math.max(most, sent - read);
      read += chunk.length;
      const lists = (rest + Buffer.from(chunk).toString("latin1")).split("<!-- /reshelve -->");
      // Longer than a list.
      rest = lists.pop().slice(-8 * 1024);
      for (const ordered of lists) {
        const found = idsOf(ordered);
        assert.ok(found.length === ids.length && found[0] === "item-003");
        orders += 1;
      }
    }
    assert.equal(orders, pageMib);
    // A letter more in each list: that it was ordered.
    assert.equal(read, pageMib * (MIB + 1));
    assert.ok(most < BOUND_MIB * MIB, `${most / MIB} MiB`);
  });
}
