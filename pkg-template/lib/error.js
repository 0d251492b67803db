/** A failure with a code; `index.d.ts` lists the codes. */
export class RankerError extends Error {
  /**
   * @param {import("../index.d.ts").ErrorCode} code
   * @param {string} message
   * @param {{ details?: Record<string, string | number>, cause?: unknown }} [options]
   */
  constructor(code, message, { details = {}, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "RankerError";
    this.code = code;
    this.details = details;
  }
}

/** @param {string} message */
export function invalidArgument(message) {
  return new RankerError("ERR_INVALID_ARGUMENT", message);
}

/**
 * Reads what was given; what that throws is a `RankerError`.
 *
 * @template T
 * @param {() => T} read
 * @returns {T}
 */
export function reading(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof RankerError) throw error;
    throw new RankerError("ERR_INVALID_ARGUMENT", messageOf(error), { cause: error });
  }
}

/**
 * Does something with what comes from an address; a `RankerError` of that names it.
 *
 * @template T
 * @param {string | undefined} url
 * @param {() => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function locating(url, use) {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof RankerError) || url === undefined || error.details.url !== undefined) throw error;
    const { code, message, details, cause } = error;
    throw new RankerError(code, `${url}: ${message}`, { details: { url, ...details }, cause });
  }
}

/** What a thrown value says, whatever it is. */
export function messageOf(error) {
  if (typeof error === "string") return error;
  return typeof error?.message === "string" ? error.message : "something was thrown that is no error";
}
