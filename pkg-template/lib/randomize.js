// Randomness that nobody can foresee, and the mechanism that hides a count in it.

/** Probabilities are whole numbers of parts of this many. */
export const WHOLE = 2 ** 32;

/**
 * A whole number from 0 to `n` - 1, each as likely as any other: what lies beyond the last whole multiple of `n` is
 * drawn again.
 *
 * @param {number} n 1 to {@link WHOLE}
 */
export function drawBelow(n) {
  const end = WHOLE - (WHOLE % n);
  const drawn = new Uint32Array(1);
  do crypto.getRandomValues(drawn);
  while (drawn[0] >= end);
  return drawn[0] % n;
}

/**
 * Of {@link WHOLE} draws, how many say 1 for a count: the one-bit mechanism of Ding, Kulkarni and Yekhanin, "Collecting
 * Telemetry Data Privately" (NeurIPS 2017, section 3.1), in whole numbers. It rises in equal steps from `low`, for 0,
 * to `WHOLE - low`, for `cap`, where `low / WHOLE` is at least 1 / (e^epsilon + 1): so no answer is more than e^epsilon
 * times as likely for one count as for another. `src/counters/mechanism.rs` takes it back.
 *
 * @param {number} count 0 to `cap`
 * @param {number} cap 1 to 255
 * @param {number} epsilon 0.01 to 16
 */
export function threshold(count, cap, epsilon) {
  // One more than rounding up: the last bit of `Math.exp`, which is not the same in every engine, must not matter.
  let low = Math.ceil(WHOLE / (Math.exp(epsilon) + 1)) + 1;
  while ((WHOLE - 2 * low) % cap) low += 1;
  return low + (count * (WHOLE - 2 * low)) / cap;
}

/** A count as one random bit. */
export function randomize(count, cap, epsilon) {
  return drawBelow(WHOLE) < threshold(count, cap, epsilon) ? 1 : 0;
}
