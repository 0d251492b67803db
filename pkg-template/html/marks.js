// The marks of a list, in the bytes of a page that arrives in pieces and in the comments of a document. They are HTML
// comments, written exactly so:
//
//   <!-- reshelve:category -->   opens a list; the word names the surface
//   <!-- item:ID -->             stands before each item; ID is `encodeURIComponent` of the item's id
//   <!-- /reshelve -->           closes the list
//
// A list that was put into another order opens with `reshelved:` instead, so that nothing reorders it a second time.
//
// In a stream bytes are compared, nothing is parsed: no page can break this, and this can break no page. It holds for
// every encoding in which these characters are their ASCII bytes; that is all that the web uses but UTF-16.

/** The longest mark, in bytes: an id of 1,024 bytes, each escaped as three. What is longer is no mark. */
const MAX_MARK_BYTES = 3 * 1024 + 32;

const OPENINGS = { open: " reshelve:", item: " item:", close: " /reshelve" };
const COMMENT = /^ (reshelve:|item:|\/reshelve)([^ \t\r\n\f<>]*) $/;
const KINDS = { "reshelve:": "open", "item:": "item", "/reshelve": "close" };

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const ENCODED = Object.entries(OPENINGS).map(([kind, text]) => ({ kind, bytes: encoder.encode(`<!--${text}`) }));
const CLOSING = encoder.encode(" -->");
const WORD_ENDS = new Set(encoder.encode(" \t\r\n\f<>"));
const [LESS_THAN, EXCLAMATION_MARK] = ENCODED[0].bytes;

/** The mark that begins here may go on in the next chunk. */
const UNDECIDED = Symbol("undecided");

/**
 * @typedef {object} Token
 * @property {Uint8Array} bytes a stretch of the page; all tokens' bytes in a row are the page
 * @property {"open" | "item" | "close"} [kind] absent from what is no mark
 * @property {string} [value] the surface, or the id as written
 */

/** Cuts a page into marks and what is between them. */
export class Tokenizer {
  /** The last bytes, where they may be the beginning of a mark: fewer than the longest mark has. */
  #undecided = new Uint8Array(0);

  /**
   * @param {Uint8Array} chunk the next bytes of the page
   * @returns {Generator<Token>}
   */
  *push(chunk) {
    const bytes = joined([this.#undecided, chunk]);
    let passed = 0;
    let at = nextComment(bytes, 0);
    while (at < bytes.length) {
      const mark = markAt(bytes, at);
      if (mark === UNDECIDED) break;
      if (mark) {
        if (at > passed) yield { bytes: bytes.subarray(passed, at) };
        yield mark;
        passed = at + mark.bytes.length;
      }
      at = nextComment(bytes, Math.max(at + 1, passed));
    }
    if (at > passed) yield { bytes: bytes.subarray(passed, at) };
    this.#undecided = bytes.slice(at);
  }

  /** @returns {Token} what is left at the end of the page */
  end() {
    return { bytes: this.#undecided };
  }
}

/**
 * Where the next `<!` is from a place on, or a `<` at the end; the end if there is none. Looks for the second byte, which is
 * rarer in pages.
 */
function nextComment(bytes, from) {
  let second = from;
  do second = bytes.indexOf(EXCLAMATION_MARK, second + 1);
  while (second > 0 && bytes[second - 1] !== LESS_THAN);
  if (second > 0) return second - 1;
  return bytes.at(-1) === LESS_THAN ? bytes.length - 1 : bytes.length;
}

/** @returns {Token | typeof UNDECIDED | undefined} the mark that begins at this place */
function markAt(bytes, at) {
  for (const { kind, bytes: opening } of ENCODED) {
    const alike = commonLength(bytes, at, opening);
    if (at + alike === bytes.length) return UNDECIDED;
    if (alike < opening.length) continue;
    const start = at + opening.length;
    const end = endOfWord(bytes, start, at + MAX_MARK_BYTES);
    const closed = commonLength(bytes, end, CLOSING);
    if (end + closed === bytes.length && closed < CLOSING.length) return UNDECIDED;
    if (closed < CLOSING.length || (kind === "close") !== (start === end)) return undefined;
    return { kind, value: decoder.decode(bytes.subarray(start, end)), bytes: bytes.subarray(at, end + CLOSING.length) };
  }
  return undefined;
}

/** Where the bytes without blank or angle bracket end. `limit` bounds the search. */
function endOfWord(bytes, start, limit) {
  let end = start;
  while (end < bytes.length && end < limit && !WORD_ENDS.has(bytes[end])) end++;
  return end;
}

/** How many bytes from `at` on are those of `expected`. */
function commonLength(bytes, at, expected) {
  let length = 0;
  while (length < expected.length && bytes[at + length] === expected[length]) length++;
  return length;
}

/**
 * @param {Uint8Array[]} pieces
 * @returns {Uint8Array} all of them, one behind the other; no copy where only one has bytes
 */
export function joined(pieces) {
  const filled = pieces.filter(({ length }) => length > 0);
  if (filled.length === 1) return filled[0];
  const all = new Uint8Array(filled.reduce((length, piece) => length + piece.length, 0));
  let end = 0;
  for (const piece of filled) {
    all.set(piece, end);
    end += piece.length;
  }
  return all;
}

/**
 * @param {string} comment what stands between `<!--` and `-->`
 * @returns {{ kind: "open" | "item" | "close", value: string } | undefined} the mark that the comment is
 */
export function markOf(comment) {
  const [, opening, value] = COMMENT.exec(comment) ?? [];
  if (opening === undefined || (opening === "/reshelve") !== (value === "")) return undefined;
  return { kind: KINDS[opening], value };
}

/**
 * What opens a list once its items stand in another order.
 *
 * @param {string} surface
 */
export function doneMark(surface) {
  return ` reshelved:${surface} `;
}

/** An id that does not decode is taken as written: the model will not know it, and its item keeps its place. */
export function decodeId(value) {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
