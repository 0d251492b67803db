// The tab's own storage: all of a visit where the shopper agreed to that much, and where they agreed to more, what has
// not reached the database yet. It is written before the turn ends, so that a click that leaves the page is not lost.

import { FORMAT, measure } from "./records.js";

/**
 * @typedef {object} TabDocument
 * @property {string} [epoch] of the database that the records are for
 * @property {boolean} [paused] absent where there is nothing to say
 * @property {unknown[]} records
 * @property {string[]} gone keys of records that the database is still to delete
 */

export class TabStorage {
  #prefix;

  /** @param {string} name */
  constructor(name) {
    this.#prefix = `${name}.v`;
  }

  /** A later format has a key of its own, so that neither version destroys what the other wrote. */
  get key() {
    return this.#prefix + FORMAT;
  }

  /**
   * @returns {{ document?: TabDocument, isDamaged?: boolean }}
   * @throws where storage is blocked
   */
  read() {
    const text = sessionStorage.getItem(this.key);
    if (text === null) return {};
    try {
      const { epoch, paused, records, gone } = JSON.parse(text);
      if (!Array.isArray(records) || !Array.isArray(gone)) return { isDamaged: true };
      const keys = gone.filter((key) => typeof key === "string");
      const said = {
        epoch: typeof epoch === "string" ? epoch : undefined,
        paused: paused === undefined ? undefined : paused === true,
      };
      return { document: { ...said, records, gone: keys } };
    } catch {
      return { isDamaged: true };
    }
  }

  /**
   * Writes in place of what was there; nothing at all if there is nothing to say. Where there is no room it takes the
   * newest records alone, and tells so by its error: what was deleted must not stay because the rest did not fit.
   *
   * @param {TabDocument} document with its records oldest first
   */
  write({ epoch, paused, records, gone }) {
    if (!records.length && !gone.length && paused === undefined) return sessionStorage.removeItem(this.key);
    let full;
    for (let most = records.length; ; most >>= 1) {
      try {
        const document = { epoch, paused, records: most ? records.slice(-most) : [], gone };
        sessionStorage.setItem(this.key, JSON.stringify(document));
        break;
      } catch (error) {
        full ??= error;
        if (most === 0) {
          sessionStorage.removeItem(this.key);
          break;
        }
      }
    }
    if (full) throw full;
  }

  /** Removes what any version of the package wrote. */
  erase() {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(this.#prefix)) sessionStorage.removeItem(key);
  }

  /** What is there now, whichever version wrote it. */
  places() {
    return Object.entries(sessionStorage)
      .filter(([key]) => key.startsWith(this.#prefix))
      .map(([name, text]) => ({ place: "tab", name, ...measure(recordsOf(text)), bytes: text.length }));
  }
}

function recordsOf(text) {
  try {
    const { records } = JSON.parse(text);
    return Array.isArray(records) ? records : [];
  } catch {
    return [];
  }
}
