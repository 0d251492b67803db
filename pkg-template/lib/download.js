import { RankerError, invalidArgument, messageOf } from "./error.js";
import { isFileUrl, isRequest, isResponse, isStream, isUrl, toBytes } from "./source.js";

/**
 * @typedef {object} Download
 * @property {string} [url] where they come from
 * @property {() => AsyncGenerator<Uint8Array>} chunks the bytes as they arrive
 * @property {() => void} cancel drops what has not arrived
 */

/**
 * Opens a source of bytes.
 *
 * @param {import("../index.d.ts").ModelSource} source
 * @param {AbortSignal | undefined} signal
 * @param {((url: URL) => Promise<Uint8Array>) | undefined} readFile
 * @returns {Promise<Download>}
 */
export async function open(source, signal, readFile) {
  const bytes = toBytes(source);
  if (bytes) return whole(bytes);
  if (readFile && isFileUrl(source)) {
    return { ...whole(await attempt(source, signal, () => readFile(new URL(source)))), url: String(source) };
  }
  if (isStream(source)) return streamed(source, "the stream given", signal);
  const awaited =
    isUrl(source) || isRequest(source) ? attempt(source, signal, () => fetch(source, { signal })) : source;
  const response = typeof awaited?.then === "function" ? await attempt(source, signal, () => awaited) : awaited;
  if (!isResponse(response)) {
    throw invalidArgument("loadModel needs an address, a Request, a Response, a stream or bytes");
  }
  const from = response.url || "the response given";
  if (!response.ok) {
    response.body?.cancel().catch(() => {});
    throw failed(from, `the server answered with status ${response.status}`, { status: response.status });
  }
  const download = response.body ? streamed(response.body, from, signal) : whole(new Uint8Array(0));
  return response.url ? { ...download, url: response.url } : download;
}

/**
 * What a promise gives, unless the signal is aborted before.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<T>}
 */
export async function unlessAborted(promise, signal) {
  if (!signal) return promise;
  let abort;
  const aborted = new Promise((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function whole(bytes) {
  return {
    async *chunks() {
      yield bytes;
    },
    cancel() {},
  };
}

function streamed(stream, from, signal) {
  let reader;
  const cancel = () => void reader?.cancel(signal?.reason).catch(() => {});
  return {
    async *chunks() {
      try {
        reader = stream.getReader();
      } catch (error) {
        throw failed(from, "it was read before", {}, error);
      }
      signal?.addEventListener("abort", cancel, { once: true });
      try {
        signal?.throwIfAborted();
        for (;;) {
          const { done, value } = await attempt(from, signal, () => reader.read());
          // A cancelled stream ends like a complete one.
          signal?.throwIfAborted();
          if (done) return;
          const chunk = toBytes(value);
          if (!chunk) throw failed(from, "its chunks are no bytes");
          yield chunk;
        }
      } finally {
        signal?.removeEventListener("abort", cancel);
      }
    },
    cancel: () => (reader ? cancel() : void stream.cancel?.().catch(() => {})),
  };
}

async function attempt(from, signal, step) {
  try {
    return await step();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RankerError) throw error;
    throw failed(isRequest(from) ? from.url : from, messageOf(error), {}, error);
  }
}

function failed(from, what, details = {}, cause) {
  const name = typeof from?.then === "function" ? "the response promised" : String(from);
  const message = `cannot download the model from ${name}: ${what}`;
  return new RankerError("ERR_MODEL_FETCH", message, { details: { url: name, ...details }, cause });
}
