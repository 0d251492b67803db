// Stands between the shoppers and the store's origin, and puts listings into the order of the session that a cookie
// carries. The origin is asked the same thing for everyone, so its pages stay cacheable. Whatever goes wrong here, the
// shopper gets the origin's page.

import { RankerError, loadModel } from "reshelve";
import { reorderHtml } from "./html.js";
import { reorderJson } from "./json.js";

/**
 * @template {{ id: string, score?: number }} Item
 * @typedef {(surface: string, items: Item[]) => Item[]} Reorder the same items in another order; never throws
 */

/** The cookie that the page sets: `reshelve=` and what `session.token()` gave. */
const COOKIE = /(?:^|;)\s*reshelve=([^;]*)/;
/** What a token looks like. Anything else is not worth loading a model for. */
const TOKEN = /^[\w-]{1,120}$/;

/** The model among the worker's static assets; their binding ignores the host. */
const MODEL = "https://assets/store.shelf";
/** Time from a failed load to the next one, in milliseconds. */
const RETRY_MS = 10_000;

/** By media type. */
const TRANSFORMS = new Map([
  ["text/html", reorderHtml],
  ["application/json", reorderJson],
]);

/** Headers that speak of the origin's bytes, or would let them be kept; untrue of a page made for one shopper. */
const HEADERS_OF_THE_ORIGINAL = [
  "accept-ranges",
  "age",
  "cdn-cache-control",
  "cloudflare-cdn-cache-control",
  "content-digest",
  "content-length",
  "etag",
  "expires",
  "last-modified",
  "repr-digest",
  "surrogate-control",
];

export default {
  /**
   * @param {Request} request
   * @param {{ ASSETS: Fetcher, ORIGIN?: Fetcher, MODEL_TIMEOUT_MS: number }} env see `wrangler.toml`
   * @param {ExecutionContext} context
   */
  async fetch(request, env, context) {
    const token = request.headers.get("cookie")?.match(COOKIE)?.[1];
    // The model loads while the origin answers.
    const store = TOKEN.test(token ?? "") ? storeModel(env, context) : { reason: "unreadable_token" };
    const original = token === undefined ? request : withoutToken(request);
    const response = await (env.ORIGIN ?? globalThis).fetch(original);
    if (request.method !== "GET" || !isListing(response)) return response;

    const headers = new Headers(response.headers);
    // Also without the cookie: a browser must not answer from its cache once the shopper has one.
    headers.append("vary", "cookie");
    if (token === undefined) return withHeaders(response, headers);

    const { reorder, reason } = reorderFor(token, await store);
    headers.append("server-timing", `reshelve;desc="${reason ?? "on"}"`);
    if (!reorder) return withHeaders(response, headers);

    for (const name of HEADERS_OF_THE_ORIGINAL) headers.delete(name);
    headers.set("cache-control", "private, no-store");
    const transform = TRANSFORMS.get(mediaType(response))(reorder);
    return withHeaders(response, headers, response.body.pipeThrough(transform));
  },
};

/** The request as any other shopper would make it, in want of the whole page. The origin never sees the token. */
function withoutToken(request) {
  const headers = new Headers(request.headers);
  const others = headers
    .get("cookie")
    .split(";")
    .filter((cookie) => !COOKIE.test(cookie));
  if (others.length > 0) headers.set("cookie", others.join(";").trim());
  else headers.delete("cookie");
  // What the browser has kept may be in another order.
  headers.delete("if-none-match");
  headers.delete("if-modified-since");
  return new Request(request, { headers });
}

/** Whether there may be something to reorder, and it is allowed. */
function isListing(response) {
  const isFixed = response.headers.get("cache-control")?.toLowerCase().includes("no-transform");
  return response.status === 200 && response.body !== null && TRANSFORMS.has(mediaType(response)) && !isFixed;
}

function mediaType(response) {
  return response.headers.get("content-type")?.split(";")[0].trim().toLowerCase() ?? "";
}

function withHeaders({ status, statusText, body }, headers, newBody = body) {
  return new Response(newBody, { status, statusText, headers });
}

/** The load under way or done, shared by all requests of the isolate. */
let loading;
/** When to load, in milliseconds since the Unix epoch. */
let loadAt = 0;

/** @returns {Promise<{ model?: import("reshelve").Model, reason?: string }>} `reason` says why there is no model */
function storeModel(env, context) {
  if (Date.now() >= loadAt) {
    loadAt = Infinity;
    loading = load(env);
    // Others wait for it too: it must not end with the request that began it.
    context.waitUntil(loading);
  }
  return loading;
}

async function load(env) {
  try {
    const signal = AbortSignal.timeout(env.MODEL_TIMEOUT_MS);
    return { model: await loadModel(env.ASSETS.fetch(MODEL, { signal }), { signal }) };
  } catch (error) {
    loadAt = Date.now() + RETRY_MS;
    return { reason: reasonOf(error) };
  }
}

function reasonOf(error) {
  return error instanceof RankerError ? error.code : error.name;
}

/**
 * What reorders for a token; or the reason why nothing does.
 *
 * @returns {{ reorder?: Reorder, reason?: string }}
 */
function reorderFor(token, { model, reason }) {
  if (!model) return { reason };
  // A session for each list, and none while the page streams: a shopper who leaves half-way leaves nothing behind.
  const withSession = (use) => {
    const session = model.session(token);
    try {
      return use(session);
    } finally {
      session.dispose();
    }
  };
  const rerank = (surface, items) => {
    const baseScore = items.every(({ score }) => Number.isFinite(score)) ? ({ score }) => score : undefined;
    return withSession((session) => session.rerank(items, { surface, itemId: ({ id }) => id, baseScore }).items);
  };
  try {
    if (withSession((session) => session.events().length) === 0) return { reason: "empty_session" };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
  return {
    reorder(surface, items) {
      try {
        return rerank(surface, items);
      } catch {
        return items;
      }
    },
  };
}
