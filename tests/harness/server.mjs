// A static server for the demo store and for the browser tests: sirv, the content security policy that the store
// promises, and a log of what was asked for. `node tests/harness/server.mjs FOLDER [PORT]` serves one folder.

import { once } from "node:events";
import { createServer } from "node:http";
import path from "node:path";
import sirv from "sirv";

/** What the demo store's pages are allowed. WebAssembly may be compiled; nothing may come from elsewhere. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Ports that were served on: a browser keeps what it stores by origin, and the system gives a port out again. */
const served = new Set();

/** Types of files that sirv does not know. */
const CONTENT_TYPES = {
  ".shelf": "application/octet-stream",
  ".rules": "application/octet-stream",
  ".jsonl": "application/jsonl; charset=utf-8",
};

/**
 * Serves folders on 127.0.0.1.
 *
 * @param {string | Record<string, string>} folders one folder, or one per path prefix: `{ "/": site, "/golden/": … }`
 * @param {{ port?: number, headers?: Record<string, string> }} [options] `port` 0, the default, takes a free one
 *   that this process has not served on yet; `headers` go out with every answer, over the content security policy
 *   if they name it
 * @returns {Promise<{ url: string, requests: string[], close(): Promise<void> }>} `url` has no slash at its end;
 *   `requests` grows by one path, with its query, a request
 */
export async function serve(folders, { port = 0, headers = {} } = {}) {
  const prefixes = typeof folders === "string" ? { "/": folders } : folders;
  const all = { "Content-Security-Policy": CONTENT_SECURITY_POLICY, "X-Content-Type-Options": "nosniff", ...headers };
  const mounts = Object.entries(prefixes)
    .sort(([left], [right]) => right.length - left.length)
    .map(([prefix, folder]) => ({ prefix, answer: sirv(folder, { dev: true, etag: true, setHeaders }) }));
  const requests = [];

  const server = createServer((request, response) => {
    requests.push(request.url);
    for (const [name, value] of Object.entries(all)) response.setHeader(name, value);
    const mount = mounts.find(({ prefix }) => request.url.startsWith(prefix));
    const missing = () => {
      response.statusCode = 404;
      response.end();
    };
    if (!mount) return missing();
    request.url = "/" + request.url.slice(mount.prefix.length);
    mount.answer(request, response, missing);
  });
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  const listen = () => once(server.listen(port, "127.0.0.1"), "listening");
  await listen();
  while (port === 0 && served.has(server.address().port)) {
    await close();
    await listen();
  }
  served.add(server.address().port);

  return { url: `http://127.0.0.1:${server.address().port}`, requests, close };
}

function setHeaders(response, file) {
  const type = CONTENT_TYPES[path.extname(file)];
  if (type) response.setHeader("Content-Type", type);
}

if (process.argv[1] === import.meta.filename) {
  const [folder, port = "0"] = process.argv.slice(2);
  try {
    const { url } = await serve(folder, { port: Number(port) });
    console.log(`serving on ${url}/ (Ctrl-C ends it)`);
  } catch (error) {
    if (error.code !== "EADDRINUSE") throw error;
    console.log(`error: port ${port} is taken; choose another with --port, or 0 for any free one`);
    process.exitCode = 1;
  }
}
