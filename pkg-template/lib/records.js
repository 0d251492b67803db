// Names for the fields of what comes out of WebAssembly as arrays. What is not there has no field.

export function present(record) {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

export function toInfo([id, formatVersion, createdAtMs, itemCount, dimensions, byteLength]) {
  return { id, formatVersion, createdAtMs, itemCount, dimensions, byteLength };
}

export function toEvent([id, type, itemId, query, timestamp, quantity, gift]) {
  return present({ id, type, itemId, query, timestamp, quantity, gift });
}

export function toItem([itemId, basis, score]) {
  return { itemId, basis, score };
}

/** @returns {Omit<import("../index.d.ts").Explanation, "itemId" | "to">} */
export function toExplanation([from, penalty, affinity, score, facts, rule, code, itemId, eventType, terms]) {
  const [known, fixed, barred] = facts;
  const [base, embedding, neighbors, history, popularity, attributes, boost, answers, fatigue] = terms;
  const parts = { base, embedding, neighbors, history, popularity, attributes, boost, answers, fatigue };
  const reason = present({ code, itemId, eventType });
  return present({ from, base, affinity, penalty, score, parts, known, fixed, barred, rule, reason });
}

/** @returns {[string, string, object]} code, message and details of a failure */
export function toFailure([code, message, expected, got]) {
  return [code, message, present({ expected, got })];
}
