// Numbers, prices and times as people read them.

const LANGUAGE = document.documentElement.lang || "en";

const price = new Intl.NumberFormat(LANGUAGE, { style: "currency", currency: "EUR" });
const kilobytes = new Intl.NumberFormat(LANGUAGE, { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 });
const milliseconds = new Intl.NumberFormat(LANGUAGE, { style: "unit", unit: "millisecond", maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat(LANGUAGE);
const day = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium" });
const ago = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });

export const formatPrice = (euros) => price.format(euros);
export const formatBytes = (bytes) => (bytes < 1000 ? `under ${kilobytes.format(1)}` : kilobytes.format(bytes / 1000));
export const formatCount = (count) => whole.format(count);

export const formatMilliseconds = (value) =>
  value < 0.1 ? `under ${milliseconds.format(0.1)}` : milliseconds.format(value);

export function formatAgo(timestamp, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - timestamp) / 1000));
  if (seconds < 10) return "just now";
  if (seconds < 60) return ago.format(-seconds, "second");
  if (seconds < 3600) return ago.format(-Math.round(seconds / 60), "minute");
  if (seconds < 2 * 86_400) return ago.format(-Math.round(seconds / 3600), "hour");
  return ago.format(-Math.round(seconds / 86_400), "day");
}

/** `Skogly`, or where a guest of the store sells it, `Varglen via Ridgeway`. */
export const formatMaker = ({ brand, seller }) => (seller === "Larkmoor" ? brand : `${brand} via ${seller}`);

export const formatDay = (timestamp) => day.format(timestamp);

/** `1 product`, `2 products`. */
export const counted = (count, one, many = `${one}s`) => `${formatCount(count)} ${count === 1 ? one : many}`;
