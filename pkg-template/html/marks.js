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

const MARK = /^<!-- (?:(reshelve|item):([^ \t\r\n\f<>]+)|\/reshelve) -->$/;
const KINDS = { reshelve: "open", item: "item" };

/** What a mark may be before all of it is there. */
const BEGINNINGS = ["<!-- reshelve:", "<!-- item:", "<!-- /reshelve --"];
const BEGINNING = /^<!-- (?:reshelve|item):[^ \t\r\n\f<>]+(?: -{0,2})?$/;

const decoder = new TextDecoder();
const [LESS_THAN, EXCLAMATION_MARK, GREATER_THAN] = new TextEncoder().encode("<!>");

/**
 * @typedef {object} Mark
 * @property {"open" | "item" | "close"} kind
 * @property {string} [value] the surface, or the id as written
 */

/**
 * Finds the marks in a stretch of a page. What is asked of each byte is left to the engine: a loop would be slow until it
 * is compiled, and a young worker has seen few pages.
 *
 * @param {Uint8Array} bytes
 * @returns {{ marks: (Mark & { start: number, end: number })[], decided: number }} `decided`: from here on it may be the
 *   beginning of a mark; fewer bytes than the longest mark has
 */
export function findMarks(bytes) {
  const marks = [];
  let second = bytes.indexOf(EXCLAMATION_MARK);
  for (; second >= 0; second = bytes.indexOf(EXCLAMATION_MARK, second + 1)) {
    const start = second - 1;
    if (bytes[start] !== LESS_THAN) continue;
    const most = bytes.subarray(start, start + MAX_MARK_BYTES);
    const length = most.indexOf(GREATER_THAN) + 1;
    const mark = markOf(decoder.decode(most.subarray(0, length)));
    if (mark) marks.push(Object.assign(mark, { start, end: start + length }));
  }
  // A mark has one `<`, and ends with its `>`.
  const last = bytes.lastIndexOf(LESS_THAN);
  const isDecided =
    last < 0 || bytes.length - last >= MAX_MARK_BYTES || !mayBegin(decoder.decode(bytes.subarray(last)));
  return { marks, decided: isDecided ? bytes.length : last };
}

/** Whether the text may go on to be a mark. */
function mayBegin(text) {
  return BEGINNINGS.some((beginning) => beginning.startsWith(text)) || BEGINNING.test(text);
}

/**
 * @param {string} text of a comment
 * @returns {Mark | undefined} the mark that the comment is
 */
export function markOf(text) {
  const found = MARK.exec(text);
  return found ? { kind: KINDS[found[1]] ?? "close", value: found[2] } : undefined;
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
