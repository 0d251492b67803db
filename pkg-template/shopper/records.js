// What is stored of an event: one record, with an envelope that every version of the package reads.
//
//   { key, v, until, event }
//
// `key` names the record and nobody else. `until` bounds how long the record is kept, whoever wrote it: so what a newer
// version has written is left alone by an older one, and is still gone in time.

import { RETENTION_DAYS, keptUntil } from "./retention.js";

/** Version of `event`. */
export const FORMAT = 1;

let made = 0;

/** A name that nothing else has. Names made in one page sort by when they were: what happened first stays first. */
export function newKey() {
  const hex = (number, digits) => number.toString(16).padStart(digits, "0");
  const random = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => hex(byte, 2)).join("");
  return `${hex(Date.now(), 12)}${hex((made += 1), 8)}${random}`;
}

/** Order of time, and of arrival within a millisecond. */
export function byTime(one, other) {
  return one.event.timestamp - other.event.timestamp || (one.key < other.key ? -1 : 1);
}

/** @returns {StoredRecord} */
export function toRecord({ id, ...event }, days, now) {
  return { key: newKey(), v: FORMAT, until: keptUntil(event, days, now), event };
}

/**
 * Tells apart what a storage gave back.
 *
 * @typedef {{ key: string, v: number, until: number, event: import("../index.d.ts").SessionEvent }} StoredRecord
 * @param {readonly unknown[]} values
 * @param {Readonly<Record<string, number>>} days by type
 * @param {number} now
 * @returns {{ sound: StoredRecord[], shortened: string[], newer: StoredRecord[], expired: string[], damaged: unknown[] }}
 *   `sound` has the oldest event first, and `until` as it is now; `shortened` are the keys of those where it was later;
 *   `newer` is of a newer version; `damaged` are the keys of what nobody can read
 */
export function sift(values, days, now) {
  const found = { sound: [], shortened: [], newer: [], expired: [], damaged: [] };
  for (const value of values) {
    const { key, v, until, event } = value ?? {};
    if (typeof key !== "string" || !Number.isInteger(v) || !Number.isFinite(until)) found.damaged.push(key);
    else if (until <= now) found.expired.push(key);
    else if (v > FORMAT || isOfLaterType(event)) found.newer.push(value);
    else if (!isSound(event)) found.damaged.push(key);
    else {
      // The store may keep less today than it did when this was written.
      const limit = Math.min(until, keptUntil(event, days, now));
      if (limit < until) found.shortened.push(key);
      if (limit <= now) found.expired.push(key);
      else found.sound.push({ ...value, until: limit });
    }
  }
  found.sound.sort(byTime);
  return found;
}

const isOfLaterType = (event) => typeof event?.type === "string" && !Object.hasOwn(RETENTION_DAYS, event.type);

/** Whether the fields have their types; what they say is for the session to judge. */
export function isSound(event) {
  const { type, itemId = "", query = "", timestamp, quantity = 1, gift = false } = event ?? {};
  return (
    typeof type === "string" &&
    Object.hasOwn(RETENTION_DAYS, type) &&
    typeof itemId === "string" &&
    typeof query === "string" &&
    Number.isFinite(timestamp) &&
    Number.isInteger(quantity) &&
    typeof gift === "boolean"
  );
}

/** How much there is, and until when at most. */
export function measure(records) {
  const untils = records.map((record) => record?.until).filter(Number.isFinite);
  return {
    events: records.length,
    bytes: JSON.stringify(records).length,
    ...(untils.length ? { until: Math.max(...untils) } : {}),
  };
}
