// Fetches what the store sells, and who may try it on.

import { Catalog } from "./catalog.js";

async function text(url, options) {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return response.text();
}

/** The store without its personas is still a store. */
const personasFrom = (json) => {
  try {
    return JSON.parse(json).personas ?? [];
  } catch {
    return [];
  }
};

/** @param {AbortSignal} signal ends the wait for the personas */
export async function loadStore(signal) {
  const [lines, shoppers] = await Promise.all([
    text("./catalog.jsonl"),
    text("./shoppers.json", { signal }).catch(() => "{}"),
  ]);
  const items = lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const catalog = new Catalog(items);
  const personas = personasFrom(shoppers).map((persona) => ({
    ...persona,
    events: persona.events.filter(({ itemId }) => itemId === undefined || catalog.item(itemId)),
  }));
  return { catalog, personas };
}
