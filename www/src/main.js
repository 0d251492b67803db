// Opens the store: everything is fetched here, at once; afterwards the page asks for nothing more.

import { installLight } from "./art/index.js";
import { loadStore } from "./data/load.js";
import { Personalization } from "./personal/personalization.js";
import { watchRequests } from "./personal/requests.js";
import { welcomeVisits } from "./panels/bring.js";
import { startRouter } from "./router.js";
import { openShell } from "./shell.js";
import { createShop } from "./shop.js";
import { h } from "./ui/dom.js";

/** Milliseconds that the store waits for what it can do without. */
const PATIENCE_MS = 4000;

async function open() {
  const requests = watchRequests();
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const loading = loadStore(signal);
  const [store, personal] = await Promise.all([
    loading,
    Personalization.load(
      "./store.shelf",
      "./store.rules",
      loading.then(({ catalog }) => catalog.items),
      signal,
    ),
  ]);
  const shop = createShop(store, personal, requests);
  installLight(document.body);
  const shell = openShell(shop, document.getElementById("shop"));
  welcomeVisits(shop);
  startRouter(shop, shell);
  await requests.startCounting();
  document.documentElement.dataset.ready = "";
}

open().catch((error) => {
  console.error(error);
  document
    .getElementById("shop")
    .replaceChildren(
      h(
        "main",
        { class: "opening" },
        h("p", {}, "The store could not be opened: its catalog did not arrive. Please load the page again."),
      ),
    );
});
