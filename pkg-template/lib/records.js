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

/** The stages that move candidates, in their order. */
const STAGES = ["score", "variety", "place", "rules"];

/** @returns {Omit<import("../index.d.ts").Explanation, "itemId">} */
export function toExplanation([from, penalty, affinity, score, facts, rule, code, cited, eventType, terms, path], to) {
  const [known, fixed, barred, discovered] = facts;
  const [base, embedding, neighbors, history, popularity, attributes, boost, answers, fatigue, aversion] = terms;
  const parts = { base, embedding, neighbors, history, popularity, attributes, boost, answers, fatigue, aversion };
  const reason = code === "chosen" ? { code, answer: cited } : present({ code, itemId: cited, eventType });
  const slots = path ? [from, ...path, to] : [];
  const moves = STAGES.map((stage, at) => ({ stage, from: slots[at], to: slots[at + 1] }));
  return present({
    ...{ from, to, base, affinity, penalty, score, parts, known, fixed, barred, discovered, rule, reason },
    moves: moves.filter((move) => move.from !== move.to),
  });
}

export function toAffinity([attribute, word, number, events, weight]) {
  return { attribute, value: word ?? number, events, weight };
}

/** @returns {[string, string, object]} code, message and details of a failure */
export function toFailure([code, message, expected, got]) {
  return [code, message, present({ expected, got })];
}
