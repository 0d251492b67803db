import type { EventType, Model, Session, SessionEvent } from "./index.js";

/**
 * What the shopper has agreed to. Personalization works in all but `off`.
 *
 * - `off`: nothing is recorded, and every order is the store's own
 * - `none`: the memory of this page, and nothing on the device
 * - `session`: the tab's own storage, until the tab is closed
 * - `persist`: a database on the device (IndexedDB), for as long as {@link ShopperOptions.retentionDays} says. The tab's
 *   storage holds what has not reached the database yet
 */
export type ConsentTier = "off" | "none" | "session" | "persist";

export interface ShopperOptions {
  /**
   * What the shopper has agreed to, as far as it is known when the page loads; or a function that is called once with
   * `set`, may call it whenever the shopper decides, and returns what is known already. As long as nothing is known,
   * nothing is stored, read or erased; events are held in memory, and a later consent takes them along. What a known
   * tier does not allow is erased; Global Privacy Control makes it known. What a promise gives counts only if nothing was said meanwhile. Default: not known.
   */
  consent?:
    ConsentTier | ((set: (tier: ConsentTier) => void) => ConsentTier | undefined | Promise<ConsentTier | undefined>);
  /**
   * Name of an event on `document` that does the same as {@link Shopper.consent}: its `detail` is a tier, or an object
   * with a `tier`. `null`: none. Default `"reshelve:consent"`.
   */
  consentEvent?: string | null;
  /** The most that is kept while the browser sends Global Privacy Control, whatever is agreed to. Default `"none"`. */
  underPrivacyControl?: ConsentTier;
  /** Name of the database, and what keys in the tab's storage begin with. Default `"reshelve"`. */
  name?: string;
  /**
   * For how many days events are kept, by type, from when they happened. Default: impressions 7; views, clicks and
   * searches 30; `add_to_cart` and `remove_from_cart` 90; wishes, answers and `less_like_this` 180; purchases, returns
   * and `not_interested` 365. The newest 256 events are kept at most, and 128 impressions.
   */
  retentionDays?: Readonly<Partial<Record<EventType, number>>>;
  /** Whether events count in a browser that is driven by a program (`navigator.webdriver`). Default false. */
  countAutomated?: boolean;
  /** How long {@link openShopper} waits for what is stored, milliseconds. What comes later is taken in later. Default 500. */
  patienceMs?: number;
}

/**
 * Opens the shopper's session. Resolves with what was stored, if consent is known and storage answers in time, and never
 * rejects because of storage: {@link Shopper.status} says what went wrong.
 * @throws {RankerError} `ERR_INVALID_ARGUMENT` where `model` is none, `ERR_DISPOSED`
 */
export declare function openShopper(model: Model, options?: ShopperOptions): Promise<Shopper>;

/** A session, kept as long and as far as the shopper agreed. An `EventTarget`. */
export interface Shopper {
  /**
   * Record in it, list (`events`), delete (`forget`, `clear`), rerank: it is a session like any other. What changes in
   * it is stored at once. Two differences: `record` gives `undefined` for what is not to be kept (see
   * {@link ShopperStatus.idle}), and `clear` reaches the store's other tabs too.
   */
  readonly session: Session;
  /** `change`: what the session holds, or {@link status}, is other than before, by this page or another tab. Once a turn. */
  addEventListener(type: "change", listener: () => void): void;
  removeEventListener(type: "change", listener: () => void): void;
  /** How things stand: a snapshot. */
  readonly status: ShopperStatus;
  /**
   * What the shopper has agreed to now. More than before: the visit goes on, with what was stored. Less: what the tier
   * does not allow is erased at once, here and in other tabs; for `none` and `off` that is everything, memory
   * included. It is gone from memory and from the tab's storage when this returns, and from the database when the
   * promise resolves. Never rejects.
   */
  consent(tier: ConsentTier): Promise<ShopperStatus>;
  /**
   * What the shopper does is not recorded from here on; what they say is: `answer`, `not_interested`,
   * `less_like_this`. Orders go by what is held. The pause is kept as the events are.
   */
  pause(): void;
  resume(): void;
  /** Records that this very item is not for them. The id, to take it back with `session.forget`. */
  notInterested(itemId: string): number | undefined;
  /** Records that such items should wait. The id, to take it back with `session.forget`. */
  lessLikeThis(itemId: string): number | undefined;
  /** As if the shopper had never been here: deletes all events, here and in other tabs, and ends the pause. Consent stays. */
  reset(): Promise<ShopperStatus>;
  /** All events, to be saved as a file and taken to another device. */
  export(): ShopperDocument;
  /** The strongest recent items in at most 120 characters, which fit a QR code: the session's token. */
  code(): string;
  /**
   * Adds the events of a document, of its JSON text, or of a code. What is held already is not added twice; what makes
   * no sense is left out. Never throws.
   */
  import(from: ShopperDocument | string): ImportResult;
  /** What lies on the device now, as storage itself tells; empty where there is nothing. Never rejects. */
  stored(): Promise<readonly StoredPlace[]>;
  /** Resolves once storage has done, or failed to do, what was asked so far. */
  settled(): Promise<void>;
  /** Ends listening, once everything is stored. The session lives on in memory. */
  close(): Promise<void>;
}

export interface ShopperStatus {
  /** What holds. */
  readonly tier: ConsentTier;
  /** Whether that was said, or Global Privacy Control says it; `none` holds until then. */
  readonly isDecided: boolean;
  /** Why less holds than was agreed to. */
  readonly limitedBy?: "global_privacy_control";
  /** Where new events go now: less than the tier allows where storage fails. */
  readonly place: "nowhere" | "memory" | "tab" | "database";
  readonly isPaused: boolean;
  /** Whether what happens in this page now is recorded. */
  readonly isRecording: boolean;
  /** Why not. What is recorded while `prerendering` counts once the page is shown. */
  readonly idle?: "off" | "paused" | "automated" | "prerendering";
  /** What went wrong so far: of each code and place the latest. */
  readonly problems: readonly Problem[];
}

export interface Problem {
  readonly code: ProblemCode;
  readonly place?: "tab" | "database";
  /** What the browser said, for developers. */
  readonly message?: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

export type ProblemCode =
  /** The browser, its settings or the frame forbid storage, or there is none. */
  | "storage_blocked"
  /** No room. What does not fit is held in the next best place, and tried again with the next event. */
  | "storage_full"
  /** The database did not answer within five seconds. */
  | "storage_slow"
  /** A database of that name is of a later version, or not of this package: it is left alone. */
  | "storage_foreign"
  /** Anything else that a storage may say. */
  | "storage_failed"
  /** Something stored could not be read, and was deleted. */
  | "records_damaged"
  /** A newer version of the package has written them: they are left alone until their time is over. */
  | "records_newer"
  /** Another tab, or the browser, has erased the database: everything is forgotten here too, and the tier is `none`. */
  | "erased_elsewhere"
  /** Something could not be deleted. */
  | "erasure_incomplete"
  /** Something that is no tier was said. What held before holds on. */
  | "consent_unknown"
  /** The `consent` function has thrown. */
  | "consent_failed"
  /** An event of a prerendered page was none. */
  | "event_refused"
  /** The session cannot be read any more: it was disposed of. */
  | "session_failed";

/** JSON-safe. */
export interface ShopperDocument {
  readonly format: "reshelve-shopper";
  readonly v: 1;
  /** ISO 8601. */
  readonly exportedAt: string;
  /** Oldest first. */
  readonly events: readonly SessionEvent[];
}

export interface ImportResult {
  readonly outcome: "whole" | "partial" | "refused";
  /**
   * Why something was left out: the reasons of `Session.restored`, that the shopper has switched it all off, or that model or
   * session was disposed of.
   */
  readonly reason?: "damaged" | "version" | "expired" | "foreign" | "sensitive" | "off" | "disposed";
  /** Events that were not held already. */
  readonly added: number;
}

export interface StoredPlace {
  readonly place: "tab" | "database";
  /** The key in the tab's storage, or the database's name. */
  readonly name: string;
  readonly events: number;
  /** Of the events as JSON. */
  readonly bytes: number;
  /** When the last of it is deleted at the latest, milliseconds since the Unix epoch. */
  readonly until?: number;
}
