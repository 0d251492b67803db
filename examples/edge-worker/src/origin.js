// The store's own page, the same for everyone: out of the cache, or from the origin, which is asked without the token.

import { withoutToken } from "reshelve/token";

/** A longer page is not kept: it would have to be held in memory until it has come to its end. */
const MAX_KEPT_BYTES = 2 * 1024 * 1024;

/** Whether an origin's answer says that anyone may be given it. */
const FOR_EVERYONE = /(^|[\s,])(public|s-maxage=[1-9])/i;

/**
 * @param {Request} request
 * @param {{ ORIGIN?: Fetcher }} env
 * @param {ExecutionContext} context
 * @returns {Promise<Response>}
 */
export async function originPage(request, env, context) {
  const asked = withoutItsToken(request);
  const origin = env.ORIGIN ?? globalThis;
  if (request.method !== "GET" || request.headers.has("authorization") || request.headers.has("range")) {
    return origin.fetch(asked);
  }
  const kept = await caches.default.match(asked).catch(() => undefined);
  if (kept) return kept;
  const response = await origin.fetch(asked);
  return isForEveryone(response) ? keptThrough(asked, response, context) : response;
}

/** The request as any other shopper would make it, in want of the whole page. */
function withoutItsToken(request) {
  const cookies = request.headers.get("cookie") ?? "";
  const others = withoutToken(cookies);
  if (others === cookies) return request;
  const headers = new Headers(request.headers);
  if (others === "") headers.delete("cookie");
  else headers.set("cookie", others);
  // What the browser has kept may be in another order.
  headers.delete("if-none-match");
  headers.delete("if-modified-since");
  return new Request(request, { headers });
}

function isForEveryone({ status, body, headers }) {
  const variesBy = (headers.get("vary") ?? "").toLowerCase().split(/[\s,]+/);
  return (
    status === 200 &&
    body !== null &&
    FOR_EVERYONE.test(headers.get("cache-control") ?? "") &&
    !headers.has("set-cookie") &&
    variesBy.every((name) => name === "" || name === "accept-encoding")
  );
}

/** The answer, kept once all of it has gone by: a page that did not come to its end is not the page. */
function keptThrough(asked, response, context) {
  let chunks = [];
  let byteLength = 0;
  const through = new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      byteLength += chunk.length;
      if (byteLength <= MAX_KEPT_BYTES) chunks.push(chunk);
      else chunks = [];
    },
    flush() {
      const keep = async () => caches.default.put(new Request(asked.url), new Response(new Blob(chunks), response));
      if (byteLength <= MAX_KEPT_BYTES) context.waitUntil(keep().catch(() => {}));
    },
  });
  return new Response(response.body.pipeThrough(through), response);
}
