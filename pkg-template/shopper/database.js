// The database: one record an event, so that two tabs do not write over each other.
//
// An `epoch` names what is in it. Whoever writes says for which epoch, and the check is part of the transaction: once
// an erasure has begun, no write of any tab can follow, whether that tab has heard of it or not. Connections are closed
// after each piece of work: an open one keeps a page out of the back/forward cache, and an erasure waiting.
//
// `agreedAt` says when the consent was given under which it was made: a tab that hears of a withdrawal tells by it what
// was made before, and what under a new consent.

import { deleteDB, openDB } from "../lib/idb.js";
import { newKey } from "./records.js";

const EVENTS = "events";
const ABOUT = "about";

export class Database {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /**
   * Reads everything. Makes the database where it is missing and `mayCreate()`.
   *
   * @param {object} consent
   * @param {() => boolean} consent.mayCreate
   * @param {number} consent.agreedAt
   * @returns {Promise<{ epoch: string, paused: boolean, values: unknown[] } | undefined>} nothing if there is none
   */
  load({ mayCreate, agreedAt }) {
    const work = async (db) => {
      const transaction = db.transaction([ABOUT, EVENTS], "readwrite");
      const about = transaction.objectStore(ABOUT);
      const [held, paused, values] = await Promise.all([
        about.get("epoch"),
        about.get("paused"),
        transaction.objectStore(EVENTS).getAll(),
      ]);
      // Without an epoch it is one that is being erased.
      if (held === undefined && !mayCreate()) return undefined;
      const epoch = held ?? begin(about, agreedAt);
      await transaction.done;
      return { epoch, paused: paused === true, values };
    };
    return this.#open(work, { mayCreate, agreedAt });
  }

  /**
   * Writes all of it or nothing.
   *
   * @param {object} work
   * @param {string} work.epoch
   * @param {string} [work.nextEpoch] delete everything first, and go on under this one
   * @param {boolean} work.paused
   * @param {import("./records.js").StoredRecord[]} work.puts
   * @param {string[]} work.deletes keys
   * @param {() => boolean} isWanted asked once more where there is no way back
   * @returns {Promise<"written" | "missing" | "renewed" | "unwanted">} `missing`: erased; `renewed`: of another epoch
   */
  async write({ epoch, nextEpoch, paused, puts, deletes }, isWanted) {
    const outcome = await this.#open(async (db) => {
      const transaction = db.transaction([ABOUT, EVENTS], "readwrite");
      const [about, events] = [transaction.objectStore(ABOUT), transaction.objectStore(EVENTS)];
      const held = await about.get("epoch");
      if (held !== epoch) return held === undefined ? "missing" : "renewed";
      if (!isWanted()) return "unwanted";
      const requests = nextEpoch ? [events.clear(), about.put(nextEpoch, "epoch")] : [];
      requests.push(about.put(paused, "paused"));
      for (const key of deletes) requests.push(events.delete(key));
      for (const record of puts) requests.push(events.put(record));
      await Promise.all([...requests, transaction.done]);
      return "written";
    });
    return outcome ?? "missing";
  }

  /** Empties it, which no write can follow, and deletes it, which waits until every tab has let go of it. */
  async erase() {
    await this.#open((db) => clearAll(db), { needsStores: false });
    await deleteDB(this.name);
  }

  /**
   * The same where another tab has begun it: only what was agreed to before that tab withdrew, for it may have gone on
   * under a new consent since.
   *
   * @param {number} withdrawnAt
   */
  async eraseBefore(withdrawnAt) {
    let deletion;
    await this.#open(async (db) => {
      const transaction = db.transaction([ABOUT, EVENTS], "readwrite");
      const stores = [transaction.objectStore(ABOUT), transaction.objectStore(EVENTS)];
      if ((await stores[0].get("agreedAt")) < withdrawnAt) {
        for (const store of stores) store.clear().catch(() => {});
        // Asked for before another tab can be done with its own, so that it is ahead of what that tab makes next.
        deletion = deleteDB(this.name);
      }
      await transaction.done;
    });
    await deletion;
  }

  /** What is in it now; nothing if there is none. */
  values() {
    return this.#open((db) => db.getAll(EVENTS));
  }

  /**
   * @param {(db: import("idb").IDBPDatabase) => Promise<unknown>} work
   * @param {object} [options]
   * @param {() => boolean} [options.mayCreate]
   * @param {number} [options.agreedAt] of what is made
   * @param {boolean} [options.needsStores] whether it is of use only with the stores that this version knows
   */
  async #open(work, { mayCreate = () => false, agreedAt, needsStores = true } = {}) {
    if (!mayCreate() && !(await versionOf(this.name))) return undefined;
    let isMissing = false;
    let db;
    try {
      // No version: whichever is there. A newer one that has kept these two stores is read and written as it is.
      db = await openDB(this.name, undefined, {
        upgrade: (db, _from, _to, transaction) => {
          if (mayCreate()) {
            db.createObjectStore(EVENTS, { keyPath: "key" });
            // At once, so that what has no epoch is never one that is being made.
            begin(db.createObjectStore(ABOUT), agreedAt);
          } else {
            isMissing = true;
            transaction.done.catch(() => {});
            transaction.abort();
          }
        },
        blocking: (_from, _to, event) => event.target.close(),
      });
    } catch (error) {
      if (!isMissing) throw error;
      // It was erased just now. WebKit lists what was not made, as of version 0: that goes, and should another tab make
      // it in this very moment, its own with it. What is not listed is left alone.
      if ((await versionOf(this.name)) === 0) await deleteDB(this.name);
      return undefined;
    }
    try {
      const names = db.objectStoreNames;
      if (needsStores && !(names.contains(EVENTS) && names.contains(ABOUT)))
        throw new DOMException("the database is of another version of the package", "VersionError");
      return await work(db);
    } finally {
      db.close();
    }
  }
}

/** The version that the browser lists it with, if it does. Where no browser lists any, some. */
async function versionOf(name) {
  const databases = await indexedDB.databases?.();
  return databases ? databases.find((one) => one.name === name)?.version : Infinity;
}

/** @returns {string} the epoch */
function begin(about, agreedAt) {
  const epoch = newKey();
  about.put(epoch, "epoch").catch(() => {});
  about.put(agreedAt, "agreedAt").catch(() => {});
  return epoch;
}

async function clearAll(db) {
  const names = [...db.objectStoreNames];
  if (!names.length) return;
  const transaction = db.transaction(names, "readwrite");
  await Promise.all([...names.map((name) => transaction.objectStore(name).clear()), transaction.done]);
}
