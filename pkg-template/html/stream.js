// Reorders the marked lists of an HTML page as it streams by. What is outside of a list flows on at once; a list is
// held back until it closes, and goes out as the same bytes with its items in another order.

import { invalidArgument } from "../lib/error.js";
import { toBytes } from "../lib/source.js";
import { orderOf, untouched } from "./list.js";
import { decodeId, doneMark, findMarks, joined } from "./marks.js";

/** A list of more bytes passes as it came: what is held back delays the page, and fills memory. */
const MAX_LIST_BYTES = 512 * 1024;

const encoder = new TextEncoder();

/** The `reorderHtml` of `index.d.ts`. */
export function reorderHtml(reorder, options) {
  const { push, end } = pageOf(reorder, options);
  const send = (bytes, controller) => bytes.length > 0 && controller.enqueue(bytes);
  return new TransformStream({
    transform: (chunk, controller) => void send(push(chunk), controller),
    flush: (controller) => void send(end(), controller),
  });
}

/** The `reorderBytes` of `index.d.ts`. */
export function reorderBytes(page, reorder, options) {
  const { push, end } = pageOf(reorder, options);
  return joined([push(page), end()]);
}

/**
 * A page as far as it has come.
 *
 * @returns {{ push: (chunk: BufferSource) => Uint8Array, end: () => Uint8Array }} `push` takes the next bytes; both give
 *   what may be sent, in one piece: each costs a runtime more than copying it
 */
function pageOf(reorder, { maxListBytes = MAX_LIST_BYTES, onList } = {}) {
  if (typeof reorder !== "function") throw invalidArgument("what reorders a page takes a function that orders a list");
  if (!(maxListBytes >= 0)) throw invalidArgument("`maxListBytes` is a number of bytes from 0");
  /** The last bytes, where they may be the beginning of a mark. */
  let undecided = new Uint8Array(0);
  /** The list being held back, if the page is inside of one. */
  let list;
  /** What was let go of since something was sent. */
  let passed = [];

  function take(bytes) {
    if (bytes.length === 0) return;
    if (!list) return void passed.push(bytes);
    list.add(bytes);
    if (list.byteLength > maxListBytes) finish("too_large");
  }

  /** Lets the list go: as it came, for a reason, or in its order. */
  function finish(reason) {
    const { surface, ids } = list;
    const answer = reason ? untouched(surface, ids.length, reason) : orderOf(reorder, surface, ids);
    passed = passed.concat(list.inOrder(answer.order));
    list = undefined;
    report(onList, answer.report);
  }

  /** Takes a stretch of the page, as far as it is known what is a mark in it. */
  function read(bytes) {
    const { marks, decided } = findMarks(bytes);
    let from = 0;
    for (const { kind, value, start, end } of marks) {
      if (!list && kind !== "open") continue;
      take(bytes.subarray(from, start));
      // An item is its mark, and all up to the next mark.
      from = kind === "item" ? start : end;
      if (kind === "item") {
        list?.begin(decodeId(value));
      } else if (kind === "open") {
        // A list that another one interrupts was never closed: it stays as it is.
        if (list) finish("unclosed");
        list = new List(value, bytes.subarray(start, end));
      } else {
        list?.end();
        take(bytes.subarray(start, end));
        if (list) finish();
      }
    }
    take(bytes.subarray(from, decided));
    undecided = bytes.slice(decided);
  }

  /** What may be sent by now. */
  function sendable() {
    const bytes = joined(passed);
    passed = [];
    return bytes;
  }

  return {
    push(chunk) {
      const bytes = toBytes(chunk);
      if (!bytes) throw invalidArgument("a page is taken as bytes: encode its text first");
      read(joined([undecided, bytes]));
      return sendable();
    },
    end() {
      if (list) finish("unclosed");
      take(undecided);
      return sendable();
    },
  };
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
  /** @type {string[]} of its items */
  ids = [];
  byteLength;
  #open;
  /** What stands between the mark that opens the list and its first item. */
  #head = [];
  /** @type {Uint8Array[][]} the pieces of each item */
  #items = [];
  /** The mark that closes the list. */
  #tail = [];
  /** Where the next bytes belong. */
  #part = this.#head;

  constructor(surface, open) {
    this.surface = surface;
    this.#open = open;
    this.byteLength = open.length;
  }

  begin(id) {
    this.ids.push(id);
    this.#part = [];
    this.#items.push(this.#part);
  }

  end() {
    this.#part = this.#tail;
  }

  add(bytes) {
    this.#part.push(bytes);
    this.byteLength += bytes.length;
  }

  /** @param {number[]} [order] places of the items to show; all as they came, and nothing else changed, without it */
  inOrder(order) {
    const items = order?.map((place) => this.#items[place]) ?? this.#items;
    const open = order ? encoder.encode(`<!--${doneMark(this.surface)}-->`) : this.#open;
    return [open, ...this.#head, ...items.flat(), ...this.#tail];
  }
}
