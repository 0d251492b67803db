import type { WasmSource } from "../index.js";

export { type ErrorCode, RankerError, version } from "../index.js";

export interface RulesCompilerOptions {
  /**
   * Where the WebAssembly comes from. Default: the `.wasm` file of the package, `reshelve/rules/wasm`. Compiled once per
   * process; later calls reuse it and ignore this option.
   */
  wasm?: WasmSource;
}

/**
 * Loads the compiler of rules: WebAssembly of its own, apart from the runtime's, for the pages of merchandisers. The only
 * asynchronous call, and the only one that uses the network.
 * @throws {RankerError} `ERR_WASM_UNAVAILABLE`, `ERR_WASM_MISMATCH`
 */
export declare function loadRulesCompiler(options?: RulesCompilerOptions): Promise<RulesCompiler>;

export interface RulesOptions {
  /** How the rules are written. Default `"toml"`. */
  format?: "toml" | "json";
}

export interface CheckOptions extends RulesOptions {
  /** How many items filters should leave, a whole number from 0. Default 20. */
  enough?: number;
}

/**
 * What `reshelve rules` does, in a page. Each method reads the text anew.
 *
 * Where the rules are none, it throws `ERR_RULES`; of what is known, `details` has `rule` (kind and name), `field`, `line`
 * and `column`, both from 1. Of JSON only its syntax has lines.
 */
export interface RulesCompiler {
  /**
   * The rules for `Model.useRules`, or to be served as `store.rules`. The same text gives the same bytes.
   * @throws {RankerError} `ERR_RULES`, `ERR_INVALID_ARGUMENT`
   */
  compile(text: string, options?: RulesOptions): ReturnType<typeof Uint8Array.of>;
  /**
   * The rules in the order of their numbers, which `Explanation.rule` speaks of.
   * @throws {RankerError} `ERR_RULES`, `ERR_INVALID_ARGUMENT`
   */
  list(text: string, options?: RulesOptions): RuleSummary[];
  /**
   * What will not do what was meant: contradictions, rules without effect, and rules with too much of it. Errors first.
   * O(rules · items).
   * @param model the bytes of the `.shelf` file, or `null` to look at what shows in the text alone
   * @throws {RankerError} `ERR_RULES`, `ERR_MODEL_FORMAT`, `ERR_MODEL_VERSION`, `ERR_INVALID_ARGUMENT`
   */
  check(text: string, model: ArrayBuffer | Uint8Array | null, options?: CheckOptions): Finding[];
  /** The JSON Schema of a file of rules, for editors. */
  schema(): Record<string, unknown>;
}

export interface RuleSummary {
  /** Kind and name, such as `filter "sold out"`. */
  readonly rule: string;
  /** The line of its name, from 1. Absent in JSON. */
  readonly line?: number;
}

export interface Finding {
  /** `error`: a rule cannot do what it says. `warning`: it may not do what was meant. */
  readonly severity: "error" | "warning";
  /** What is the matter, and what to do. */
  readonly message: string;
  /** Kind and name; absent if it is about all rules. */
  readonly rule?: string;
  /** The line of the rule's name, from 1. Absent in JSON. */
  readonly line?: number;
}
