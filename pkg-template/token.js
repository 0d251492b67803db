// The token on its way between a page and a worker: in and out of the cookie, sealed so that only the store's worker can
// read it, and shown to the shopper.

import { invalidArgument } from "./lib/error.js";

/** The cookie, unless told otherwise. */
const NAME = "reshelve";
/** A visit: how long the cookie lives unless told otherwise, in seconds. */
const MAX_AGE_S = 30 * 60;

const MAX_TOKEN_LENGTH = 120;
const TOKEN = /^[\w-]{1,120}$/;
/** What RFC 6265 calls a token: what a cookie's name may consist of. */
const COOKIE_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const DOMAIN = /^\.?[a-z\d]([a-z\d.-]*[a-z\d])?$/i;

// A sealed token, before base64url: version (1 byte), nonce, ciphertext, tag. What is encrypted is the token's length (1
// byte), and the token's characters as the 6 bits that each stands for in base64url, filled up with zeros: so all sealed
// tokens are of one length, and say nothing of how much the shopper did.
const SEAL_VERSION = 1;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const PLAIN_LENGTH = 1 + (MAX_TOKEN_LENGTH * 6) / 8;
const SEALED_LENGTH = ((1 + NONCE_LENGTH + PLAIN_LENGTH + TAG_LENGTH) * 8) / 6;
const SEALED = new RegExp(`^[\\w-]{${SEALED_LENGTH}}$`);

const KEY_LENGTH = 32;
/** Keys in use at once: the newest, and those that cookies may still be sealed with. */
const MAX_KEYS = 8;

/** The `createSealer` of `token.d.ts`. */
export async function createSealer(secrets, { purpose = "" } = {}) {
  const given = typeof secrets === "string" ? secrets.split(/[\s,]+/) : Array.from(secrets ?? [], String);
  const texts = given.filter((text) => text !== "");
  if (texts.length === 0 || texts.length > MAX_KEYS) {
    throw invalidArgument(`a sealer takes 1 to ${MAX_KEYS} keys, not ${texts.length}`);
  }
  const keys = await Promise.all(texts.map(importKey));
  const additionalData = new TextEncoder().encode(`reshelve token\0${SEAL_VERSION}\0${purpose}`);
  const algorithm = (iv) => ({ name: "AES-GCM", iv, additionalData, tagLength: TAG_LENGTH * 8 });
  return {
    async seal(token) {
      if (!isToken(token)) throw invalidArgument("only what `session.token()` gives can be sealed");
      const plain = new Uint8Array([token.length, ...toBytes(token.padEnd(MAX_TOKEN_LENGTH, "A"))]);
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_LENGTH));
      const encrypted = await crypto.subtle.encrypt(algorithm(nonce), keys[0], plain);
      return toText([SEAL_VERSION, ...nonce, ...new Uint8Array(encrypted)]);
    },
    async open(text) {
      if (!isSealed(text)) return undefined;
      const bytes = toBytes(text);
      if (bytes[0] !== SEAL_VERSION) return undefined;
      const nonce = bytes.subarray(1, 1 + NONCE_LENGTH);
      const encrypted = bytes.subarray(1 + NONCE_LENGTH);
      for (const [key, secret] of keys.entries()) {
        const plain = await crypto.subtle.decrypt(algorithm(nonce), secret, encrypted).catch(() => undefined);
        if (!plain) continue;
        const [length, ...packed] = new Uint8Array(plain);
        const token = toText(packed).slice(0, length);
        return isToken(token) ? { token, key } : undefined;
      }
      return undefined;
    },
  };
}

async function importKey(text, index) {
  const advice = "make one with `openssl rand -base64 32`";
  let bytes;
  try {
    bytes = toBytes(text.replace(/=+$/, ""));
  } catch {
    throw invalidArgument(`key ${index + 1} is not base64; ${advice}`);
  }
  if (bytes.length !== KEY_LENGTH) {
    throw invalidArgument(`key ${index + 1} has ${bytes.length} bytes, not ${KEY_LENGTH}; ${advice}`);
  }
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** The `readToken` of `token.d.ts`. */
export function readToken(header, { name = NAME, sealer } = {}) {
  return openToken(valueOf(header, name), { sealer });
}

/** The `openToken` of `token.d.ts`. */
export async function openToken(text, { sealer } = {}) {
  if (text === undefined || text === null) return { reason: "absent" };
  if (isToken(text)) return { token: text };
  if (!isSealed(text)) return { reason: "malformed" };
  if (!sealer) return { reason: "locked" };
  const opened = await sealer.open(text).catch(() => undefined);
  return opened ?? { reason: "wrong_seal" };
}

/** The first cookie of that name: of several, browsers send the one with the longest path first. */
function valueOf(header, name) {
  const pairs = String(header ?? "")
    .split(";")
    .map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** The `withoutToken` of `token.d.ts`. */
export function withoutToken(header, { name = NAME } = {}) {
  if (valueOf(header, name) === undefined) return header ?? "";
  const pairs = header.split(";").map((pair) => pair.trim());
  return pairs.filter((pair) => pair !== "" && !pair.startsWith(`${name}=`)).join("; ");
}

/** The `tokenCookie` of `token.d.ts`. */
export function tokenCookie(value, { name = NAME, maxAgeS = MAX_AGE_S, domain } = {}) {
  if (value !== "" && !isToken(value) && !isSealed(value)) {
    throw invalidArgument("a cookie takes a token, a sealed one, or an empty text to erase it");
  }
  if (!COOKIE_NAME.test(name)) throw invalidArgument(`${JSON.stringify(name)} is no name for a cookie`);
  if (!Number.isInteger(maxAgeS) || maxAgeS < 0) throw invalidArgument("`maxAgeS` is a whole number of seconds from 0");
  if (domain !== undefined && !DOMAIN.test(domain)) throw invalidArgument(`${JSON.stringify(domain)} is no domain`);
  if (domain !== undefined && /^__host-/i.test(name)) {
    throw invalidArgument("a cookie whose name begins with `__Host-` has no domain");
  }
  const age = value === "" ? 0 : maxAgeS;
  const scope = domain === undefined ? "" : `; Domain=${domain}`;
  return `${name}=${value}; Path=/${scope}; Max-Age=${age}; SameSite=Lax; Secure`;
}

/** The `keepCookie` of `token.d.ts`. */
export function keepCookie(shopper, options) {
  // Wrong options are refused here, and not where nobody listens.
  const erased = tokenCookie("", options);
  const mayStore = () => ["session", "persist"].includes(shopper.status.tier);
  const write = () => {
    if (!shopper.status.isDecided) return;
    try {
      const isWanted = mayStore() && shopper.session.isPersonal;
      document.cookie = isWanted ? tokenCookie(shopper.session.token(), options) : erased;
    } catch {
      // A frame without cookies, as a sandbox makes it, or a session that was disposed of.
    }
  };
  // What an earlier visit has left. A cookie that may stay is not touched before something has changed: it may be sealed.
  if (!mayStore() || valueOf(readCookies(), options?.name ?? NAME) === undefined) write();
  shopper.addEventListener("change", write);
  return () => shopper.removeEventListener("change", write);
}

/** The `describeToken` of `token.d.ts`. */
export function describeToken(model, token, options) {
  const session = model.session(token, options);
  try {
    return { length: token.length, restored: session.restored, events: session.events(), ...session.about(options) };
  } finally {
    session.dispose();
  }
}

/** The page's cookies; none in a frame that may have none. */
function readCookies() {
  try {
    return document.cookie;
  } catch {
    return "";
  }
}

function isToken(text) {
  return typeof text === "string" && TOKEN.test(text);
}

function isSealed(text) {
  return typeof text === "string" && SEALED.test(text);
}

/** Of base64url or base64, without padding. */
function toBytes(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** To base64url. */
function toText(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
