// Shows the view of the address, and the next one when the address changes.

import { parseAddress } from "./addresses.js";
import { cartView } from "./views/cart.js";
import { categoryView } from "./views/category.js";
import { homeView } from "./views/home.js";
import { merchandisingView } from "./views/merchandising.js";
import { missingView } from "./views/missing.js";
import { productView } from "./views/product.js";
import { searchView } from "./views/search.js";
import { wishesView } from "./views/wishes.js";

const VIEWS = {
  home: homeView,
  search: searchView,
  shelves: categoryView,
  product: productView,
  cart: cartView,
  wishes: wishesView,
  merchandising: merchandisingView,
};

/**
 * Shows the view of the address, now and whenever it changes. A view is `{ title, element, update?, leave? }`: `update`
 * puts its lists in order anew, `leave` is called when the shopper goes; the search view goes on with `search`.
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
    const show = Object.hasOwn(VIEWS, address.name) ? VIEWS[address.name] : missingView;
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
      isLink = false;
      view.search(to.query.get("q") ?? "");
      shell.follow(to);
      return;
    }
    go();
    shell.focusHeading();
  });
  shop.personal.addEventListener("order", () => view?.update?.());
  go();
}
