import { RankerError, invalidArgument } from "../error.js";

const SYNTAX = /^(sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})$/;

/**
 * @param {string} integrity
 * @returns {{ algorithm: string, expected: string }}
 */
export function parseIntegrity(integrity) {
  const [, algorithm, expected] = SYNTAX.exec(String(integrity)) ?? [];
  if (!algorithm) throw invalidArgument("`integrity` must be sha256-, sha384- or sha512- and a digest in base64");
  return { algorithm, expected };
}

/**
 * @param {{ algorithm: string, expected: string }} digest
 * @param {Uint8Array} bytes
 */
export async function checkIntegrity({ algorithm, expected }, bytes) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw mismatch("it cannot be checked: pages need HTTPS for that", { expected });
  const digest = await subtle.digest(algorithm.replace("sha", "SHA-"), bytes);
  const got = btoa(String.fromCharCode(...new Uint8Array(digest)));
  if (got !== expected) throw mismatch(`it is ${algorithm}-${got}: the file has changed`, { expected, got });
}

function mismatch(what, details) {
  return new RankerError("ERR_MODEL_INTEGRITY", `the model has not the digest asked for; ${what}`, { details });
}
