// Reorders the marked lists of an HTML page as it streams by. What is outside of a list flows on at once; a list is
// held back until it closes, and goes out as the same bytes with its items in another order.

import { Tokenizer } from "./markers.js";

/** A list of more bytes passes as it came: what is held back delays the page, and fills memory. */
const MAX_LIST_BYTES = 512 * 1024;

/**
 * @param {import("./worker.js").Reorder} reorder
 * @returns {TransformStream<Uint8Array, Uint8Array>}
 */
export function reorderHtml(reorder) {
  const tokenizer = new Tokenizer();
  /** The list being held back, if the page is inside of one. */
  let list;

  function take(token, pass) {
    if (token.kind === "open") {
      // A list that another one interrupts was never closed: it stays as it is.
      list?.pieces.forEach(pass);
      list = new List(token);
    } else if (list) {
      list.add(token);
      if (list.isTooLarge) {
        list.pieces.forEach(pass);
        list = undefined;
      } else if (token.kind === "close") {
        list.reordered(reorder).forEach(pass);
        list = undefined;
      }
    } else {
      pass(token.bytes);
    }
  }

  return new TransformStream({
    transform(chunk, controller) {
      for (const token of tokenizer.push(chunk)) take(token, (bytes) => controller.enqueue(bytes));
    },
    flush(controller) {
      const pass = (bytes) => bytes.length > 0 && controller.enqueue(bytes);
      list?.pieces.forEach(pass);
      pass(tokenizer.end().bytes);
    },
  });
}

/** A list as far as it has come. */
class List {
  #surface;
  #byteLength = 0;
  /** The mark that opens the list, and what stands before its first item. */
  #head = [];
  /** @type {{ id: string, pieces: Uint8Array[] }[]} an item is its mark, and all up to the next mark */
  #items = [];
  /** The mark that closes the list. */
  #tail = [];

  constructor(open) {
    this.#surface = open.value;
    this.add(open);
  }

  add({ kind, value, bytes }) {
    if (kind === "item") this.#items.push({ id: decodeId(value), pieces: [] });
    const part = kind === "close" ? this.#tail : (this.#items.at(-1)?.pieces ?? this.#head);
    part.push(bytes);
    this.#byteLength += bytes.length;
  }

  get isTooLarge() {
    return this.#byteLength > MAX_LIST_BYTES;
  }

  /** What has come, as it came. */
  get pieces() {
    return this.#inOrder(this.#items);
  }

  reordered(reorder) {
    return this.#inOrder(reorder(this.#surface, this.#items));
  }

  #inOrder(items) {
    return [...this.#head, ...items.flatMap(({ pieces }) => pieces), ...this.#tail];
  }
}

/** An id that does not decode is taken as written: the model will not know it, and its item keeps its place. */
function decodeId(value) {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
