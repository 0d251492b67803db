// Addresses within the page: `#/search?q=tent`. What follows the hash never reaches a server.

import { cartView } from "./views/cart.js";
import { categoryView } from "./views/category.js";
import { homeView } from "./views/home.js";
import { missingView } from "./views/missing.js";
import { productView } from "./views/product.js";
import { searchView } from "./views/search.js";
import { wishesView } from "./views/wishes.js";

const encode = encodeURIComponent;

export const linkTo = {
  home: () => "#/",
  search: (query) => `#/search?q=${encode(query)}`,
  category: (path) => `#/shelves/${path.map(encode).join("/")}`,
  product: (itemId) => `#/product/${encode(itemId)}`,
  cart: () => "#/cart",
  wishes: () => "#/wishes",
};

/** Name, path and parameters of an address. */
export function parseAddress(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/").filter(Boolean).map(decode);
  return { name: name ?? "home", path: rest, query: new URLSearchParams(query) };
}

/** A broken escape is taken as it stands. */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const VIEWS = {
  home: homeView,
  search: searchView,
  shelves: categoryView,
  product: productView,
  cart: cartView,
  wishes: wishesView,
};

/**
 * Shows the view of the address, now and whenever it changes. A view is `{ title, element, update?, leave? }`: `update`
 * puts its lists in order anew, `leave` is called when the shopper goes.
 */
export function startRouter(shop, shell) {
  let view;
  let isLink = false;
  const heights = new Map();
  let shown = location.hash;
  history.scrollRestoration = "manual";

  function go() {
    view?.leave?.();
    const address = parseAddress(location.hash);
    const show = VIEWS[address.name] ?? missingView;
    view = show(shop, address) ?? missingView(shop, address);
    shell.show(view, address);
    // Back and forward return to where the shopper was; a link leads to the top.
    scrollTo(0, isLink ? 0 : (heights.get(location.hash) ?? 0));
    isLink = false;
    shown = location.hash;
  }

  addEventListener("click", (event) => {
    if (event.target.closest?.("a[href^='#/']")) {
      isLink = true;
      heights.set(shown, scrollY);
    }
  });
  addEventListener("hashchange", () => {
    const [from, to] = [parseAddress(shown), parseAddress(location.hash)];
    if (from.name === "search" && to.name === "search" && view?.search) {
      shown = location.hash;
      view.search(to.query.get("q") ?? "");
      return;
    }
    go();
    shell.focusHeading();
  });
  shop.personal.addEventListener("order", () => view?.update?.());
  go();
}
