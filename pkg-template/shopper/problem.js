// What goes wrong with a storage, by codes that do not change.

/** How long a database may take for one piece of work, milliseconds. */
const PATIENCE_MS = 5000;

const CODES = {
  SecurityError: "storage_blocked",
  InvalidStateError: "storage_blocked",
  NotAllowedError: "storage_blocked",
  ReferenceError: "storage_blocked",
  TypeError: "storage_blocked",
  QuotaExceededError: "storage_full",
  TimeoutError: "storage_slow",
  VersionError: "storage_foreign",
};

/** @returns {import("../shopper.d.ts").ProblemCode} */
export function codeOf(error) {
  return CODES[error?.name] ?? "storage_failed";
}

/** The same, or a `TimeoutError`: there are browsers in which a database never answers. */
export function within(work, patienceMs = PATIENCE_MS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new DOMException("the database does not answer", "TimeoutError")), patienceMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
