// How long each kind of event is kept: functions of an event and a time, and of nothing else.

export const DAY_MS = 24 * 60 * 60 * 1000;

/** Days, by type: what is soon stale goes soon; what is bought again within a year, or was asked for, stays longer. */
export const RETENTION_DAYS = Object.freeze({
  impression: 7,
  view: 30,
  click: 30,
  search: 30,
  add_to_cart: 90,
  remove_from_cart: 90,
  wishlist: 180,
  answer: 180,
  less_like_this: 180,
  not_interested: 365,
  purchase: 365,
  return: 365,
});

/**
 * The default, with what the store says over it. What is no number of days from 0 counts as not said.
 *
 * @param {Partial<Record<string, number>>} [days]
 * @returns {Readonly<Record<string, number>>} days, by type
 */
export function retentionOf(days = {}) {
  const said = Object.entries(days).filter(([type, days]) => type in RETENTION_DAYS && days >= 0);
  return { ...RETENTION_DAYS, ...Object.fromEntries(said) };
}

/**
 * Until when an event is kept, milliseconds since the Unix epoch. A clock that was ahead does not lengthen it.
 *
 * @param {{ type: string, timestamp: number }} event
 * @param {Readonly<Record<string, number>>} days by type
 * @param {number} now
 */
export function keptUntil({ type, timestamp }, days, now) {
  return Math.min(timestamp, now) + days[type] * DAY_MS;
}
