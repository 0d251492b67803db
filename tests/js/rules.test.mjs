// Rules at run time: given to the model, and what requests bring for them.

import assert from "node:assert/strict";
import test from "node:test";
import { loadModel } from "reshelve";
import { loadRulesCompiler } from "reshelve/rules";
import { itemIds, readModel, warningsOf, wasm } from "./setup.mjs";

const NOW = 1_780_000_000_000;
const ids = itemIds(10);
const elsewhere = "not-of-the-model";
const file = await readModel("ruled");
const itemId = (id) => id;
const options = { surface: "elsewhere", itemId, now: NOW };
const compiler = await loadRulesCompiler();
const compile = (text) => compiler.compile(text);
const noRules = compile("");

/** A model without rules, and an empty session of it. */
async function opened(rules = noRules) {
  const model = await loadModel(file, { wasm });
  model.useRules(rules);
  return { model, session: model.session() };
}

const dropping = (condition) => compile(`overlays = ["stock"]\n[[filter]]\nname = "a"\ndrop = "${condition}"`);
const shown = ({ items, barred }) => items.slice(0, items.length - barred);
const without = (...barred) => ids.filter((id) => !barred.includes(id));

function refused(work, code, message) {
  assert.throws(work, (error) => {
    assert.deepEqual([error.name, error.code], ["RankerError", code], error.message);
    assert.match(error.message, message);
    return true;
  });
}

test("rules hold from the very next call on, for sessions that are there already", async () => {
  const { model, session } = await opened();
  assert.deepEqual(session.rerank(ids, options).items, ids);
  model.useRules(dropping("item in ['item-000', 'item-004']"));
  const ranking = session.rerank(ids, options);
  assert.deepEqual(ranking.items, [...without("item-000", "item-004"), "item-000", "item-004"]);
  assert.equal(ranking.barred, 2);
  model.useRules(dropping("item == 'item-001'"));
  assert.deepEqual(shown(session.rerank(ids, options)), without("item-001"));
  const buffer = dropping("item == 'item-002'").buffer.slice(0);
  assert.throws(() => model.useRules(buffer.slice(1)));
  assert.deepEqual(shown(session.rerank(ids, options)), without("item-001"), "what fails changes nothing");
});

test("without rules of its own a model has those that it carries", async () => {
  const model = await loadModel(file, { wasm });
  const request = { ...options, surface: "home" };
  const own = model.session().rerank(ids, request);
  assert.notDeepEqual(own.items, ids);
  model.useRules(noRules);
  assert.deepEqual(model.session().rerank(ids, request).items, ids);
  model.useRules(null);
  assert.deepEqual(model.session().rerank(ids, request).items, own.items);
  model.useRules(noRules);
  model.useRules(await readModel("ruled"));
  assert.deepEqual(model.session().rerank(ids, request).items, own.items, "a model's file has rules, too");
});

test("what are no rules is refused, and changes nothing", async () => {
  const { model, session } = await opened(dropping("item == 'item-003'"));
  const check = (bytes, code, message) => {
    refused(() => model.useRules(bytes), code, message);
    assert.deepEqual(shown(session.rerank(ids, options)), without("item-003"));
  };
  const rules = dropping("item == 'item-000'");
  check(new Uint8Array(0), "ERR_RULES_FORMAT", /./);
  check(
    new TextEncoder().encode("[[filter]]".repeat(9)),
    "ERR_RULES_FORMAT",
    /no compiled rules.*reshelve rules compile/,
  );
  check(rules.subarray(0, -1), "ERR_RULES_FORMAT", /download or build it again/);
  check(rules.with(-1, 1), "ERR_RULES_FORMAT", /./);
  check(await readModel("small"), "ERR_RULES_FORMAT", /no rules section/);
  check(new Uint8Array(1e6), "ERR_RULES_FORMAT", /./);
  const newer = rules.slice();
  new DataView(newer.buffer).setUint16(8, 9, true);
  check(newer, "ERR_RULES_FORMAT", /format version 9/);
  for (const none of ["rules.toml", undefined, 3, {}, [1]]) check(none, "ERR_INVALID_ARGUMENT", /bytes/);
});

test("an overlay of the model is known to rerank and to recommend", async () => {
  const { model, session } = await opened(dropping("stock == 0"));
  const found = () => session.recommend({ surface: "home", limit: 60, now: NOW }).items.map(({ itemId }) => itemId);
  const every = found();
  const check = (...barred) => {
    assert.deepEqual(shown(session.rerank(ids, options)), without(...barred));
    assert.deepEqual(
      found(),
      every.filter((id) => !barred.includes(id)),
    );
  };
  check();
  model.overlay(
    "stock",
    ids.map((id, index) => [id, index % 4]),
  );
  check("item-000", "item-004", "item-008");
  model.overlay("stock", new Map([["item-005", 0]]).set(elsewhere, 0));
  check("item-005");
  model.overlay("stock", [
    ["item-005", 0],
    ["item-006", 0],
    ["item-005", 2],
  ]);
  check("item-006");
  model.overlay("price", [["item-001", 0]]);
  check("item-006");
  model.overlay("stock", []);
  check();
  model.overlay("stock", [["item-007", 0]]);
  model.overlay("stock", null);
  check();
  assert.deepEqual(shown(session.rerank([], options)), []);
});

test("an overlay is a list of entries", async () => {
  const { model } = await opened();
  for (const entries of [{ "item-005": 0 }, undefined, 3]) {
    assert.throws(() => model.overlay("stock", entries), { code: "ERR_INVALID_ARGUMENT", message: /takes a Map/ });
  }
});

test("what a cap moves does not stand fixed, though the model does not know it", async () => {
  const rules = compile('overlays = ["stock"]\n[[cap]]\nname = "a"\nat_most = 1\nwhere = "stock == 0"\nfirst = 3');
  const { session } = await opened(rules);
  const ids = ["unheard of", "another", "item-001", "item-002"];
  const overlays = { stock: (_, index) => (index < 2 ? 0 : 1) };
  const { items, explanations } = session.rerank(ids, { ...options, explain: true, overlays });
  assert.deepEqual(items, ["unheard of", "item-001", "item-002", "another"]);
  assert.deepEqual(
    explanations.map(({ fixed }) => fixed),
    [true, false, false, false],
  );
});

test("a list's own overlay goes before the model's, and knows what the model does not", async () => {
  const { model, session } = await opened(dropping("stock == 0"));
  model.overlay("stock", [
    ["item-001", 0],
    [elsewhere, 0],
  ]);
  const check = (stock, ...expected) =>
    assert.deepEqual(shown(session.rerank([...ids, elsewhere], { ...options, overlays: { stock } })), expected);
  check(undefined, ...without("item-001"), elsewhere);
  check(() => undefined, ...ids, elsewhere);
  check(() => 3, ...ids, elsewhere);
  check((id) => (id === elsewhere ? 0 : undefined), ...ids);
  check(
    (_, index) => index % 5,
    "item-001",
    "item-002",
    "item-003",
    "item-004",
    "item-006",
    "item-007",
    "item-008",
    "item-009",
  );
});

test("words of the request reach the rules", async () => {
  const { session } = await opened(
    compile(`
      context = ["group", "region"]
      filter = [
        { name = "a", drop = "item == 'item-000'", when = "group == 'new'" },
        { name = "b", drop = "item == 'item-001'", when = "region == 'näh' and surface == 'elsewhere'" },
      ]`),
  );
  const check = (context, ...barred) => {
    assert.deepEqual(shown(session.rerank(ids, { ...options, context })), without(...barred));
    const { items } = session.recommend({ surface: "elsewhere", limit: 60, now: NOW, context });
    const found = new Set(items.map(({ itemId }) => itemId));
    assert.deepEqual(
      ids.filter((id) => !found.has(id)),
      barred,
    );
  };
  check(undefined);
  check({});
  check({ group: undefined });
  check({ group: "" });
  check({ group: "new" }, "item-000");
  check({ region: "näh" }, "item-001");
  check({ unheard: "of", region: "näh", group: "new" }, "item-000", "item-001");
  check({ region: "group", group: "näh" });
});

test("an explanation names the rule", async () => {
  const { session } = await opened(
    compile(`
      filter = [{ name = "none", drop = "item == 'x'" }, { name = "a", drop = "item == 'item-000'" }]
      pin = [{ name = "b", item = "item-005", rank = 1 }]
      boost = [{ name = "c", where = "item == 'item-009'", by = 4000 }]`),
  );
  const { items, barred, explanations } = session.rerank(ids, { ...options, explain: true });
  assert.deepEqual([items[0], items.at(-1), barred], ["item-005", "item-000", 1]);
  const boosted = explanations.find(({ itemId }) => itemId === "item-009");
  assert.ok(boosted.to < boosted.from - 1);
  const facts = explanations.map(({ itemId, fixed, barred, rule }) => [itemId, fixed, barred, rule]);
  assert.deepEqual(facts[0], ["item-005", true, false, 2]);
  assert.deepEqual(facts[boosted.to], ["item-009", false, false, undefined]);
  assert.equal("rule" in boosted, false);
  assert.equal(boosted.parts.boost, 4096);
  assert.deepEqual(facts.at(-1), ["item-000", true, true, 1]);

  const found = session.recommend({ surface: "home", limit: 5, explain: true, now: NOW });
  assert.equal(found.barred, 0);
  assert.deepEqual([found.items[0].itemId, found.explanations[0].rule], ["item-005", 2]);
  assert.ok(found.explanations.every(({ barred }) => barred === false));
});

test("a request that brings nonsense for rules leaves the incoming order, and says so once", async () => {
  const { session } = await opened(dropping("item == 'item-000'"));
  const check = (request) => {
    const { items, outcome, reason, barred } = session.rerank(ids, { ...options, ...request });
    assert.deepEqual([outcome, reason, barred], ["unchanged", "invalid_argument", 0]);
    assert.deepEqual(items, ids);
  };
  const warnings = await warningsOf(() => {
    check({ overlays: { stock: () => 1.5 } });
    check({ overlays: { stock: () => "3" } });
    check({ overlays: { stock: () => 2 ** 31 } });
    check({ overlays: { stock: () => NaN } });
    check({ overlays: { stock: 3 } });
    check({ overlays: { "sto\0ck": () => 1 } });
    check({ context: { segment: 3 } });
    check({ context: { segment: "a\0b" } });
    check({ context: { "a\0b": "c" } });
  });
  assert.equal(warnings.length, 3, warnings.join("\n"));
  const { items, reason } = session.recommend({ surface: "home", limit: 3, context: { segment: {} } });
  assert.deepEqual([items, reason], [[], "invalid_argument"]);
});

test("an overlay that is none is refused, and changes nothing", async () => {
  const { model, session } = await opened(dropping("stock == 0"));
  model.overlay("stock", [["item-002", 0]]);
  const check = (name, entries, message) => {
    refused(() => model.overlay(name, entries), "ERR_INVALID_ARGUMENT", message);
    assert.deepEqual(shown(session.rerank(ids, options)), without("item-002"));
  };
  check(3, [], /give a string/);
  check("sto\0ck", [], /NUL/);
  check("stock", [["item-001", 0.5]], /0\.5; give a whole number/);
  check("stock", [["item-001", "0"]], /whole number/);
  check("stock", [[1, 0]], /give a string/);
  check("stock", [1], /./);
  check("stock", undefined, /./);
  check("stock", 3, /./);
});

test("a model that was disposed of takes neither", async () => {
  const { model } = await opened();
  model.dispose();
  refused(() => model.useRules(noRules), "ERR_DISPOSED", /./);
  refused(() => model.useRules(null), "ERR_DISPOSED", /./);
  refused(() => model.overlay("stock", []), "ERR_DISPOSED", /./);
});
