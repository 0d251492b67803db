import type { Model, Session } from "./index.js";

/** What is needed of `localStorage` or `sessionStorage`. */
export interface StorageLike {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface StoreOptions {
  /** Under which key. Default `"reshelve"`. */
  key?: string;
  /** Older events are neither stored nor restored, milliseconds. Default: 30 days. */
  maxAgeMs?: number;
}

/** Reads and writes only when told to. */
export interface SessionStore {
  /** The session that was stored; an empty one if there is none, or it cannot be read. Throws only if the model was disposed of. */
  restore(model: Model): Session;
  /** Stores what the session holds now, over what was stored before. False if that failed: no room, or storage is blocked. */
  persist(session: Session): boolean;
  /** Deletes what was stored. False if storage is blocked. */
  erase(): boolean;
}

/**
 * A place for a session, between page views. What the shopper has agreed to is yours to know: call `restore` and
 * `persist` only after that. A session that began before consent keeps its events: `persist` it once consent is given.
 *
 * @param storage or a function that gives it, `() => localStorage`, which also survives a browser that blocks storage
 */
export declare function sessionStore(storage: StorageLike | (() => StorageLike), options?: StoreOptions): SessionStore;
