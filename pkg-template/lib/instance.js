// Starting WebAssembly, wherever it comes from, and calling into it.

import { BUILD_ID } from "../wasm/build-id.js";
import { RankerError, messageOf } from "./error.js";
import { isFileUrl, isModule, isResponse, isUrl, toBytes } from "./source.js";

const CSP_ADVICE =
  "A page with a Content-Security-Policy needs `script-src 'wasm-unsafe-eval'`; a runtime that compiles no bytes " +
  "(Cloudflare, Vercel Edge) needs the WebAssembly as a compiled module: pass it as `wasm`";
const FILE_ADVICE =
  "esbuild does not copy the file: serve it (`reshelve/wasm`, `reshelve/rules/wasm`) and pass its address as `wasm`. " +
  "Vite before version 8 needs `optimizeDeps: { exclude: ['reshelve'] }` in development";

/**
 * Makes the one instance of a module that a process has: started once, and never called again after it has trapped.
 *
 * @template Glue
 * @param {Glue} glue what `wasm-bindgen` made for the module
 * @param {string} name of the module, which its imports go by
 * @param {(record: unknown[]) => [string, string, object]} toFailure code, message and details of what it throws
 */
export function createInstance(glue, name, toFailure) {
  let starting;
  /** What it has trapped with. */
  let trap;

  async function begin(find, readFile) {
    if (typeof WebAssembly === "undefined") throw unavailable(`this runtime has no WebAssembly. ${CSP_ADVICE}`);
    const source = await read(find, "where it should be");
    if (source == null) throw unavailable("this entry has no WebAssembly of its own: pass it as `wasm`");
    const compiled = await compile(source, readFile);
    try {
      const { exports } = await WebAssembly.instantiate(compiled, { [`./${name}_bg.js`]: glue });
      glue.__wbg_set_wasm(exports);
      exports.__wbindgen_start();
    } catch (error) {
      // A module that asks for other imports.
      if (error instanceof WebAssembly.LinkError || (error instanceof TypeError && isModule(compiled)))
        throw mismatch("of another release, or another file of the package", error);
      throw unavailable(`the WebAssembly does not start: ${messageOf(error)}. ${CSP_ADVICE}`, error);
    }
    let found;
    try {
      found = glue.buildId();
    } catch (error) {
      throw mismatch("of another release", error);
    }
    if (found !== BUILD_ID) throw mismatch(found);
    return glue;
  }

  /**
   * Starts it, or joins the start under way. After a failure the next call tries again.
   *
   * @param {() => import("../index.d.ts").WasmSource | undefined} find says where the WebAssembly comes from
   * @param {((url: URL) => Promise<Uint8Array>) | undefined} readFile
   * @returns {Promise<Glue>} the bindings
   */
  function start(find, readFile) {
    starting ??= begin(find, readFile).catch((error) => {
      starting = undefined;
      throw error;
    });
    return starting;
  }

  /**
   * Calls into WebAssembly. A failure that it reports becomes a `RankerError`; anything else is a trap, after which
   * nothing in its memory can be trusted and nothing is called any more.
   *
   * @template T
   * @param {() => T} operation
   * @returns {T}
   */
  function call(operation) {
    if (trap) throw internal(trap);
    try {
      return operation();
    } catch (error) {
      if (Array.isArray(error)) {
        const [code, message, details] = toFailure(error);
        throw new RankerError(code, message, { details });
      }
      trap = error;
      console.warn("reshelve has failed and changes nothing from here on. Please report this:", error);
      throw internal(error);
    }
  }

  /**
   * Gives memory back. After a trap there is none to give.
   *
   * @param {() => void} operation
   */
  function release(operation) {
    if (!trap) call(operation);
  }

  return { start, call, release };
}

/** A compiled module. */
async function compile(source, readFile) {
  if (readFile && isFileUrl(source)) return compileBytes(await read(() => readFile(new URL(source)), source), source);
  if (isUrl(source)) return compileResponse(await read(() => fetch(source), source));
  if (isResponse(source)) return compileResponse(source);
  const bytes = toBytes(source);
  return bytes ? compileBytes(bytes, "what was given") : source;
}

async function read(get, source) {
  try {
    return await get();
  } catch (error) {
    throw unavailable(`cannot read the WebAssembly from ${source}: ${messageOf(error)}. ${FILE_ADVICE}`, error);
  }
}

async function compileResponse(response) {
  const from = response.url || "the response given";
  if (!response.ok) throw unavailable(`the WebAssembly is not at ${from}: status ${response.status}. ${FILE_ADVICE}`);
  // Streaming is refused under any other type, even under this one with a parameter; and many servers send another.
  const type = response.headers.get("content-type")?.trim().toLowerCase();
  if (type === "application/wasm" && WebAssembly.compileStreaming) {
    return compiling(() => WebAssembly.compileStreaming(response));
  }
  return compileBytes(new Uint8Array(await read(() => response.arrayBuffer(), from)), from);
}

function compileBytes(bytes, from) {
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== "\0asm")
    throw unavailable(`${from} is no WebAssembly. ${FILE_ADVICE}`);
  return compiling(() => WebAssembly.compile(bytes));
}

async function compiling(compile) {
  try {
    return await compile();
  } catch (error) {
    throw unavailable(`the WebAssembly does not compile: ${messageOf(error)}. ${CSP_ADVICE}`, error);
  }
}

function unavailable(message, cause) {
  return new RankerError("ERR_WASM_UNAVAILABLE", message, { cause });
}

function mismatch(found, cause) {
  const message =
    `the WebAssembly (${found}) does not belong to this JavaScript (${BUILD_ID}): a cache holds an old file. ` +
    "Reload without the cache, and give the file a name that changes with its content";
  return new RankerError("ERR_WASM_MISMATCH", message, { details: { expected: BUILD_ID, got: found }, cause });
}

function internal(cause) {
  return new RankerError("ERR_INTERNAL", `the WebAssembly has failed: ${messageOf(cause)}; reload to use it again`, {
    cause,
  });
}
