// In a sandboxed frame: to touch storage is an error here. Tells the page around it how a shopper fares.

import { loadModel } from "/reshelve/index.js";
import { openShopper } from "/reshelve/shopper.js";

const attempt = () => {
  try {
    return typeof sessionStorage;
  } catch (error) {
    return error.name;
  }
};
const shopper = await openShopper(await loadModel("/golden/small.shelf"), { consent: "persist", countAutomated: true });
const { session } = shopper;
session.record({ type: "view", itemId: "item-001" });
await shopper.settled();
const held = session.events().map(({ type, itemId }) => `${type} ${itemId}`);
const hits = ["item-000", "item-001", "item-002"];
const { outcome } = session.rerank(hits, { surface: "search", itemId: (id) => id });
const { place, problems } = shopper.status;
const stored = await shopper.stored();
await shopper.consent("none");
const codes = problems.map(({ code }) => code);
parent.postMessage({ storage: attempt(), held, outcome, place, codes, stored, after: session.events() }, "*");
