import { checkIntegrity, parseIntegrity } from "./integrity.js";
import { RankerError, invalidArgument, locating } from "../error.js";
import { Model } from "./model.js";
import { open, unlessAborted } from "../download.js";
import { isFileUrl, isRequest, isUrl } from "../source.js";
import { call, release, startWasm } from "./wasm.js";

/** Default of the `maxMemory` option, in bytes. */
const MAX_MEMORY = 64 * 1024 * 1024;

/**
 * Makes the `loadModel` of an entry.
 *
 * @param {object} entry
 * @param {() => import("../../index.d.ts").WasmSource} [entry.wasm] where the WebAssembly is, unless an option says
 * @param {(url: URL) => Promise<Uint8Array>} [entry.readFile] reads `file:` addresses, where `fetch` does not
 * @returns {typeof import("../../index.d.ts").loadModel}
 */
export function createLoadModel({ wasm, readFile }) {
  return async function loadModel(source, options = {}) {
    const { signal, maxMemory = MAX_MEMORY, onProgress } = options;
    signal?.throwIfAborted();
    if (isDownload(source)) heedSaveData(options);
    if (typeof maxMemory !== "number") throw invalidArgument("`maxMemory` is a number of bytes");
    const digest = options.integrity === undefined ? undefined : parseIntegrity(options.integrity);
    // Both downloads run at once; what is left of one is dropped when the other fails.
    const opening = open(source, signal, readFile);
    const starting = startWasm(() => options.wasm ?? wasm?.(), readFile);
    let bindings, download;
    try {
      [bindings, download] = await unlessAborted(Promise.all([starting, opening]), signal);
    } catch (error) {
      opening.then((download) => download.cancel()).catch(() => {});
      throw error;
    }
    const loader = call(() => new bindings.ModelLoader(maxMemory));
    const read = async () => {
      let loaded = 0;
      let total;
      for await (const chunk of download.chunks()) {
        total = call(() => loader.append(chunk)) ?? total;
        loaded += chunk.byteLength;
        onProgress?.(loaded, total);
      }
      if (digest)
        await checkIntegrity(
          digest,
          call(() => loader.bytes()),
        );
      signal?.throwIfAborted();
      return new Model(call(() => loader.finish()));
    };
    try {
      return await locating(download.url, read);
    } catch (error) {
      download.cancel();
      throw error;
    } finally {
      release(() => loader.free());
    }
  };
}

/**
 * Refuses to download where the browser asks to save data.
 *
 * @param {import("../../index.d.ts").LoadOptions} options
 */
export function heedSaveData({ ignoreSaveData }) {
  if (ignoreSaveData || !globalThis.navigator?.connection?.saveData) return;
  const message = "the browser asks to save data: the model is not downloaded. `ignoreSaveData` loads it all the same";
  throw new RankerError("ERR_SAVE_DATA", message);
}

function isDownload(source) {
  return isRequest(source) || (isUrl(source) && !isFileUrl(source));
}
