// A store's page, as small as it can be: the tests open a shopper in it and look at what the browser holds.
// `?consent=TIER` opens one at once, as a page of a store would; `&view=ITEM&ago=MS` looks at an item, and tells the
// server when it has: whoever asks the page itself counts as touching it.

import { loadModel } from "/reshelve/index.js";
import { openShopper } from "/reshelve/shopper.js";

const hits = Array.from({ length: 30 }, (_, index) => ({ id: `item-${String(index).padStart(3, "0")}` }));

const page = {
  model: undefined,
  /** @type {import("reshelve/shopper").Shopper} */
  shopper: undefined,

  /** A test is a program; it counts as a shopper unless it says otherwise. */
  async open(options = {}) {
    page.shopper = await openShopper(page.model, { countAutomated: true, ...options });
    return page.shopper;
  },

  /** Looks at an item. */
  view(itemId, more = {}) {
    return page.shopper.session.record({ type: "view", itemId, ...more });
  },

  /** What the session holds, in few words. */
  held() {
    return page.shopper.session.events().map(({ type, itemId, query }) => `${type} ${itemId ?? query}`);
  },

  /** Ids in the order of the session, and whether that is the store's own. */
  order() {
    const { items, outcome, reason } = page.shopper.session.rerank(hits, { surface: "search", itemId: ({ id }) => id });
    const isOwn = items.every((item, index) => item === hits[index]);
    return { isOwn, outcome, reason, ids: items.map(({ id }) => id) };
  },

  /** Everything that the browser holds for this origin, whoever wrote it. */
  async device() {
    const databases = await indexedDB.databases();
    return {
      databases: databases.map(({ name }) => name),
      tab: Object.keys(sessionStorage),
      local: Object.keys(localStorage),
      caches: globalThis.caches ? await caches.keys() : [],
      cookie: document.cookie,
    };
  },

  /** Opens the shopper's database by hand. */
  database(name = "reshelve") {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  },

  /** What lies in a store of the database. */
  async inDatabase(store = "events") {
    const db = await page.database();
    try {
      return await page.asked(db.transaction(store).objectStore(store).getAll());
    } finally {
      db.close();
    }
  },

  /** Puts records into the database by hand. */
  async putIntoDatabase(...records) {
    const db = await page.database();
    const transaction = db.transaction("events", "readwrite");
    for (const record of records) transaction.objectStore("events").put(record);
    await new Promise((resolve, reject) => Object.assign(transaction, { oncomplete: resolve, onabort: reject }));
    db.close();
  },

  asked: (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    }),

  /** Waits until something is so. */
  async until(question, what = String(question)) {
    for (const start = performance.now(); !(await question()); await new Promise((resolve) => setTimeout(resolve, 10)))
      if (performance.now() - start > 15_000) throw new Error(`it never came to: ${what}`);
  },

  /** The same page once more, beside this one, with a `page` of its own. */
  async another(query = "") {
    const frame = document.createElement("iframe");
    frame.src = `/index.html${query}`;
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
    await page.until(() => frame.contentWindow.page?.isReady, "the other page is ready");
    return frame.contentWindow.page;
  },

  isReady: false,
};

globalThis.page = page;
const { consent, view, ago, model = "small" } = Object.fromEntries(new URLSearchParams(location.search));
page.model = await loadModel(`/golden/${model}.shelf`);
if (consent) await page.open({ consent });
if (view) {
  page.view(view, { timestamp: Date.now() - Number(ago) });
  await fetch("/index.html?viewed");
}
page.isReady = true;
document.documentElement.dataset.ready = "";
