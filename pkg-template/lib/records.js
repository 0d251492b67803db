// Names for the fields of what comes out of WebAssembly as arrays. What is not there has no field.

function present(record) {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

export function toInfo([id, formatVersion, createdAtMs, itemCount, dimensions, byteLength]) {
  return { id, formatVersion, createdAtMs, itemCount, dimensions, byteLength };
}

export function toEvent([id, type, itemId, query, timestamp, quantity]) {
  return present({ id, type, itemId, query, timestamp, quantity });
}

export function toItem([itemId, basis, score]) {
  return { itemId, basis, score };
}

/** @returns {Omit<import("../index.d.ts").Explanation, "itemId" | "to">} */
export function toExplanation([from, penalty, affinity, score, known, fixed, code, itemId, eventType, terms]) {
  const [base, embedding, neighbors, history, popularity, attributes, boost, answers, fatigue] = terms;
  const parts = { base, embedding, neighbors, history, popularity, attributes, boost, answers, fatigue };
  return { from, base, affinity, penalty, score, parts, known, fixed, reason: present({ code, itemId, eventType }) };
}

/** @returns {[string, string, object]} code, message and details of a failure */
export function toFailure([code, message, expected, got]) {
  return [code, message, present({ expected, got })];
}
