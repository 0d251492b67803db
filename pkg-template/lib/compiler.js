// The compiler of rules: WebAssembly of its own, which pages for merchandisers load.

import * as glue from "../wasm/rules.js";
import { invalidArgument } from "./error.js";
import { createInstance } from "./instance.js";
import { present } from "./records.js";
import { toBytes } from "./source.js";

const toFailure = ([code, message, rule, field, line, column]) => [
  code,
  message,
  present({ rule, field, line, column }),
];

const { start, call } = /* @__PURE__ */ createInstance(glue, "rules", toFailure);

/**
 * Makes the `loadRulesCompiler` of an entry.
 *
 * @param {object} entry
 * @param {() => import("../index.d.ts").WasmSource} entry.wasm where the WebAssembly is, unless an option says
 * @param {(url: URL) => Promise<Uint8Array>} [entry.readFile] reads `file:` addresses, where `fetch` does not
 * @returns {typeof import("../rules/index.d.ts").loadRulesCompiler}
 */
export function createLoadRulesCompiler({ wasm, readFile }) {
  return async function loadRulesCompiler(options = {}) {
    await start(() => options.wasm ?? wasm(), readFile);
    return new RulesCompiler();
  };
}

/** The `RulesCompiler` of `rules/index.d.ts`. */
class RulesCompiler {
  compile(text, options) {
    const isJson = read(text, options);
    return call(() => glue.compile(text, isJson));
  }

  list(text, options) {
    const isJson = read(text, options);
    return call(() => glue.list(text, isJson)).map(([rule, line]) => present({ rule, line }));
  }

  check(text, model, options) {
    const isJson = read(text, options);
    const bytes = model === null ? undefined : toBytes(model);
    if (model !== null && !bytes) throw invalidArgument("the model is the bytes of a .shelf file, or null for none");
    const { enough = 20 } = options ?? {};
    if (!Number.isInteger(enough) || enough < 0 || enough >= 2 ** 32) {
      throw invalidArgument(`\`enough\` is ${String(enough)}; give a whole number from 0`);
    }
    const found = call(() => glue.check(text, isJson, bytes, enough));
    return found.map(([severity, message, rule, line]) => present({ severity, message, rule, line }));
  }

  schema() {
    return JSON.parse(call(() => glue.schema()));
  }
}

/** Whether a text is JSON. */
function read(text, { format = "toml" } = {}) {
  if (typeof text !== "string") throw invalidArgument(`the rules are ${String(text)}; give their text`);
  if (format !== "toml" && format !== "json") throw invalidArgument(`\`format\` must be "toml" or "json"`);
  return format === "json";
}
