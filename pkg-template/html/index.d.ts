import type { Ranking } from "../index.js";

/** The type of this name, where the runtime's types declare it. */
type Global<Name extends string> =
  typeof globalThis extends Record<Name, { prototype: infer Instance }> ? Instance : never;
/** A `TransformStream` of bytes, where the runtime's types declare streams. */
type ByteTransform = typeof globalThis extends {
  ReadableStream: { prototype: infer Readable };
  WritableStream: { prototype: infer Writable };
}
  ? { readonly readable: Readable; readonly writable: Writable }
  : never;

/** An item of a marked list. */
export interface ListItem {
  /** As the model has it: `<!-- item:ID -->` holds `encodeURIComponent` of it. */
  readonly id: string;
}

/**
 * Orders one list, as `Session.rerank` does: the same objects. Called once a list, in the order of the page; synchronous.
 * Items that rules bar stand at the end of the answer, `barred` many, and are left out of the page; whoever wants to
 * keep them there answers with `barred: 0`. If it throws, or its answer is no permutation, the list stays as it is.
 *
 * @param surface the word in `<!-- reshelve:surface -->`
 */
export type Reorder = (
  surface: string,
  items: readonly ListItem[],
) => Pick<Ranking<ListItem>, "items"> & Partial<Pick<Ranking<ListItem>, "barred">>;

/** What became of a list. */
export interface ListReport {
  readonly surface: string;
  /** How many items were marked, as far as the list was read. */
  readonly items: number;
  /** How many of them are left out, because rules bar them. */
  readonly barred: number;
  readonly outcome: "ordered" | "untouched";
  /**
   * Why a list is as it came.
   * - `unchanged`: that is the order that `reorder` gave; its own `outcome` and `reason` say why
   * - `failed`: `reorder` has thrown, or what it gave is no permutation
   * - `unclosed`: the page, or another list, began or ended before `<!-- /reshelve -->`
   * - `too_large`: more bytes than `maxListBytes`; in streams alone
   * - `nested`: the marks do not stand side by side in one element; in documents alone
   * - `shown`: the shopper may have seen it already; in documents alone
   */
  readonly reason?: "unchanged" | "failed" | "unclosed" | "too_large" | "nested" | "shown";
}

export interface HtmlOptions {
  /** Longest list that is held back, in bytes; longer ones pass as they came. Default 524,288. */
  maxListBytes?: number;
  /** Called with each list that has passed. */
  onList?: (report: ListReport) => void;
}

/**
 * A stream that takes the bytes of an HTML page and gives them back with its marked lists in another order. What is outside
 * of a list flows on at once; a list is held until it closes, so that memory holds one list and one chunk at most. A
 * list that changes opens with `reshelved:` instead of `reshelve:`, and nothing reorders it again; every other byte is
 * as it came. For every encoding but UTF-16, whose pages pass untouched. A chunk that is no buffer and no view of one ends
 * the stream with `ERR_INVALID_ARGUMENT`; otherwise it never fails by itself. O(bytes).
 *
 * @throws {RankerError} `ERR_INVALID_ARGUMENT`
 */
export declare function reorderHtml(reorder: Reorder, options?: HtmlOptions): ByteTransform;

/**
 * As `reorderHtml`, of a page that is there as a whole: the bytes that would come out. Without the steps of a stream, which
 * take longer than a short page does. O(bytes).
 *
 * @throws {RankerError} `ERR_INVALID_ARGUMENT`
 */
export declare function reorderBytes(
  page: ArrayBuffer | Uint8Array,
  reorder: Reorder,
  options?: HtmlOptions,
): ReturnType<typeof Uint8Array.of>;

export interface PageOptions {
  /** Where to look for lists. Default: the document. */
  root?: Global<"Node">;
}

/**
 * Orders the lists of the document that are still hidden, once it is parsed, and then shows them: removes the class
 * `reshelve-hold` that `html/hold.js` has set. What the shopper may have seen already stays as it is, so that nothing
 * ever moves under their eyes. Never rejects: if `reorder` does, or gives nothing, the page shows the store's order.
 *
 * @param reorder or a promise of it, such as one that loads the model
 * @returns what became of each list, in the order of the page
 */
export declare function reorderPage(
  reorder: Reorder | undefined | Promise<Reorder | undefined>,
  options?: PageOptions,
): Promise<ListReport[]>;
