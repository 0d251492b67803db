import type { About, Model, RecordedEvent, RestoreOptions, Restored } from "./index.js";
import type { Shopper } from "./shopper.js";

/** Encrypts tokens, so that whoever holds the cookie but not the key learns nothing from it. */
export interface Sealer {
  /**
   * Seals what `Session.token()` gave, with the first key: 160 characters of the alphabet of base64url, whatever the token
   * holds, and other ones each time.
   */
  seal(token: string): Promise<string>;
  /**
   * Opens it with whichever key fits; `undefined` if none does, the text was changed, or it is no sealed token. Never rejects.
   */
  open(text: string): Promise<OpenedToken | undefined>;
}

export interface OpenedToken {
  readonly token: string;
  /** Which key opened it, counted from 0. What is not of key 0 is to be sealed anew before that key is retired. */
  readonly key: number;
}

/**
 * Takes the keys of a {@link Sealer}: AES-256-GCM, by Web Crypto, with a random nonce of 96 bits for each token. So one key
 * is good for 2^32 tokens; change it long before. Keys belong where only the worker finds them, in a secret of its own.
 *
 * @param secrets 1 to 8 keys, 32 random bytes in base64 each (`openssl rand -base64 32`), the one to seal with first; in one
 *   text, between blanks or commas, or one by one
 * @param options `purpose`: what is sealed for one purpose, such as a shop or a stage, opens for no other, whatever the
 *   keys. Default empty.
 * @throws {RankerError} `ERR_INVALID_ARGUMENT`, as a rejection
 */
export declare function createSealer(
  secrets: string | Iterable<string>,
  options?: { purpose?: string },
): Promise<Sealer>;

export interface CookieName {
  /**
   * The cookie's name. Default `"reshelve"`. A name that begins with `__Host-` keeps other hosts of the same domain from
   * setting it; some browsers want HTTPS for it on `localhost` too.
   */
  name?: string;
}

/** What became of a cookie or a header. */
export interface TokenReading {
  /** What to give to `Model.session`, whose `restored` says what became of it. */
  readonly token?: string;
  /** Which key opened it; absent from a token that was not sealed. See {@link OpenedToken.key}. */
  readonly key?: number;
  /**
   * Why there is no token.
   * - `absent`: there is no such cookie, no such text
   * - `malformed`: it is neither a token nor a sealed one, by its length and characters
   * - `locked`: it is sealed, and there is no sealer
   * - `wrong_seal`: no key opens it: it was changed, forged, sealed for another purpose or with a key that is gone
   */
  readonly reason?: "absent" | "malformed" | "locked" | "wrong_seal";
}

/**
 * Reads the token out of a `Cookie` header, or out of `document.cookie`; sealed or not, as the page writes it and the worker
 * does. Never rejects. Of several cookies of the name the first one counts.
 */
export declare function readToken(
  header: string | null | undefined,
  options?: CookieName & { sealer?: Sealer | undefined },
): Promise<TokenReading>;

/** The same of a text by itself, as an app sends it in a header of its own. Never rejects. */
export declare function openToken(
  text: string | null | undefined,
  options?: { sealer?: Sealer | undefined },
): Promise<TokenReading>;

/** A `Cookie` header without the token, for an origin that is to see none. Empty if nothing is left. */
export declare function withoutToken(header: string | null | undefined, options?: CookieName): string;

export interface CookieOptions extends CookieName {
  /** Seconds until the browser forgets it, from 0. Default 1,800: a visit. What is in the token expires by itself, too. */
  maxAgeS?: number;
  /** The domain whose hosts all get it. Default: this host alone. */
  domain?: string;
}

/**
 * The line for `Set-Cookie`, or for `document.cookie`: `Path=/; SameSite=Lax; Secure`. It lets the page read and erase the
 * cookie, so that consent withdrawn erases it at once; sealing is what keeps others from reading it.
 *
 * @param value a token, a sealed one, or an empty text to erase the cookie
 * @throws {RankerError} `ERR_INVALID_ARGUMENT`
 */
export declare function tokenCookie(value: string, options?: CookieOptions): string;

/**
 * Keeps the cookie of this page as the session is and as the shopper has agreed: written with every change under the tiers
 * `session` and `persist`, erased under `none` and `off`, and left alone as long as nothing is known. So consent
 * withdrawn erases it, before the promise of `Shopper.consent` resolves. Where cookies are blocked nothing happens.
 *
 * @returns stops it; the cookie stays
 * @throws {RankerError} `ERR_INVALID_ARGUMENT`
 */
export declare function keepCookie(
  shopper: Pick<Shopper, "session" | "status" | "addEventListener" | "removeEventListener">,
  options?: CookieOptions,
): () => void;

/** What a token says, to be shown to the shopper. JSON-safe. */
export interface TokenContent extends About {
  /** Characters. */
  readonly length: number;
  /** What of it counts, and why not the rest. */
  readonly restored: Restored;
  /** Oldest first. */
  readonly events: readonly RecordedEvent[];
}

/**
 * Decodes a token through a session of the model. A token that does not count says why, in `restored`, and has no events.
 *
 * @throws {RankerError} `ERR_DISPOSED`, `ERR_INVALID_ARGUMENT`; `ERR_LEFT_OUT` with a model of `reshelve/slim`
 */
export declare function describeToken(model: Model, token: string, options?: RestoreOptions): TokenContent;
