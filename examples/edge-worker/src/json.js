// Reorders a listing in JSON: `{ "items": [{ "id": …, "score"?: … }, …], "surface"?: … }`, as pages that load on while
// the shopper scrolls ask for it. The items are cut out of the text and put back in another order, not parsed and printed
// anew: `10.00` stays `10.00`, and long numbers stay exact. Those that rules bar are left out.

/** A longer answer passes as it came: unlike a page, all of it has to be held back. */
const MAX_BYTES = 512 * 1024;

/**
 * @param {import("reshelve/html").Reorder} reorder
 * @returns {TransformStream<Uint8Array, Uint8Array>}
 */
export function reorderJson(reorder) {
  let chunks = [];
  let byteLength = 0;
  return new TransformStream({
    transform(chunk, controller) {
      chunks.push(chunk);
      byteLength += chunk.length;
      if (byteLength <= MAX_BYTES) return;
      for (const held of chunks) controller.enqueue(held);
      chunks = [];
    },
    async flush(controller) {
      if (byteLength === 0 || byteLength > MAX_BYTES) return;
      const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
      controller.enqueue(reorderBytes(bytes, reorder));
    },
  });
}

function reorderBytes(bytes, reorder) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const { items, surface = "search" } = JSON.parse(text);
    const spans = spansOfItems(text);
    if (items.length !== spans.length) return bytes;
    const texts = spans.map(([start, end]) => text.slice(start, end));
    const candidates = items.map((item, index) => ({ id: String(item?.id), score: item?.score, text: texts[index] }));
    const ranking = reorder(surface, candidates);
    const shown = ranking.items.slice(0, ranking.items.length - ranking.barred);
    let result = "";
    let passed = 0;
    shown.forEach((item, slot) => {
      const [start, end] = spans[slot];
      result += text.slice(passed, start) + item.text;
      passed = end;
    });
    if (shown.length < spans.length) {
      // What separates the items left out from those before them goes with them.
      if (shown.length === 0) result += text.slice(passed, spans[0][0]);
      passed = spans.at(-1)[1];
    }
    return new TextEncoder().encode(result + text.slice(passed));
  } catch {
    // No UTF-8, no JSON, or no listing.
    return bytes;
  }
}

/** Strings and punctuation; what is between them is numbers, words and blanks. */
const TOKENS = /"(?:[^"\\]+|\\.)*"|[[\]{},:]/g;

/**
 * @param {string} text valid JSON
 * @returns {[number, number][]} where each element of the top-level array `items` starts and ends
 */
function spansOfItems(text) {
  let spans = [];
  let depth = 0;
  /** Where the element under way starts; undefined outside of the array. */
  let start;
  let previous = [];
  for (const token of text.matchAll(TOKENS)) {
    const [symbol] = token;
    const isEnd = start !== undefined && depth === 2 && (symbol === "," || symbol === "]");
    if (isEnd) {
      const element = text.slice(start, token.index);
      const from = start + element.length - element.trimStart().length;
      if (element.trim()) spans.push([from, from + element.trim().length]);
      start = symbol === "," ? token.index + 1 : undefined;
    }
    if (symbol === "{" || symbol === "[") depth += 1;
    if (symbol === "}" || symbol === "]") depth -= 1;
    const [key, colon] = previous;
    if (symbol === "[" && depth === 2 && colon === ":" && key.startsWith('"') && JSON.parse(key) === "items") {
      // Of a key that stands twice, the last one counts.
      spans = [];
      start = token.index + 1;
    }
    previous = [previous.at(-1) ?? "", symbol];
  }
  return spans;
}
