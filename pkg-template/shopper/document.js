// What a shopper can take along: a document of all events, or a code that fits a QR code.

import { MAX_EVENTS } from "../lib/core.js";
import { isSound } from "./records.js";

/** What the document is, for whoever finds it. */
const FORMAT = "reshelve-shopper";
const VERSION = 1;

/** Most characters that are read. */
const MAX_LENGTH = 1_000_000;
/** Clocks differ; what is further ahead than this has not happened, milliseconds. */
const AHEAD_MS = 24 * 60 * 60 * 1000;

/**
 * @param {readonly import("../index.d.ts").SessionEvent[]} events
 * @param {number} now
 * @returns {import("../shopper.d.ts").ShopperDocument}
 */
export function toDocument(events, now) {
  return { format: FORMAT, v: VERSION, exportedAt: new Date(now).toISOString(), events: [...events] };
}

/**
 * Reads a document, its text, or a code.
 *
 * @param {unknown} from
 * @param {number} now
 * @returns {{ state?: string | import("../index.d.ts").SessionState, isWhole?: boolean, reason?: "damaged" | "version" }}
 *   what a session can be made from, and whether that is all of it; or why there is nothing
 */
export function readDocument(from, now) {
  let document = from;
  if (typeof from === "string") {
    const text = from.trim();
    if (text.length > MAX_LENGTH) return { reason: "damaged" };
    if (!text.startsWith("{")) return { state: text, isWhole: true };
    try {
      document = JSON.parse(text);
    } catch {
      return { reason: "damaged" };
    }
  }
  if (document?.format !== FORMAT || !Array.isArray(document.events)) return { reason: "damaged" };
  if (document.v !== VERSION) return { reason: "version" };
  const newest = document.events.slice(-MAX_EVENTS);
  const events = newest.filter((event) => isSound(event) && event.timestamp <= now + AHEAD_MS).map(fieldsOf);
  return { state: { v: 1, events }, isWhole: events.length === document.events.length };
}

/** The fields that an event has, and no others. */
function fieldsOf({ type, itemId, query, timestamp, quantity, gift }) {
  return { type, itemId, query, timestamp, quantity, gift };
}

/** Tells whether one of the events held says the same as another event. */
export function isIn(held) {
  const words = ({ type, itemId, query, timestamp, quantity = 1, gift = false }) =>
    JSON.stringify([type, itemId, query, timestamp, quantity, gift]);
  const said = new Set(held.map(words));
  return (event) => said.has(words(event));
}

const MINUTE_MS = 60 * 1000;

/** Tells whether one of the events held is that of a code: a code tells times to the minute, and those of long ago to 3 %. */
export function isRoughlyIn(held, now) {
  const isRoughly = (one, { type, itemId, timestamp }) => {
    const blur = Math.max(2 * MINUTE_MS, (now - one.timestamp) * 0.05);
    return type === one.type && itemId === one.itemId && Math.abs(timestamp - one.timestamp) <= blur;
  };
  return (event) => held.some((one) => isRoughly(one, event));
}
