// examples/edge-worker on workerd, between this test as the shopper and a server of this test as the store's origin.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { loadModel } from "reshelve";
import { loadRulesCompiler } from "reshelve/rules";
import { createSealer } from "reshelve/token";
import {
  GOLDEN,
  WORKER,
  answers,
  asked,
  assetCalls,
  bundle,
  card,
  folder,
  foreignCalls,
  get,
  list,
  page,
  start,
  startWorker as startAny,
} from "./worker.mjs";

const MINUTE = 60_000;
const DAY_MINUTES = 24 * 60;

const modelBytes = await readFile(path.join(GOLDEN, "wide.shelf"));
const model = await loadModel(modelBytes);

const itemId = (index) => `item-${String(index).padStart(3, "0")}`;
const ids = Array.from({ length: 24 }, (_, index) => itemId(index));

/**
 * The token of a shopper who viewed these items, the last one so many minutes ago, the one before 88 before that, and so
 * on. Two minutes are not near a step of the model's decay, so that those that pass here change no order.
 */
function tokenOf(minutesAgo, ...viewed) {
  const session = model.session();
  viewed.forEach((id, index) => {
    const minutes = minutesAgo + 88 * (viewed.length - 1 - index);
    session.record({ type: "view", itemId: id, timestamp: Date.now() - minutes * MINUTE });
  });
  const token = session.token();
  session.dispose();
  return token;
}

/** The token of a shopper of a store that has none of these items. */
function foreignToken() {
  const session = model.session();
  session.record({ type: "view", itemId: "sock-17", timestamp: Date.now() - 2 * MINUTE });
  return session.token();
}

/** What the header says of a page that passed. */
const timingOf = (reason) => `reshelve;desc="${reason}"`;

/** What `rerank` makes of it here, in Node. */
function expectedOrder(token, candidates, surface, baseScore) {
  const session = model.session(token);
  const { items } = session.rerank(candidates, { surface, itemId: (id) => id, baseScore });
  session.dispose();
  return items;
}

/** A list as it comes out for a token, marked if that moved anything. */
function ordered(token, surface, candidates) {
  const expected = expectedOrder(token, candidates, surface);
  const isMoved = expected.some((id, index) => id !== candidates[index]);
  return list(surface, expected, isMoved ? "reshelved" : "reshelve");
}

const token = tokenOf(2, "item-003", "item-017");

/** The worker with a model and, unless given, without rules. */
const startWorker = ({ assets = modelAlone, ...options } = {}) => startAny({ assets, ...options });
const modelAlone = (file) =>
  file === "/store.shelf" ? new Response(modelBytes) : new Response("none", { status: 404 });

/** How often the model was asked for. */
const modelCalls = () => assetCalls.filter((url) => url.endsWith("/store.shelf")).length;

let shared;
/** The worker that most tests share. */
const worker = () => (shared ??= startWorker());

/** The page that a shopper gets. */
async function read(url, cookie) {
  const response = await get(await worker(), url, cookie);
  assert.equal(response.status, 200);
  return response.text();
}

test("a list comes out exactly in the order that rerank gives in Node", async () => {
  for (const surface of ["search", "category", "home"]) {
    const expected = expectedOrder(token, ids, surface);
    assert.notDeepEqual(expected, ids);
    answers["/golden"] = { body: page(list(surface, ids)) };
    assert.equal(await read("/golden", `reshelve=${token}`), page(list(surface, expected, "reshelved")));
  }
});

test("several lists, items of unknown ids and other cookies", async () => {
  // What the model does not know keeps its place: so may an advertisement.
  const shown = ["item-009", "ad/1 %-->", ...ids.slice(0, 6), "ünknown"];
  const lists = [ids.slice(4, 12), shown, [], ids.slice(20, 21)];
  assert.equal(expectedOrder(token, shown, "category")[1], "ad/1 %-->");
  answers["/lists"] = { body: page(...lists.map((candidates) => list("category", candidates))) };
  const expected = page(...lists.map((candidates) => ordered(token, "category", candidates)));
  assert.equal(await read("/lists", `a=1; reshelve=${token}; reshelved=2`), expected);
  assert.equal(asked.at(-1).headers.cookie, "a=1; reshelved=2");
});

test("without a session the page passes, byte for byte", async () => {
  const body = page(list("search", ids));
  answers["/plain"] = { body };
  const changed = (at, by) => {
    const bytes = Buffer.from(token, "base64url");
    bytes[at] ^= by;
    return bytes.toString("base64url");
  };
  const sealed = await (await createSealer(randomBytes(32).toString("base64"))).seal(token);
  const cookies = {
    "no cookie": [undefined],
    "another cookie": ["other=1; xreshelve=2"],
    empty: ["reshelve=", "malformed"],
    "not base64url": ["reshelve=<script>", "malformed"],
    quoted: [`reshelve="${token}"`, "malformed"],
    oversized: [`reshelve=${"A".repeat(121)}`, "malformed"],
    huge: [`reshelve=${"A".repeat(8000)}`, "malformed"],
    "sealed, and no key": [`reshelve=${sealed}`, "locked"],
    garbage: ["reshelve=garbage", "damaged"],
    truncated: [`reshelve=${token.slice(0, -3)}`, "damaged"],
    forged: [`reshelve=${changed(9, 1)}`, "damaged"],
    "another version": [`reshelve=${changed(0, 0x7f)}`, "version"],
    "a prototype's name": ["reshelve=__proto__", "damaged"],
    "of another store": [`reshelve=${foreignToken()}`, "foreign"],
    expired: [`reshelve=${tokenOf(40 * DAY_MINUTES, "item-003")}`, "expired"],
    "of a shopper who did nothing": [`reshelve=${model.session().token()}`, "empty_session"],
  };
  for (const [name, [cookie, reason]] of Object.entries(cookies)) {
    const response = await get(await worker(), "/plain", cookie);
    assert.equal(await response.text(), body, name);
    const timing = response.headers.get("server-timing");
    assert.equal(timing, reason === undefined ? null : timingOf(reason), name);
    assert.equal(asked.at(-1).headers.cookie?.includes("reshelve=") ?? false, cookie?.includes("xreshelve") ?? false);
  }
});

test("whatever becomes of a token on its way, the page passes, byte for byte", async () => {
  const body = page(list("search", ids));
  answers["/hostile"] = { body };
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const other = (character, by) => alphabet[(alphabet.indexOf(character) + by) % alphabet.length];
  const texts = Array.from(token, (character, at) => [
    token.slice(0, at),
    token.slice(at + 1),
    `${token.slice(0, at)}${other(character, 1 + (at % 63))}${token.slice(at + 1)}`,
    Array.from({ length: at + 1 }, (_, index) => other("A", (at * 7 + index * 11) % 64)).join(""),
  ]).flat();
  const reasons = new Set();
  for (const text of texts) {
    const response = await get(await worker(), "/hostile", `reshelve=${text}`);
    assert.equal(await response.text(), body, text);
    reasons.add(response.headers.get("server-timing"));
  }
  assert.deepEqual([...reasons].sort(), ["damaged", "malformed", "version"].map(timingOf));
});

test("broken and oversized lists pass, byte for byte", async () => {
  const open = "<!-- reshelve:search -->";
  const cards = ids.map(card).join("");
  const large = card("item-001").padEnd(600 * 1024, "x");
  const bodies = {
    "no list": page("<p>nothing</p>"),
    "never closed": page(`${open}${cards}`),
    "never opened": page(`${cards}<!-- /reshelve -->`),
    "without items": page(`${open}<p>none</p><!-- /reshelve -->`),
    "of unknown items": page(list("search", ["a", "b", "c"])),
    "of ids that do not decode": page(`${open}<!-- item:%zz -->a<!-- item:%E0 -->b<!-- /reshelve -->`),
    "marks written otherwise": page(list("search", ids).replaceAll("<!-- ", "<!--")),
    "larger than the buffer": page(`${open}${large}${cards}<!-- /reshelve -->`),
    "ends within a mark": `${open}${cards}<!-- /resh`,
    "nothing but a bracket": "<",
    empty: "",
    "UTF-16": Buffer.from(page(list("search", ids)), "utf16le"),
  };
  for (const [name, body] of Object.entries(bodies)) {
    answers["/broken"] = { body };
    const response = await get(await worker(), "/broken", `reshelve=${token}`);
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(body)), name);
  }
});

test("a list that passes does not keep the next one from its order", async () => {
  const cards = ids.map(card).join("");
  const large = card("item-001").padEnd(600 * 1024, "x");
  const expected = ordered(token, "search", ids);
  for (const before of [`<!-- reshelve:search -->${cards}`, `<!-- reshelve:search -->${large}<!-- /reshelve -->`]) {
    answers["/next"] = { body: page(before, list("search", ids)) };
    assert.equal(await read("/next", `reshelve=${token}`), page(before, expected));
  }
});

test("a page much larger than the buffer", async () => {
  const filler = "<p>filler</p>".repeat(50_000);
  const body = (shown) => page(filler, list("search", shown), filler.repeat(8), list("home", shown), filler);
  answers["/large"] = { body: body(ids) };
  const expected = page(filler, ordered(token, "search", ids), filler.repeat(8), ordered(token, "home", ids), filler);
  assert.ok((await read("/large", `reshelve=${token}`)) === expected);
});

test("what precedes a list arrives before the origin has sent the rest", async () => {
  const [head, tail] = page(list("search", ids)).split("<!-- reshelve:search -->");
  let finish;
  const read = new Promise((resolve) => (finish = resolve));
  answers["/slow"] = {
    async *body() {
      yield head;
      await read;
      yield `<!-- reshelve:search -->${tail}`;
    },
  };
  // Miniflare would compress the answer otherwise, and compression holds bytes back.
  const headers = { "accept-encoding": "identity" };
  const response = await get(await worker(), "/slow", `reshelve=${token}`, { headers });
  let text = "";
  for await (const chunk of response.body) {
    text += Buffer.from(chunk).toString();
    // The origin waits for this: were the page collected first, nothing would ever arrive.
    if (text.length >= Buffer.from(head).length - 2) finish();
  }
  assert.equal(Buffer.from(text).length, Buffer.from(head + tail).length + "<!-- reshelved:search -->".length);
});

test("wherever a page is cut into chunks, the same comes out", async () => {
  const miniflare = await start({
    modules: await bundle({
      stdin: {
        resolveDir: path.join(WORKER, "src"),
        contents: `
          import { reorderHtml } from "reshelve/html";
          import { reorderJson } from "./json.js";
          const reverse = (surface, items) => ({ items: items.toReversed(), barred: 0 });
          async function through(transform, chunks) {
            const source = new ReadableStream({
              start(controller) {
                for (const chunk of chunks) controller.enqueue(chunk);
                controller.close();
              },
            });
            return new Response(source.pipeThrough(transform(reverse))).text();
          }
          export default {
            async fetch(request) {
              const transform = request.url.endsWith("json") ? reorderJson : reorderHtml;
              const bytes = new Uint8Array(await request.arrayBuffer());
              const outputs = [await through(transform, Array.from(bytes, (byte) => Uint8Array.of(byte)))];
              for (let at = 0; at <= bytes.length; at++) {
                outputs.push(await through(transform, [bytes.slice(0, at), bytes.slice(at)]));
              }
              return Response.json([...new Set(outputs)]);
            },
          };`,
      },
    }),
  });
  const check = async (kind, body, expected) => {
    const response = await miniflare.dispatchFetch(`http://test/${kind}`, { method: "POST", body });
    assert.deepEqual(await response.json(), [expected]);
  };
  const shown = ["a", "é", "%<c"];
  const html = (items, mark) =>
    page(list("search", items, mark), "<!-- reshelve:x --><!-- item:a -->", list("home", items, mark), "<!--");
  await check("html", html(shown), html(shown.toReversed(), "reshelved"));
  await check("json", '{"items":[{"id":"é"},2]}', '{"items":[2,{"id":"é"}]}');
});

test("listings in JSON keep every byte of their items", async () => {
  const json = (items, more = "") =>
    `{ "more": { "items": [1, 2] }, "label": "items",\n "items" : [\n${items}\n]${more}}\n`;
  const entry = (id, index) =>
    `{"id": "${id}", "price": 10.00, "stock": 12345678901234567890, "tags": ["},]", "\\"[${index}"]}`;
  const entries = (all) => all.map((id) => entry(id, id)).join(" ,\n");
  const scores = Object.fromEntries(ids.map((id, index) => [id, (index * 7) % 5]));
  const scored = (all) => all.map((id) => `{"id":"${id}","score":${scores[id]}}`).join(",");
  const check = async (body, expected, type = "application/json") => {
    answers["/api"] = { body, type };
    const response = await get(await worker(), "/api", `reshelve=${token}`);
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(expected)), body.slice(0, 99));
  };
  await check(json(entries(ids)), json(entries(expectedOrder(token, ids, "search"))));
  const category = expectedOrder(token, ids, "category");
  await check(json(entries(ids), ', "surface": "category"'), json(entries(category), ', "surface": "category"'));
  await check(
    `{"items":[${scored(ids)}]}`,
    `{"items":[${scored(expectedOrder(token, ids, "search", (id) => scores[id]))}]}`,
    "Application/JSON; charset=utf-8",
  );
  const untouched = [
    "",
    "{",
    "null",
    "[]",
    '{"items": {}}',
    '{"items": []}',
    '{"items": [ null, 1, "x", {}, [] ]}',
    `{"items":[${scored(ids)}],"items":3}`,
    `{"items":["a","b"],"items":"ab"}`,
    `\ufeff{"items":[${scored(ids)}]}`,
    `{"items":[${scored(ids)}],"long":"${"x".repeat(600 * 1024)}"}`,
  ];
  for (const body of untouched) await check(body, body);
  const long = `,"long":"${"\\n".repeat(200 * 1024)}"}`;
  const expected = expectedOrder(token, ids, "search");
  await check(
    `{"items":[${ids.map((id) => JSON.stringify({ id }))}]${long}`,
    `{"items":[${expected.map((id) => JSON.stringify({ id }))}]${long}`,
  );
});

test("other answers pass with their status and headers", async () => {
  const body = page(list("search", ids));
  const cases = {
    "not found": { status: 404, body },
    "origin in trouble": { status: 503, headers: { "retry-after": "7" }, body },
    moved: { status: 302, headers: { location: "/elsewhere" }, body: "" },
    partial: { status: 206, headers: { "content-range": "bytes 0-1/2" }, body },
    "plain text": { type: "text/plain", body },
    "a strange type": { type: "constructor", body },
    "not to be transformed": { headers: { "cache-control": "public, No-Transform" }, body },
  };
  for (const [name, answer] of Object.entries(cases)) {
    answers["/other"] = { ...answer, headers: { etag: '"1"', ...answer.headers } };
    const response = await get(await worker(), "/other", `reshelve=${token}`);
    assert.equal(response.status, answer.status ?? 200, name);
    assert.equal(await response.text(), answer.body, name);
    for (const [header, value] of Object.entries({ etag: '"1"', ...answer.headers })) {
      assert.equal(response.headers.get(header), value, name);
    }
    assert.equal(response.headers.has("server-timing"), false, name);
  }
  answers["/post"] = { body };
  const posted = await get(await worker(), "/post", `reshelve=${token}`, { method: "POST", body: "a=1" });
  assert.equal(await posted.text(), body);
  assert.equal(asked.at(-1).what, "POST /post a=1");
  const headed = await get(await worker(), "/post", `reshelve=${token}`, { method: "HEAD" });
  assert.equal(headed.status, 200);
  assert.equal(asked.at(-1).what, "HEAD /post ");
});

test("an answer for one shopper is kept by nobody, and all others may be", async () => {
  const headers = {
    "cache-control": "public, max-age=600",
    "content-length": String(Buffer.byteLength(page(list("search", ids)))),
    "cdn-cache-control": "max-age=600",
    etag: '"7"',
    expires: "Thu, 01 Jan 2099 00:00:00 GMT",
    "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT",
    "set-cookie": ["one=1", "two=2"],
    vary: "accept-encoding",
  };
  answers["/cached"] = { body: page(list("search", ids)), headers };
  const plain = await get(await worker(), "/cached");
  await plain.arrayBuffer();
  for (const name of ["cache-control", "cdn-cache-control", "etag", "expires", "last-modified"]) {
    assert.equal(plain.headers.get(name), headers[name]);
  }
  const revalidation = { "if-none-match": '"7"', "if-modified-since": headers["last-modified"] };
  const personal = await get(await worker(), "/cached", `reshelve=${token}`, { headers: revalidation });
  await personal.arrayBuffer();
  assert.equal(personal.headers.get("cache-control"), "private, no-store");
  assert.match(personal.headers.get("server-timing"), /^reshelve;desc="on", reshelve-now;desc="\d+"$/);
  for (const name of ["cdn-cache-control", "etag", "expires", "last-modified"]) {
    assert.equal(personal.headers.get(name), null);
  }
  for (const name of Object.keys(revalidation)) assert.equal(asked.at(-1).headers[name], undefined);
  for (const response of [plain, personal]) {
    assert.equal(response.headers.get("vary"), "accept-encoding, cookie");
    assert.deepEqual(response.headers.getSetCookie(), headers["set-cookie"]);
  }
});

test("a page is kept once it has come to its end, and not if it is too long", async () => {
  const headers = { "cache-control": "public, max-age=600" };
  const body = page(list("search", ids));
  const long = body.padEnd(2 * 1024 * 1024 + 1);
  let visits = 0;
  answers["/cut-off"] = {
    headers,
    async *body(response) {
      visits += 1;
      yield body.slice(0, 500);
      await sleep(50);
      if (visits === 1) response.destroy();
      else yield body.slice(500);
    },
  };
  answers["/long"] = { headers, body: long };
  await read("/cut-off").catch(() => {});
  const before = asked.length;
  for (let visit = 0; visit < 3; visit++) {
    assert.equal(await read("/cut-off"), body);
    assert.equal(await read("/cut-off", `reshelve=${token}`), page(ordered(token, "search", ids)));
  }
  assert.equal(asked.length - before, 1);
  for (let visit = 0; visit < 2; visit++) assert.equal(await read("/long"), long);
  assert.equal(asked.length - before, 3);
});

test("a page of known length, short or long, cached or not", async () => {
  for (const filler of [0, 5000, 50_000].map((times) => "<p>filler</p>\n".repeat(times))) {
    const body = page(filler, list("search", ids), filler);
    const expected = page(filler, ordered(token, "search", ids), filler);
    for (const kept of [{}, { "cache-control": "public, max-age=600" }]) {
      const path = `/known/${filler.length}/${"cache-control" in kept}`;
      answers[path] = { body, headers: { ...kept, "content-length": String(Buffer.byteLength(body)) } };
      for (let visit = 0; visit < 3; visit++) {
        assert.ok((await read(path, `reshelve=${token}`)) === expected, path);
        assert.ok((await read(path)) === body, path);
      }
    }
  }
});

test("a cache that keeps nothing holds no page up", { timeout: 10_000 }, async (t) => {
  const { originPage } = await import(pathToFileURL(path.join(WORKER, "src/origin.js")));
  t.after(() => delete globalThis.caches);
  const body = "x".repeat(200_000);
  const fetch = async () => new Response(body, { headers: { "cache-control": "public, max-age=60" } });
  const puts = [
    async () => {},
    async () => {
      throw new Error("no room");
    },
    () => {
      throw new TypeError("not to be kept");
    },
  ];
  for (const put of puts) {
    globalThis.caches = { default: { put, match: async () => undefined } };
    const waited = [];
    const context = { waitUntil: (promise) => waited.push(promise) };
    const response = await originPage(new Request("https://shop.example/"), { ORIGIN: { fetch } }, context);
    assert.equal(await response.text(), body);
    await Promise.all(waited);
  }
});

test("a compressed page", async () => {
  const body = page(list("search", ids));
  answers["/gzip"] = { body: gzipSync(body), headers: { "content-encoding": "gzip" } };
  assert.equal(await read("/gzip", `reshelve=${token}`), page(ordered(token, "search", ids)));
  assert.equal(await read("/gzip"), body);
});

test("twenty shoppers at once: one page at the origin, twenty orders, one load of the model", async () => {
  const body = page(list("category", ids));
  answers["/shared"] = { body };
  const cold = await startWorker();
  const calls = modelCalls();
  const requests = asked.length;
  const tokens = Array.from({ length: 20 }, (_, index) => tokenOf(2, itemId(index), itemId(index + 25)));
  const pages = await Promise.all(
    tokens.map(async (token) => (await get(cold, "/shared", `reshelve=${token}`)).text()),
  );
  tokens.forEach((token, index) => {
    assert.equal(pages[index], page(ordered(token, "category", ids)));
  });
  assert.equal(new Set(pages).size, 20);
  assert.equal(modelCalls() - calls, 1);
  const asks = asked.slice(requests);
  assert.equal(asks.length, 20);
  // The same request twenty times: a cache before the origin needs one page.
  assert.equal(new Set(asks.map((request) => JSON.stringify(request))).size, 1);
});

test("the store's rules hold in what is ordered, and what they bar is left out", async () => {
  const compiler = await loadRulesCompiler();
  const rules = compiler.compile(`
    [[filter]]
    name = "recalled"
    drop = "item in ['item-005', 'item-017', 'item-023']"
    [[pin]]
    name = "of the week"
    item = "item-020"
    rank = 2
  `);
  const miniflare = await startWorker({
    assets: (file) => (file === "/store.rules" ? new Response(rules) : modelAlone(file)),
  });
  const ruled = await loadModel(modelBytes);
  ruled.useRules(rules);
  const session = ruled.session(token);
  const { items, barred } = session.rerank(ids, { surface: "search", itemId: (id) => id });
  ruled.dispose();
  const shown = items.slice(0, items.length - barred);
  assert.deepEqual([barred, shown[1], shown.length], [3, "item-020", ids.length - 3]);

  answers["/ruled"] = { body: page(list("search", ids), list("search", ["item-005"])) };
  const html = await (await get(miniflare, "/ruled", `reshelve=${token}`)).text();
  assert.equal(html, page(list("search", shown, "reshelved"), list("search", [], "reshelved")));

  const json = (all) => `{ "items": [ ${all.map((id) => `{ "id": "${id}" }`).join(" , ")} ], "more": 1.0 }`;
  for (const [all, left] of [
    [ids, shown],
    [["item-005"], []],
    [["item-005", "item-001"], ["item-001"]],
  ]) {
    answers["/ruled.json"] = { body: json(all), type: "application/json" };
    assert.equal(await (await get(miniflare, "/ruled.json", `reshelve=${token}`)).text(), json(left));
  }
});

test("a store with keys gets its cookies sealed, and may change its keys", async () => {
  const [older, newer] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64url")];
  answers["/sealed"] = { body: page(list("search", ids)) };
  const expected = page(ordered(token, "search", ids));
  const visit = async (keys, cookie) => {
    const miniflare = await startWorker({ secrets: { TOKEN_KEYS: keys } });
    const response = await get(miniflare, "/sealed", `reshelve=${cookie}`);
    const timing = response.headers.get("server-timing");
    const [line] = response.headers.getSetCookie();
    return { html: await response.text(), reason: /desc="(.+?)"/.exec(timing)[1], line };
  };
  const valueOf = (line) => /^reshelve=([\w-]{160}); Path=\/; Max-Age=1800; SameSite=Lax; Secure$/.exec(line)[1];

  const first = await visit(older, token);
  assert.deepEqual([first.html, first.reason], [expected, "on"]);
  const sealed = valueOf(first.line);
  assert.deepEqual(await visit(older, sealed), { html: expected, reason: "on", line: undefined });

  // While both keys hold, what comes with the older one is sealed anew.
  const second = await visit(`${newer} ${older}`, sealed);
  assert.deepEqual([second.html, second.reason], [expected, "on"]);
  const resealed = valueOf(second.line);
  assert.deepEqual(await visit(newer, resealed), { html: expected, reason: "on", line: undefined });

  const origin = { html: page(list("search", ids)), line: undefined };
  assert.deepEqual(await visit(newer, sealed), { ...origin, reason: "wrong_seal" });
  const forged = `${resealed.slice(0, 80)}${resealed[80] === "A" ? "B" : "A"}${resealed.slice(81)}`;
  assert.deepEqual(await visit(newer, forged), { ...origin, reason: "wrong_seal" });
  assert.deepEqual(await visit("too short", token), { ...origin, reason: "ERR_INVALID_ARGUMENT" });
});

test("without a sound model the page passes", async () => {
  const body = page(list("search", ids));
  answers["/modelless"] = { body };
  const late = [];
  const failures = {
    ERR_MODEL_FETCH: () => new Response("none", { status: 404 }),
    ERR_RULES_FORMAT: (file) => (file === "/store.rules" ? new Response("no rules") : modelAlone(file)),
    ERR_MODEL_FORMAT: () => new Response(modelBytes.subarray(0, 1000)),
    TimeoutError: (file) =>
      file === "/store.rules"
        ? modelAlone(file)
        : new Promise((resolve) => late.push(() => resolve(new Response("late")))),
  };
  for (const [reason, assets] of Object.entries(failures)) {
    const miniflare = await startWorker({ assets, timeout: reason === "TimeoutError" ? 100 : undefined });
    const calls = modelCalls();
    for (let visit = 0; visit < 3; visit++) {
      const response = await get(miniflare, "/modelless", `reshelve=${token}`);
      assert.equal(await response.text(), body);
      assert.equal(response.headers.get("server-timing"), timingOf(reason));
    }
    // Not asked for again with every page.
    assert.equal(modelCalls() - calls, 1);
  }
  late.forEach((answer) => answer());
  const unbound = await startWorker({ assets: false });
  assert.equal(await (await get(unbound, "/modelless", `reshelve=${token}`)).text(), body);
});

test("the model comes from the worker's static assets", async () => {
  const directory = path.join(folder, "public");
  await mkdir(directory);
  await writeFile(path.join(directory, "store.shelf"), modelBytes);
  answers["/assets"] = { body: page(list("search", ids)) };
  const miniflare = await startWorker({
    assets: false,
    files: { directory, binding: "ASSETS", routerConfig: { has_user_worker: true } },
  });
  const response = await get(miniflare, "/assets", `reshelve=${token}`);
  assert.equal(await response.text(), page(ordered(token, "search", ids)));
});

test("on a route it asks the origin behind it", async () => {
  const requests = [];
  const miniflare = await startWorker({
    isRouted: true,
    outboundService: (request) => {
      requests.push(`${request.url} ${request.headers.get("cookie")}`);
      return new Response(page(list("search", ids)), { headers: { "content-type": "text/html" } });
    },
  });
  const response = await get(miniflare, "/route?q=1", `reshelve=${token}`);
  assert.equal(await response.text(), page(ordered(token, "search", ids)));
  assert.deepEqual(requests, ["http://shop.example/route?q=1 null"]);
});

test("nobody else was asked for anything", () => {
  assert.deepEqual(foreignCalls, []);
  assert.deepEqual([...new Set(assetCalls)].sort(), ["https://assets/store.rules", "https://assets/store.shelf"]);
});
