// `reshelve/rules`: rules that people write, compiled and checked in a page.

import assert from "node:assert/strict";
import test from "node:test";
import { loadRulesCompiler, RankerError, version } from "reshelve/rules";
import { readModel } from "./setup.mjs";

const compiler = await loadRulesCompiler();
const model = await readModel("ruled");
const RULES = `
[[boost]]
name = "own brand"
where = "brand == 'acme'"
by = 500

[[filter]]
name = "for grown-ups"
drop = "adult"
`;
const JSON_RULES = JSON.stringify({
  boost: [{ name: "own brand", where: "brand == 'acme'", by: 500 }],
  filter: [{ name: "for grown-ups", drop: "adult" }],
});

function refused(work, code, message, details = {}) {
  assert.throws(work, (error) => {
    assert.ok(error instanceof RankerError);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.deepEqual({ ...error.details }, details, error.message);
    return true;
  });
}

test("the same rules give the same bytes, in TOML and in JSON", () => {
  const bytes = compiler.compile(RULES);
  assert.ok(bytes instanceof Uint8Array);
  assert.deepEqual(compiler.compile(RULES), bytes);
  assert.deepEqual(compiler.compile(RULES, { format: "toml" }), bytes);
  assert.deepEqual(compiler.compile(JSON_RULES, { format: "json" }), bytes);
  assert.notDeepEqual(compiler.compile(""), bytes);
});

test("rules are listed by number, with their lines", () => {
  assert.deepEqual(compiler.list(RULES), [
    { rule: 'filter "for grown-ups"', line: 8 },
    { rule: 'boost "own brand"', line: 3 },
  ]);
  const withoutLines = [{ rule: 'filter "for grown-ups"' }, { rule: 'boost "own brand"' }];
  assert.deepEqual(compiler.list(JSON_RULES, { format: "json" }), withoutLines);
  assert.deepEqual(compiler.list(""), []);
});

test("what will not do what was meant is found", () => {
  const check = (text, model, expected, options) => {
    const found = compiler.check(text, model, options);
    assert.deepEqual(
      found.map(({ severity, rule, line }) => [severity, rule, line]),
      expected,
      JSON.stringify(found),
    );
    for (const { message } of found) assert.ok(message.length > 10);
  };
  const pins = `
    pin = [
      { name = "a", item = "item-001", rank = 1 },
      { name = "b", item = "nowhere", rank = 1 },
    ]`;
  check(RULES, null, []);
  check(RULES, null, [], {});
  check(pins, null, [["error", 'pin "b"', 4]]);
  check(pins, model, [
    ["error", 'pin "b"', 4],
    ["warning", 'pin "b"', 4],
  ]);
  check("[[filter]]\nname = 'all'\nkeep = \"brand == 'none'\"", model.buffer.slice(0), [
    ["error", 'filter "all"', 2],
    ["warning", 'filter "all"', 2],
  ]);
  const few = "[[filter]]\nname = 'some'\nkeep = \"item in ['item-001', 'item-002']\"";
  check(few, model, [["warning", 'filter "some"', 2]]);
  check(few, model, [], { enough: 2 });
});

test("an error says where", () => {
  const check = (text, message, details, options) => {
    refused(() => compiler.compile(text, options), "ERR_RULES", message, details);
    refused(() => compiler.check(text, null, options), "ERR_RULES", message, details);
    refused(() => compiler.list(text, options), "ERR_RULES", message, details);
  };
  check("[[filter]\n", /line 1, column/, { line: 1, column: 10 });
  check("[[filter]]\nname = 'a'\ncolor = 1", /unknown field `color`/, { line: 3, column: 1 });
  check("[[filter]]\nname = 'a'\ndrop = 'x = 1'", /write ==/, {
    rule: 'filter "a"',
    field: "drop",
    line: 3,
    column: 11,
  });
  check("[[boost]]\nname = 'a'\nwhere = 'x'\nby = 9000", /not within/, {
    rule: 'boost "a"',
    field: "by",
    line: 4,
    column: 6,
  });
  check('{ "filter": [\n 3 ] }', /./, { line: 2, column: 2 }, { format: "json" });
  check(
    '{ "boost": [{ "name": "a", "where": "x", "by": 9000 }] }',
    /not within/,
    { rule: 'boost "a"', field: "by" },
    {
      format: "json",
    },
  );
});

test("arguments that are none are refused", () => {
  const check = (work, message) => refused(work, "ERR_INVALID_ARGUMENT", message);
  check(() => compiler.compile(undefined), /give their text/);
  check(() => compiler.compile(new Uint8Array(3)), /give their text/);
  check(() => compiler.compile("", { format: "yaml" }), /"toml" or "json"/);
  check(() => compiler.check("", "store.shelf"), /bytes of a \.shelf file/);
  check(() => compiler.check("", undefined), /bytes of a \.shelf file/);
  check(() => compiler.check("", null, { enough: -1 }), /whole number/);
  refused(() => compiler.check("", new Uint8Array(99)), "ERR_MODEL_FORMAT", /not a \.shelf file/);
  assert.ok(compiler.compile("").length > 0, "and nothing is broken");
});

test("the schema is one of an object, and knows every kind of rule", () => {
  const { type, properties } = compiler.schema();
  assert.equal(type, "object");
  for (const kind of ["filter", "pin", "reserve", "cap", "boost"]) assert.ok(kind in properties, kind);
});

test("it is loaded once, and is of this release", async () => {
  const [again, another] = await Promise.all([loadRulesCompiler({ wasm: new Uint8Array(1) }), loadRulesCompiler()]);
  assert.deepEqual(again.compile(RULES), another.compile(RULES));
  assert.match(version, /^\d+\.\d+\.\d+/);
});
