// Names for the fields of what comes out of WebAssembly as arrays. What is not there has no field.

export function present(record) {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

/** Records that lie one after the other, `width` fields each, from the field `start` on. */
export function split(fields, start, width) {
  return Array.from({ length: (fields.length - start) / width }, (_, record) =>
    fields.slice(start + record * width, start + (record + 1) * width),
  );
}

/** Fields of each record. */
export const EVENT_WIDTH = 7;
export const ITEM_WIDTH = 3;
export const EXPLANATION_WIDTH = 20;
export const AFFINITY_WIDTH = 5;

export function toInfo([id, formatVersion, createdAtMs, itemCount, dimensions, byteLength]) {
  return { id, formatVersion, createdAtMs, itemCount, dimensions, byteLength };
}

export function toEvent([id, type, itemId, query, timestamp, quantity, gift]) {
  return present({ id, type, itemId, query, timestamp, quantity, gift: gift ? true : undefined });
}

/** By the numbers that the WebAssembly uses. */
const BASES = ["session", "similar", "together", "popular", "trending", "recent", "again", "discovery"];

/** Items by their records, `width` fields each from the field `start` on, and their ids, which come one behind the other. */
export function toItems(ids, fields, start, width) {
  const items = [];
  let end = 0;
  for (let at = start; at < fields.length; at += width) {
    const begin = end;
    end += fields[at];
    items.push({ itemId: ids.slice(begin, end), basis: BASES[fields[at + 1]], score: fields[at + 2] });
  }
  return items;
}

/** The stages that move candidates, in their order. */
const STAGES = ["score", "variety", "place", "rules"];

/** @returns {Omit<import("../index.d.ts").Explanation, "itemId">} */
export function toExplanation([from, facts, penalty, number, ...rest], to) {
  const [known, fixed, barred, discovered] = [1, 2, 4, 8].map((fact) => (facts & fact) > 0);
  const [base, embedding, neighbors, history, popularity, attributes, boost, answers, fatigue, aversion] = rest;
  const parts = { base, embedding, neighbors, history, popularity, attributes, boost, answers, fatigue, aversion };
  const affinity = embedding + neighbors + history + popularity + attributes + answers + fatigue + aversion;
  const [code, cited, eventType] = rest.slice(13);
  const reason = code === "chosen" ? { code, answer: cited } : present({ code, itemId: cited, eventType });
  const rule = number < 0 ? undefined : number;
  // What was found came from no slot.
  const slots = from < 0 ? [] : [from, ...rest.slice(10, 13), to];
  const moves = STAGES.map((stage, at) => ({ stage, from: slots[at], to: slots[at + 1] }));
  return present({
    ...{ from, to, base, affinity, penalty, score: base + affinity + boost, parts },
    ...{ known, fixed, barred, discovered, rule, reason },
    moves: moves.filter((move) => move.from !== move.to),
  });
}

export function toAffinity([attribute, word, number, events, weight]) {
  return { attribute, value: word ?? number, events, weight };
}

/** @returns {[string, string, object]} code, message and details of a failure */
export function toFailure([code, message, option, expected, got]) {
  return [code, message, present({ option, expected, got })];
}
