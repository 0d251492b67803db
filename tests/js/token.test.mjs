// The token's cookie and its seal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModel } from "reshelve";
import { createSealer, describeToken, openToken, readToken, tokenCookie, withoutToken } from "reshelve/token";
import { readModel, wasm } from "./setup.mjs";

const key = (first) =>
  btoa(String.fromCharCode(...Array.from({ length: 32 }, (_, index) => (first + index * 7) % 256)));
const [older, newer] = [key(1), key(2)];
const TOKENS = ["A", "-_09azAZ", "AbCdEf", "Z".repeat(119), "_".repeat(120)];
const INVALID = { code: "ERR_INVALID_ARGUMENT" };

/** The text with another character at this place. */
const changed = (text, at) => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);

test("what is sealed comes back, is always of one length, and never the same twice", async () => {
  const sealer = await createSealer(older);
  const texts = new Set();
  for (const token of [...TOKENS, ...TOKENS]) {
    const text = await sealer.seal(token);
    assert.match(text, /^[\w-]{160}$/);
    assert.deepEqual(await sealer.open(text), { token, key: 0 });
    texts.add(text);
  }
  assert.equal(texts.size, 2 * TOKENS.length);
});

test("nothing that was changed opens, nor anything foreign", async () => {
  const sealer = await createSealer(older);
  const text = await sealer.seal("AbCdEf");
  for (let at = 0; at < text.length; at++) assert.equal(await sealer.open(changed(text, at)), undefined, `at ${at}`);
  for (const foreign of ["", "AbCdEf", text.slice(1), `${text}A`, "A".repeat(160), "€".repeat(160), undefined, 7, {}]) {
    assert.equal(await sealer.open(foreign), undefined);
  }
});

test("keys change without a cookie lost, and purposes stay apart", async () => {
  const [first, both, last] = await Promise.all([older, [newer, older], newer].map((keys) => createSealer(keys)));
  const text = await first.seal("AbCdEf");
  assert.deepEqual(await both.open(text), { token: "AbCdEf", key: 1 });
  assert.deepEqual(await last.open(await both.seal("AbCdEf")), { token: "AbCdEf", key: 0 });
  assert.equal(await last.open(text), undefined);
  const tents = await createSealer(older, { purpose: "tents.example" });
  const socks = await createSealer(older, { purpose: "socks.example" });
  assert.equal(await socks.open(await tents.seal("AbCdEf")), undefined);
  assert.equal(await tents.open(text), undefined);
  assert.deepEqual(await tents.open(await tents.seal("AbCdEf")), { token: "AbCdEf", key: 0 });
});

test("keys of any usual writing are taken, and no others", async () => {
  const text = await (await createSealer(older)).seal("AbCdEf");
  const url = older.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  for (const secrets of [`  ${older}\n`, url, [older], new Set([older]), `${newer},${older}`, `${newer}\n${older}\n`]) {
    assert.equal((await (await createSealer(secrets)).open(text)).token, "AbCdEf");
  }
  for (const secrets of [
    "",
    [],
    "short",
    "ä",
    older.slice(4),
    `${older} ${older}x`,
    undefined,
    Array(9).fill(older),
    [7],
  ]) {
    await assert.rejects(createSealer(secrets), INVALID, String(secrets));
  }
  await assert.rejects(createSealer(btoa("sixteen bytes ok")), /key 1 has 16 bytes, not 32; .*openssl rand/);
});

test("only tokens are sealed", async () => {
  const sealer = await createSealer(older);
  for (const text of ["", "a b", "ä", "A".repeat(121), undefined, await sealer.seal("A")]) {
    await assert.rejects(sealer.seal(text), INVALID);
  }
});

test("a cookie header is read, and says why it gives nothing", async () => {
  const sealer = await createSealer([newer, older]);
  const old = await (await createSealer(older)).seal("AbCdEf");
  const cases = [
    ["reshelve=AbCdEf", { token: "AbCdEf" }],
    [" a=1;reshelve=AbCdEf ; b=2", { token: "AbCdEf" }],
    ["a=reshelve=x; reshelve=AbCdEf; reshelve=later", { token: "AbCdEf" }],
    [`reshelve=${old}`, { token: "AbCdEf", key: 1 }],
    [`reshelve=${changed(old, 99)}`, { reason: "wrong_seal" }],
    [null, { reason: "absent" }],
    ["", { reason: "absent" }],
    ["reshelve", { reason: "absent" }],
    ["xreshelve=a; reshelved=b; Reshelve=c", { reason: "absent" }],
    ["reshelve=", { reason: "malformed" }],
    ['reshelve="AbCdEf"', { reason: "malformed" }],
    ["reshelve=a=b", { reason: "malformed" }],
    [`reshelve=${"A".repeat(121)}`, { reason: "malformed" }],
    [`reshelve=${"A".repeat(100_000)}`, { reason: "malformed" }],
    ["reshelve=__proto__", { token: "__proto__" }],
  ];
  for (const [header, expected] of cases) assert.deepEqual(await readToken(header, { sealer }), expected, header);
  assert.deepEqual(await readToken(`reshelve=${old}`), { reason: "locked" });
  assert.deepEqual(await openToken(old, { sealer }), { token: "AbCdEf", key: 1 });
  assert.deepEqual(await openToken(null), { reason: "absent" });
  assert.deepEqual(await openToken(""), { reason: "malformed" });
  assert.deepEqual(await readToken("__Host-r=AbCdEf", { name: "__Host-r" }), { token: "AbCdEf" });
});

test("the origin gets the other cookies", () => {
  const cases = [
    ["reshelve=a", ""],
    ["a=1; reshelve=b; c=2", "a=1; c=2"],
    ["reshelve=a;b=1;reshelve=c; ", "b=1"],
    ["a=1;  reshelved=2", "a=1;  reshelved=2"],
    [null, ""],
  ];
  for (const [header, expected] of cases) assert.equal(withoutToken(header), expected);
});

test("the cookie's line has sound attributes, and takes nothing that could add others", () => {
  const attributes = "; Max-Age=1800; SameSite=Lax; Secure";
  assert.equal(tokenCookie("AbC"), `reshelve=AbC; Path=/${attributes}`);
  assert.equal(tokenCookie("AbC", { name: "__Host-r" }), `__Host-r=AbC; Path=/${attributes}`);
  const options = { domain: "shop.example", maxAgeS: 60 };
  assert.equal(tokenCookie("A", options), "reshelve=A; Path=/; Domain=shop.example; Max-Age=60; SameSite=Lax; Secure");
  assert.equal(tokenCookie(""), "reshelve=; Path=/; Max-Age=0; SameSite=Lax; Secure");
  const refused = [
    ["a; Domain=evil.example"],
    ["a\r\nset-cookie: b=1"],
    ["A".repeat(121)],
    [undefined],
    ["a", { name: "a=b" }],
    ["a", { name: "" }],
    ["a", { domain: "shop.example; Path=/x" }],
    ["a", { domain: "" }],
    ["a", { name: "__host-r", domain: "shop.example" }],
    ["a", { maxAgeS: -1 }],
    ["a", { maxAgeS: Infinity }],
    ["a", { maxAgeS: "1; HttpOnly" }],
  ];
  for (const [value, options] of refused) assert.throws(() => tokenCookie(value, options), INVALID);
});

test("a token is decoded for the shopper", async () => {
  const model = await loadModel(await readModel("wide"), { wasm });
  const session = model.session();
  const timestamp = Math.floor(Date.now() / 60_000) * 60_000;
  session.record({ type: "view", itemId: "item-003", timestamp: timestamp - 120_000 });
  session.record({ type: "add_to_cart", itemId: "item-005", timestamp });
  const token = session.token();
  const content = describeToken(model, token);
  assert.deepEqual(JSON.parse(JSON.stringify(content)), content);
  assert.equal(content.length, token.length);
  assert.deepEqual(content.restored, { outcome: "whole", events: 2 });
  const told = content.events.map(({ type, itemId, timestamp }) => ({ type, itemId, timestamp }));
  assert.deepEqual(told, [
    { type: "view", itemId: "item-003", timestamp: timestamp - 120_000 },
    { type: "add_to_cart", itemId: "item-005", timestamp },
  ]);
  assert.equal(content.segment, "new");
  for (const damaged of ["garbage", token.slice(0, -3), "__proto__"]) {
    const { restored, events } = describeToken(model, damaged);
    assert.deepEqual([restored.outcome, restored.reason, events], ["refused", "damaged", []]);
  }
  model.dispose();
});
