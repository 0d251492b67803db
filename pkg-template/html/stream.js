// Reorders the marked lists of an HTML page as it streams by. What is outside of a list flows on at once; a list is
// held back until it closes, and goes out as the same bytes with its items in another order.

import { invalidArgument } from "../lib/error.js";
import { toBytes } from "../lib/source.js";
import { orderOf, untouched } from "./list.js";
import { Tokenizer, decodeId, doneMark, joined } from "./marks.js";

/** A list of more bytes passes as it came: what is held back delays the page, and fills memory. */
const MAX_LIST_BYTES = 512 * 1024;

const encoder = new TextEncoder();

/** The `reorderHtml` of `index.d.ts`. */
export function reorderHtml(reorder, { maxListBytes = MAX_LIST_BYTES, onList } = {}) {
  if (typeof reorder !== "function") throw invalidArgument("`reorderHtml` takes a function that orders a list");
  if (!(maxListBytes >= 0)) throw invalidArgument("`maxListBytes` is a number of bytes from 0");
  const tokenizer = new Tokenizer();
  /** The list being held back, if the page is inside of one. */
  let list;

  /** Lets the list go: as it came, for a reason, or in its order. */
  function finish(pass, reason) {
    const { surface, ids } = list;
    const answer = reason ? untouched(surface, ids.length, reason) : orderOf(reorder, surface, ids);
    list.inOrder(answer.order).forEach(pass);
    list = undefined;
    report(onList, answer.report);
  }

  function take(token, pass) {
    if (token.kind === "open") {
      // A list that another one interrupts was never closed: it stays as it is.
      if (list) finish(pass, "unclosed");
      list = new List(token);
    } else if (list) {
      list.add(token);
      if (list.byteLength > maxListBytes) finish(pass, "too_large");
      else if (token.kind === "close") finish(pass);
    } else {
      pass(token.bytes);
    }
  }

  /** Sends what passes as one chunk: each costs a runtime more than copying it. */
  function send(pieces, controller) {
    const bytes = joined(pieces);
    if (bytes.length > 0) controller.enqueue(bytes);
  }

  return new TransformStream({
    transform(chunk, controller) {
      const bytes = toBytes(chunk);
      if (!bytes) throw invalidArgument("`reorderHtml` takes the bytes of a page: encode its text first");
      const pieces = [];
      for (const token of tokenizer.push(bytes)) take(token, (bytes) => pieces.push(bytes));
      send(pieces, controller);
    },
    flush(controller) {
      const pieces = [];
      const rest = tokenizer.end().bytes;
      if (list) finish((bytes) => pieces.push(bytes), "unclosed");
      send([...pieces, rest], controller);
    },
  });
}

/** A page does not break because its listener does. */
function report(onList, list) {
  try {
    onList?.(list);
  } catch (error) {
    console.warn("reshelve: `onList` has thrown", error);
  }
}

/** A list as far as it has come. */
class List {
  surface;
  byteLength = 0;
  #open;
  /** What stands between the mark that opens the list and its first item. */
  #head = [];
  /** @type {{ id: string, pieces: Uint8Array[] }[]} an item is its mark, and all up to the next mark */
  #items = [];
  /** The mark that closes the list. */
  #tail = [];

  constructor({ value, bytes }) {
    this.surface = value;
    this.#open = bytes;
    this.byteLength = bytes.length;
  }

  add({ kind, value, bytes }) {
    if (kind === "item") this.#items.push({ id: decodeId(value), pieces: [] });
    const part = kind === "close" ? this.#tail : (this.#items.at(-1)?.pieces ?? this.#head);
    part.push(bytes);
    this.byteLength += bytes.length;
  }

  get ids() {
    return this.#items.map(({ id }) => id);
  }

  /** @param {number[]} [order] places of the items to show; all as they came, and nothing else changed, without it */
  inOrder(order) {
    const items = order?.map((place) => this.#items[place]) ?? this.#items;
    const open = order ? encoder.encode(`<!--${doneMark(this.surface)}-->`) : this.#open;
    return [open, ...this.#head, ...items.flatMap(({ pieces }) => pieces), ...this.#tail];
  }
}
