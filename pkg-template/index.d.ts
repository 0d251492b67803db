/// <reference lib="esnext.disposable" />
// The public types, written by hand. They hold in browsers (main thread and workers), workerd, Vercel Edge, Deno,
// Bun and Node >= 20. `Response`, `URL`, … of your runtime's types fit, be it `lib.dom`, `@types/node`,
// `@cloudflare/workers-types` or others: here stands what all of these have.

/** A `URL`. */
export interface AnyUrl {
  readonly href: string;
  readonly searchParams: object;
}

/** A `Request`. */
export interface AnyRequest {
  readonly url: string;
  readonly method: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A `Response`. */
export interface AnyResponse {
  readonly ok: boolean;
  readonly status: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** A `ReadableStream` of bytes. */
export interface AnyStream {
  readonly locked: boolean;
  getReader(): object;
  cancel(reason?: unknown): Promise<void>;
}

/** An `AbortSignal`. */
export interface AnySignal {
  readonly aborted: boolean;
  throwIfAborted(): void;
}

/** `WebAssembly.Module`, where the runtime's types declare it. */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Instance } } }
  ? Instance
  : never;

/** Bytes of a `.shelf` file, or where to get them. A `string` is a URL; a `Response` or a stream is read as it arrives. */
export type ModelSource =
  string | AnyUrl | AnyRequest | AnyResponse | Promise<AnyResponse> | ArrayBuffer | Uint8Array | AnyStream;

/** The WebAssembly to run: compiled, or where to get it. */
export type WasmSource =
  WasmModule | ArrayBuffer | Uint8Array | string | AnyUrl | AnyResponse | Promise<AnyResponse | WasmModule>;

export interface LoadOptions {
  /** Ends the call, whatever it waits for. The promise then rejects with `signal.reason`. */
  signal?: AnySignal;
  /**
   * Where the WebAssembly comes from. Default: the `.wasm` file beside the entry. `reshelve/slim` has no default and
   * requires it. Compiled once per process; later calls reuse it and ignore this option.
   */
  wasm?: WasmSource;
  /**
   * Digest of the model's bytes, as for subresource integrity: `sha256-`, `sha384-` or `sha512-` and base64. On a mismatch:
   * `ERR_MODEL_INTEGRITY`.
   */
  integrity?: string;
  /**
   * Most bytes that all loaded models together may take in WebAssembly memory, this one included. Checked before any
   * is taken. Default 64 MiB. Beyond it: `ERR_MEMORY_LIMIT`.
   */
  maxMemory?: number;
  /**
   * Whether to download the model although the browser asks to save data (`navigator.connection.saveData`, Chromium
   * alone). Default false: `ERR_SAVE_DATA`, and the page shows the store's order. What you have fetched yourself is
   * read all the same.
   */
  ignoreSaveData?: boolean;
  /** Called as bytes arrive, with the total as soon as the file has said it: with the first 32 bytes. */
  onProgress?(loadedBytes: number, totalBytes: number | undefined): void;
}

/**
 * Loads the WebAssembly (once per process) and a model. The only call of this entry that is asynchronous, and the only
 * one that uses the network. Importing the package does nothing, so importing it while rendering on a server is safe.
 * @throws {RankerError} with any of the codes of {@link ErrorCode} but `ERR_RULES`, `ERR_RULES_FORMAT` and `ERR_DISPOSED`
 */
export declare function loadModel(source: ModelSource, options?: LoadOptions): Promise<Model>;

export interface ModelInfo {
  /** Hash of the content, 16 hexadecimal digits. Put it into every exposure you log. */
  readonly id: string;
  /** Version of the file format, `"major.minor"`. */
  readonly formatVersion: string;
  /** ISO 8601: the end of the hour of the newest event the model has learned from, unless the builder was told another. */
  readonly createdAt: string;
  readonly itemCount: number;
  /** Length of an embedding. */
  readonly dimensions: number;
  readonly byteLength: number;
}

/** A model: immutable. Share one per page; give every visitor a {@link Session}. After `dispose` its calls throw `ERR_DISPOSED`. */
export interface Model extends Disposable {
  readonly info: ModelInfo;
  /**
   * Whether the model knows the item. An unknown one keeps its incoming place in `rerank`, unless a rule moves it. Expected
   * O(1).
   */
  has(itemId: string): boolean;
  /**
   * A new session: empty, from a state that `Session.state()` gave, or from a token that `Session.token()` gave.
   * Whatever it is given, it never throws on its account: {@link Session.restored} says what became of it.
   */
  session(from?: SessionState | string | null, options?: RestoreOptions): Session;
  /**
   * Puts rules in place of the model's own, for all its sessions, from the very next call on; `null`: the model's own
   * again. The bytes are what `reshelve rules compile` has written, or `compile` of `reshelve/rules`. They are checked
   * here; on failure nothing changes. At most 64 KiB. O(bytes + different words of the model's columns).
   * @throws {RankerError} `ERR_RULES_FORMAT`, `ERR_INVALID_ARGUMENT`, `ERR_DISPOSED`
   */
  useRules(rules: ArrayBuffer | Uint8Array | null): void;
  /**
   * Numbers for rules that a model cannot know, one an item, such as stock or a price in cents: the same for every
   * shopper. They are in place of a column of that name, until the next call with that name; `null` takes them away.
   * Items that are not among the entries have none, and entries of items that the model does not know are left out: for
   * candidates of `rerank` that it does not know there is {@link RerankOptions.overlays}. Of an item that is there twice
   * the last entry counts. Takes 4 bytes for each of the model's items. O(items + entries).
   * @param name up to 16 ASCII letters, digits and `_`, as rules have it; what no rule asks for does nothing
   * @param entries item ids, and whole numbers within ±2147483647
   * @throws {RankerError} `ERR_INVALID_ARGUMENT`, `ERR_DISPOSED`; nothing has changed then
   */
  overlay(name: string, entries: Iterable<readonly [itemId: string, value: number]> | null): void;
  /** Gives the memory back at once, and disposes of the sessions too. `using` does the same where the engine has it. */
  dispose(): void;
}

export type EventType =
  | "view"
  | "click"
  | "search"
  | "add_to_cart"
  | "remove_from_cart"
  | "wishlist"
  | "purchase"
  | "return"
  | "impression"
  | "answer"
  | "not_interested"
  | "less_like_this";

export type Surface = "search" | "category" | "product" | "cart" | "home" | (string & {});

/** What the shopper did. */
export type SessionEvent = ItemEvent | WordsEvent<"search"> | WordsEvent<"answer">;

/** Something done with an item. */
export interface ItemEvent extends EventDetails {
  /**
   * Two types say what is not wanted, and are no interest of any kind: `not_interested`, this item is not recommended and
   * comes last in a list; `less_like_this`, what is like it sinks (`parts.aversion`).
   */
  type: Exclude<EventType, "search" | "answer">;
  /** 1 to 1,024 bytes of UTF-8. */
  itemId: string;
  /** What was searched for before. The first 256 bytes are kept. */
  query?: string;
}

/** Something said in words. */
export interface WordsEvent<Type extends "search" | "answer"> extends EventDetails {
  type: Type;
  /**
   * What was searched for; of an `answer` to one of the store's questions `question/answer`, by their names in its rules.
   * The first 256 bytes are kept.
   */
  query: string;
  /** Is not kept. */
  itemId?: string;
}

/** What any event may say. */
export interface EventDetails {
  /** Milliseconds since the Unix epoch; what is in seconds is refused. Default: now. Events may arrive out of order. */
  timestamp?: number;
  /** Whole pieces, 1 to 65,535. Default 1. */
  quantity?: number;
  /**
   * Done for someone else. Such events count in gift mode alone, and the others only without it. Tokens leave them out.
   * Default false.
   */
  gift?: boolean;
}

/** An event as the session holds it. */
export type RecordedEvent = SessionEvent & {
  /** Names the event in {@link Session.forget}. Unique in its session, never reused. */
  readonly id: number;
  readonly timestamp: number;
};

export interface RestoreOptions {
  /** Age of its newest event at which a token is no longer read, in milliseconds. Default 30 days. */
  maxAgeMs?: number;
  /** The time to count that from, milliseconds since the Unix epoch. Default: now. */
  now?: number;
}

/** What became of what a session was to be made from. */
export interface Restored {
  /** `none`: nothing was given; `refused`: nothing of it is held. */
  readonly outcome: "none" | "whole" | "partial" | "refused";
  /**
   * Why something is missing; the first reason, if there are more.
   * - `damaged`: it, or an event of it, is none: cut off, changed, never a token
   * - `version`: a release wrote it whose states or tokens this one does not read
   * - `expired`: the token's newest event is older than `maxAgeMs`, or as far in the future
   * - `foreign`: the model does not know an item of the token, which has no id then
   * - `sensitive`: the model marks an item as sensitive
   */
  readonly reason?: "damaged" | "version" | "expired" | "foreign" | "sensitive";
  /** How many events are held on its account. */
  readonly events: number;
}

/** JSON-safe, versioned, bounded: the newest 256 events, and the newest 128 impressions. */
export interface SessionState {
  readonly v: 1;
  readonly events: readonly SessionEvent[];
}

export interface Session extends Disposable {
  /** What became of what it was to be made from. */
  readonly restored: Restored;
  /**
   * Whether anything is held that could change an order. If not, every answer is that of a new session.
   * @throws {RankerError} `ERR_DISPOSED`
   */
  readonly isPersonal: boolean;
  /**
   * Adds an event; the very next `rerank` knows of it. The newest 256 events are kept, and beside them the newest 128
   * impressions.
   *
   * Not kept, and without a trace: events with an item that the model marks as sensitive; the same again within 30
   * seconds, as by a page that was loaded twice (of carts, impressions and answers every event counts); what is older
   * than all events of a full session. Where the model has sensitive items the words of searches are not kept.
   * @returns the event's id; `undefined` if it is not kept
   * @throws {RankerError} `ERR_INVALID_ARGUMENT`, `ERR_DISPOSED`
   */
  record(event: SessionEvent): number | undefined;
  /** The events held, oldest first. */
  events(): readonly RecordedEvent[];
  /** Deletes one event: what follows is as if it had never happened. False if there is no such event. */
  forget(eventId: number): boolean;
  /** Deletes all events. */
  clear(): void;
  /**
   * Reorders `candidates` and never adds, drops or copies one: `items` holds the same references. Never throws: on any
   * failure the incoming order comes back, with the reason, and the console says why, once. O(n · dimensions).
   */
  rerank<T>(candidates: readonly T[], options: RerankRequest<T>): Ranking<T>;
  /**
   * Items out of the whole catalog, best first: `limit` of them, or as many as the catalog and the filters leave.
   * Never throws: on failure the list is empty, with the reason. O(items · dimensions).
   */
  recommend(options: RecommendRequest): Ranking<Recommendation>;
  /**
   * The blocks of a page, one after the other as by `recommend`: no item stands in two of them.
   * @throws {RankerError} `ERR_INVALID_ARGUMENT` if it is given no list
   */
  blocks(requests: readonly RecommendRequest[]): Ranking<Recommendation>[];
  /**
   * Orders what is no item, as categories, facets, banners and offers, by what the shopper keeps coming back to. Never
   * adds, drops or copies one, and never throws. O(items · attributes named).
   */
  order<T>(things: readonly T[], options: OrderOptions<T>): Ranking<T>;
  /**
   * What follows from the events, for a page that shows it.
   * @throws {RankerError} `ERR_INVALID_ARGUMENT`, `ERR_DISPOSED`
   */
  about(options?: Pick<RequestOptions, "gift" | "without" | "now">): About;
  /** What to store, so that `Model.session(state)` goes on from here. */
  state(): SessionState;
  /**
   * The eight items that say most, by what was done and how long ago, as a cookie-safe text of at most 120 characters,
   * for an edge worker. It holds hashes of item ids, event types and ages, and outlives a rebuild of the model.
   */
  token(): string;
  /** Gives the memory back at once; forgotten sessions are collected in time. */
  dispose(): void;
}

/** What every request may say. */
export interface RequestOptions {
  /**
   * The kind of page: it chooses the rules that hold, and what counts how much. `cart` goes by what goes together, and holds
   * back what is in the cart or was bought; others differ where a learned ranker tells them apart. Required without a placement.
   */
  surface?: Surface;
  /**
   * Name of one of the placements that the rules hold. It says what this request does not: its surface, what it draws
   * from, limit, strength, diversity, discovery, `maxShift`, `keepFirst`. A name that the rules do not hold is an error.
   */
  placement?: string;
  /** Variety against relevance among the first ones, 0..1: 0 is pure relevance, 1 mostly variety. Default 0. */
  diversity?: number;
  /**
   * Share of the first slots for something different, 0..0.3, and more counts as 0.3: items of categories that the shopper
   * has not met, near enough to what they came for, others every week. {@link Ranking.discovered} says which slots. Default 0.
   */
  discovery?: number;
  /** How much more of both the shopper wants, 0..1: a control for the page. Default 0. */
  broaden?: number;
  /** Whole number from 0; together with the week it decides what is discovered. Default 0. */
  seed?: number;
  /** Go by what was done for a gift, and by nothing else; otherwise by the rest, and by no gift. Default false. */
  gift?: boolean;
  /** Ids of events to leave out: the answer is the one that there would be if they had never happened. Default none. */
  without?: Iterable<number>;
  /**
   * What rules and context priors may know of this request, by name, such as `season` or a region: words, without NUL
   * bytes. Default none.
   */
  context?: Readonly<Record<string, string | undefined>>;
  /** Attach the parts of every score and the reasons. Default false. */
  explain?: boolean;
  /** The time to score at, milliseconds since the Unix epoch. Default: now. */
  now?: number;
  /**
   * Most milliseconds that the call may take. Past it the incoming order comes back, or an empty list, with the reason
   * `over_budget`; a call that by the session's last one would take longer is not begun. It has no effect where the
   * clock stands still during a request, as in workerd. Default: no limit.
   */
  timeBudget?: number;
}

export interface RerankOptions<T> extends RequestOptions {
  /** The candidate's id in the catalog: a string. */
  itemId: (candidate: T, index: number) => string;
  /** The engine's own relevance, higher is better, finite. Default: derived from the incoming rank. */
  baseScore?: (candidate: T, index: number) => number;
  /**
   * What the candidate costs, the same for every shopper; `undefined` where it is not known. A learned ranker compares
   * prices within the list; no answer holds one. Default: not known.
   */
  price?: (candidate: T, index: number) => number | undefined;
  /**
   * 0 keeps the incoming order; 1 leaves the order to the ranker, or to the session where the model has none. Without a
   * ranker a few events bear less than is asked for: see the package's guide. Default: from the model.
   */
  strength?: number;
  /** Index (0-based) where a candidate must stand, e.g. a paid slot; `undefined` leaves it free. */
  pinned?: (candidate: T, index: number) => number | undefined;
  /** Most places a candidate that is not pinned may move, up or down. Default: no limit. */
  maxShift?: number;
  /**
   * How many of the first candidates stay where they are, unless one is pinned there, by `pinned` or a rule. What stays counts as
   * pinned: reserved ranks, caps and quotas do not move it. Default 0.
   */
  keepFirst?: number;
  /**
   * What rules may know of these candidates, by name: whole numbers within ±2147483647, `undefined` where one is not
   * known. In place of an overlay of the model with that name. Default: those of the model.
   */
  overlays?: Readonly<Record<string, ((candidate: T, index: number) => number | undefined) | undefined>>;
}

/** What `rerank` is asked: for a surface, or for a placement, which has one. */
export type RerankRequest<T> = RerankOptions<T> & ({ surface: Surface } | { placement: string });

export interface RecommendOptions extends RequestOptions {
  /** Most items to return, 1..1000. Default: the placement's; required without one. */
  limit?: number;
  /** Recommend as if these had just been looked at, newest last, instead of from the session. */
  seeds?: readonly string[];
  /** What items are found by. Default: what the placement draws from, or `"session"`. */
  basis?: Basis;
  /** Item ids never to return. Seeds are never returned. */
  exclude?: Iterable<string>;
  /** Drop items whose score is below this share of the best one's, 0..1. Default 0. */
  threshold?: number;
}

/** What `recommend` is asked: for a surface and so many items, or for a placement, which has both. */
export type RecommendRequest = RecommendOptions & ({ surface: Surface; limit: number } | { placement: string });

/** Something that is no item, by what it is about: columns of the model and their values: numbers below 256, words, paths joined by ` > `. */
export interface OrderOptions<T> extends Pick<RequestOptions, "gift" | "without" | "now"> {
  tags: (thing: T, index: number) => readonly (readonly [attribute: string, value: string | number])[];
}

/** A value of an attribute that the shopper keeps coming back to. */
export interface Affinity {
  /** `"brand"`, `"category"`, `"price_band"` or `"size"`. */
  readonly attribute: string;
  /** A word, or the number of a price band: 1 (lowest) to 5. */
  readonly value: string | number;
  /** How many of the shopper's events are behind it. */
  readonly events: number;
  /** Their weight by kind and age, in 1/1024 of a view of now. */
  readonly weight: number;
}

/** What follows from the shopper's own events, and from nothing else. */
export interface About {
  /** Recency, frequency and amount of what was bought: as rules know it. */
  readonly segment: "new" | "browsing" | "buyer" | "regular" | "lapsed";
  /** The greatest weight first. */
  readonly affinities: readonly Affinity[];
}

/**
 * What recommended items are found by.
 *
 * - `session`: all terms of the score
 * - `similar`: nearness of embeddings, "more like this"
 * - `together`: neighbor rows, "goes with"; no variant of what it goes with
 * - `popular`: what most shoppers choose
 * - `trending`: what most shoppers choose of late
 * - `recent`: what the shopper has touched, the newest first
 * - `again`: what the shopper has bought, once it is about time to buy it again, by the item's usual interval, unless it was sent back
 * - `discovery`: what is near to what they came for, of categories that they have not met
 *
 * Where one has too little to say, others fill up: `together` by `similar`, `recent`, `again` and `discovery` by `session`, and all by
 * `popular` at the end.
 */
export type Basis = "session" | "similar" | "together" | "popular" | "trending" | "recent" | "again" | "discovery";

export interface Recommendation {
  readonly itemId: string;
  /** What it was found by: what was asked for, or what filled up. */
  readonly basis: Basis;
  /** In 1/1024 of a logit, as in {@link ScoreParts}. */
  readonly score: number;
}

export interface Ranking<T> {
  readonly items: readonly T[];
  /**
   * How many items a filter of the rules bars. They stand at the end of `items`, in incoming order: leave them out, as
   * `items.slice(0, items.length - barred)`. Always 0 in `recommend`, which finds none of them, and on failure.
   */
  readonly barred: number;
  /** Slots of `items` that are for something different, ascending: measure them apart. Empty without discovery. */
  readonly discovered: readonly number[];
  /** Joins later events to this exposure. 32 hexadecimal digits, random; names nobody. */
  readonly rankingId: string;
  /** {@link ModelInfo.id}. */
  readonly modelId: string;
  readonly outcome: "personalized" | "unchanged" | "popular";
  /** Why nothing was personalized, when `outcome` is not `"personalized"`. */
  readonly reason?:
    | "empty_session"
    | "unknown_items"
    | "strength_zero"
    | "over_budget"
    | "invalid_argument"
    | "disposed"
    | "left_out"
    | "internal_error";
  /** In the order of `items`. Present with `explain: true`, unless the reason is one of the last five. */
  readonly explanations?: readonly Explanation[];
}

/** The terms of a score, integers in 1/1024 of a logit. They add up to the score exactly. */
export interface ScoreParts {
  /** The incoming order, or the engine's own score. */
  readonly base: number;
  /** Nearness of the item's embedding to the session. */
  readonly embedding: number;
  /** Neighbor rows of the session's items. */
  readonly neighbors: number;
  /** The shopper's own earlier events with this very item. */
  readonly history: number;
  /** How popular the item is with everyone. */
  readonly popularity: number;
  /** What the store says of the item, its price against the list above all. 0 without a learned ranker. */
  readonly attributes: number;
  /** What boosts of the rules add, for every shopper. 0 without rules. */
  readonly boost: number;
  /** What the shopper's answers to the store's questions add. */
  readonly answers: number;
  /** What it costs to have been shown often and never touched: 0 or less. */
  readonly fatigue: number;
  /**
   * What it costs to be like an item of `less_like_this`: 0 to −8192 times the strength. An item of `not_interested`
   * pays more than anything can bring.
   */
  readonly aversion: number;
}

export interface Explanation {
  readonly itemId: string;
  /** Incoming index, 0-based; -1 in `recommend`. */
  readonly from: number;
  /** Index in `items`. */
  readonly to: number;
  /** `parts.base`. */
  readonly base: number;
  /** The sum of the other parts, `parts.boost` left out. */
  readonly affinity: number;
  /** What diversity took away. 0 without it. */
  readonly penalty: number;
  /** The sum of all parts. */
  readonly score: number;
  readonly parts: ScoreParts;
  /** Whether the model knows the item. */
  readonly known: boolean;
  /** Whether the item stands where it stands because it was pinned, is barred, or is unknown; false in `recommend`. */
  readonly fixed: boolean;
  /** Whether a filter of the rules bars the item: it must not be shown. */
  readonly barred: boolean;
  /**
   * Number of the rule that bars the item, gave it its slot, kept it from standing further in front, or brought it
   * forward; absent if none did. Counted from 0 over the file: filters, incompatible items, pins, reserved ranks, caps, quotas, boosts, each in their order.
   */
  readonly rule?: number;
  /** Whether its slot is for something different. */
  readonly discovered: boolean;
  /**
   * Which stages moved it, from which slot to which, in their order: `score`; `variety`, which is diversity and
   * discovery; `place`, which is pins, reserved ranks, `keepFirst` and `maxShift`; `rules`, which is filters, caps and
   * quotas. Empty in `recommend`.
   */
  readonly moves: readonly Move[];
  readonly reason: Reason;
}

/** A step on a candidate's way from its incoming place. Slots count from 0. */
export interface Move {
  readonly stage: "score" | "variety" | "place" | "rules";
  readonly from: number;
  readonly to: number;
}

/**
 * The one reason fit to be shown to the shopper. It can cite only the shopper's own events or plain popularity.
 * - `seen_before`: the shopper touched this very item (`eventType` says how)
 * - `goes_with`: it goes together with `itemId`, which the shopper touched
 * - `similar_to`: it resembles `itemId`, which the shopper touched
 * - `popular`: many shoppers choose it
 * - `trending`: many shoppers choose it of late
 * - `chosen`: the shopper asked for such items; `answer` is `question/answer`, by their names in the rules
 * - `different`: it is of a category that the shopper has not met
 * - `unwanted`: the shopper does not want it, or wants less of what is like `itemId` (`eventType` says which)
 * - `store_order`: the store's own order
 */
export type Reason =
  | EventReason<"seen_before">
  | EventReason<"goes_with">
  | EventReason<"similar_to">
  | { readonly code: "popular" }
  | { readonly code: "trending" }
  | { readonly code: "chosen"; readonly answer: string }
  | { readonly code: "different" }
  | EventReason<"unwanted">
  | { readonly code: "store_order" };

/** A reason that cites what the shopper did, and with which item. */
export interface EventReason<Code extends string> {
  readonly code: Code;
  readonly itemId: string;
  readonly eventType: EventType;
}

export type ErrorCode =
  /** No WebAssembly, or a Content-Security-Policy without `'wasm-unsafe-eval'`, or a runtime that forbids compiling bytes. */
  | "ERR_WASM_UNAVAILABLE"
  /** The JS and the `.wasm` come from different releases: a stale cache. */
  | "ERR_WASM_MISMATCH"
  /** The model could not be downloaded. */
  | "ERR_MODEL_FETCH"
  /** The browser asks to save data, so that the model was not downloaded. */
  | "ERR_SAVE_DATA"
  /** The bytes are not a sound `.shelf` file. */
  | "ERR_MODEL_FORMAT"
  /** The file is of a newer major version than this package reads. */
  | "ERR_MODEL_VERSION"
  /** The bytes do not have the digest asked for. */
  | "ERR_MODEL_INTEGRITY"
  /** A text holds no rules; `reshelve/rules` alone. */
  | "ERR_RULES"
  /** The bytes are not sound rules, or of a newer version than this package reads. */
  | "ERR_RULES_FORMAT"
  /** The model needs more memory than `maxMemory`. */
  | "ERR_MEMORY_LIMIT"
  | "ERR_INVALID_ARGUMENT"
  /** The object was disposed of. */
  | "ERR_DISPOSED"
  /** The model has rules or a learned ranker, or was asked for something, that `reshelve/slim/wasm` is without. */
  | "ERR_LEFT_OUT"
  /** The WebAssembly has failed: a bug. Nothing is personalized from there on until it is loaded anew, with the page. */
  | "ERR_INTERNAL";

export declare class RankerError extends Error {
  readonly code: ErrorCode;
  /** Machine-readable facts, e.g. `{ expected: 1, got: 2 }`. */
  readonly details: Readonly<Record<string, string | number>>;
}

/** Release of the package. */
export declare const version: string;
