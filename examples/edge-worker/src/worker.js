// Stands between the shoppers and the store's origin, and puts listings into the order of the session that a cookie
// carries. The origin is asked the same thing for everyone, and its pages are kept. Whatever goes wrong here, the shopper
// gets the origin's page.

import { RankerError, loadModel } from "reshelve";
import { reorderBytes, reorderHtml } from "reshelve/html";
import { createSealer, readToken, tokenCookie } from "reshelve/token";
import { reorderJson } from "./json.js";
import { originPage } from "./origin.js";
import { inLargePieces } from "./pieces.js";

/** Model and rules are static assets of the worker; their binding ignores the host. */
const MODEL = "https://assets/store.shelf";
const RULES = "https://assets/store.rules";
/** Time from a failed load to the next one, in milliseconds. */
const RETRY_MS = 10_000;

/** A longer page streams also out of the cache, so that memory holds little of it. */
const MAX_WHOLE_BYTES = 512 * 1024;

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
  "cf-cache-status",
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
   * @param {{ ASSETS: Fetcher, ORIGIN?: Fetcher, MODEL_TIMEOUT_MS: number, TOKEN_KEYS?: string }} env see `wrangler.toml`
   * @param {ExecutionContext} context
   */
  async fetch(request, env, context) {
    context.passThroughOnException();
    const { sealer, token, key, reason } = await readCookie(request, env);
    // The model loads while the origin answers.
    const store = token === undefined ? { reason } : storeModel(env, context);
    const response = await originPage(request, env, context);
    if (request.method !== "GET" || !isListing(response)) return response;

    const headers = new Headers(response.headers);
    // Also without the cookie: a browser must not answer from its cache once the shopper has one.
    headers.append("vary", "cookie");
    if (reason === "absent") return withHeaders(response, headers);

    const order = orderFor(token, await store);
    headers.append("server-timing", `reshelve;desc="${order.reason ?? "on"}"`);
    if (!order.reorder) return withHeaders(response, headers);

    for (const name of HEADERS_OF_THE_ORIGINAL) headers.delete(name);
    headers.set("cache-control", "private, no-store");
    // As of when, so that a page can say why its items stand where they stand.
    headers.append("server-timing", `reshelve-now;desc="${order.now}"`);
    if (sealer && key !== 0) headers.append("set-cookie", tokenCookie(await sealer.seal(token)));
    return withHeaders(response, headers, await reordered(response, order.reorder));
  },
};

/** The token, or the reason why there is none; and what seals the next one, where the store has keys for it. */
async function readCookie(request, { TOKEN_KEYS }) {
  try {
    const purpose = new URL(request.url).hostname;
    const sealer = TOKEN_KEYS ? await createSealer(TOKEN_KEYS, { purpose }) : undefined;
    return { sealer, ...(await readToken(request.headers.get("cookie"), { sealer })) };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** Whether there may be something to reorder, and it is allowed. */
function isListing(response) {
  const isFixed = response.headers.get("cache-control")?.toLowerCase().includes("no-transform");
  return response.status === 200 && response.body !== null && TRANSFORMS.has(mediaType(response)) && !isFixed;
}

/** The body in another order. */
async function reordered(response, reorder) {
  const type = mediaType(response);
  if (type === "text/html" && isAtHand(response)) return reorderBytes(await response.arrayBuffer(), reorder);
  return inLargePieces(response).body.pipeThrough(TRANSFORMS.get(type)(reorder));
}

/** Whether a cache has all of it: no head to send ahead of the rest, and the steps of a stream would take longer. */
function isAtHand({ headers }) {
  const byteLength = Number(headers.get("content-length") ?? Infinity);
  const isCached = headers.get("cf-cache-status") === "HIT" && !headers.has("content-encoding");
  return isCached && byteLength <= MAX_WHOLE_BYTES;
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
    const [model, rules] = await Promise.all([
      loadModel(env.ASSETS.fetch(MODEL, { signal }).then(inLargePieces), { signal }),
      env.ASSETS.fetch(RULES, { signal }),
    ]);
    // Without such a file those of the model hold. One that is not sound is a failure: no order but by the store's rules.
    if (rules.ok) model.useRules(await rules.arrayBuffer());
    return { model };
  } catch (error) {
    loadAt = Date.now() + RETRY_MS;
    return { reason: reasonOf(error) };
  }
}

function reasonOf(error) {
  return error instanceof RankerError ? error.code : error.name;
}

/**
 * What reorders for a token, and as of when; or the reason why nothing does.
 *
 * @returns {{ reorder?: import("reshelve/html").Reorder, now?: number, reason?: string }}
 */
function orderFor(token, { model, reason }) {
  if (!model) return { reason };
  const now = Date.now();
  // A session for each list, and none while the page streams: a shopper who leaves half-way leaves nothing behind.
  const withSession = (use) => {
    const session = model.session(token, { now });
    try {
      return use(session);
    } finally {
      session.dispose();
    }
  };
  const reorder = (surface, items) => {
    const baseScore = items.every(({ score }) => Number.isFinite(score)) ? ({ score }) => score : undefined;
    return withSession((session) => session.rerank(items, { surface, itemId: ({ id }) => id, baseScore, now }));
  };
  try {
    const { isPersonal, restored } = withSession(({ isPersonal, restored }) => ({ isPersonal, restored }));
    return isPersonal ? { reorder, now } : { reason: restored.reason ?? "empty_session" };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}
