// Shows the view of the address, and the next one when the address changes.

import { parseAddress } from "./addresses.js";
import { closeDialogs } from "./ui/dialog.js";
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
 * puts its lists in order anew, `leave` is called when the shopper goes, and what it returns is handed to the view
 * when they come back; the search view goes on with `search`.
 */
export function startRouter(shop, shell) {
  let view;
  let isLink = false;
  /** How far down the shopper was on pages that they left, and how the view was, by address. */
  const left = new Map();
  let shown;

  function arrive() {
    shown = location.hash;
    isLink = false;
    // In WebKit every entry of the history has its own word on this, and would scroll before it says that it is there.
    history.scrollRestoration = "manual";
  }

  function go() {
    if (view) left.set(shown, { height: scrollY, kept: view.leave?.() });
    // Back and forward return to where the shopper was; a link leads to the top.
    const { height, kept } = (!isLink && left.get(location.hash)) || { height: 0 };
    const address = parseAddress(location.hash);
    const show = Object.hasOwn(VIEWS, address.name) ? VIEWS[address.name] : missingView;
    view = show(shop, address, kept) ?? missingView(shop, address);
    shell.show(view, address);
    scrollTo(0, height);
    arrive();
  }

  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#/']");
    // Held keys open another tab or window, or save.
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.hash === location.hash) scrollTo(0, 0);
    else isLink = true;
  });
  addEventListener("hashchange", () => {
    closeDialogs();
    const [from, to] = [parseAddress(shown), parseAddress(location.hash)];
    if (from.name === "search" && to.name === "search" && view?.search) {
      arrive();
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
