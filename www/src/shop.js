// What every view is given: the store's data, the shopper's cart and wishes, and the one who puts things in order.

import { Basket } from "./data/basket.js";
import { createSearch } from "./data/search.js";
import { WishList } from "./data/wishes.js";
import { createReasons } from "./words/reasons.js";

/**
 * @param {{ catalog: import("./data/catalog.js").Catalog, personas: object[] }} store
 * @param {import("./personal/personalization.js").Personalization} personal
 * @param {ReturnType<typeof import("./personal/requests.js").watchRequests>} requests
 */
export function createShop({ catalog, personas }, personal, requests) {
  const basket = new Basket(personal);
  const wishes = new WishList(personal);

  /** Cart and wish list outlive a reload in the events that are remembered. */
  function restore() {
    const events = personal.events.filter(({ itemId }) => catalog.item(itemId));
    basket.restore(events);
    wishes.restore(events);
  }
  restore();
  personal.addEventListener("arrival", restore);

  const shop = {
    catalog,
    personas,
    personal,
    requests,
    basket,
    wishes,
    search: createSearch(catalog.items),
    reasons: createReasons(catalog, basket),
    /** Who the visitor shops as: a persona, or nobody but themselves. */
    persona: undefined,
    /** Whether newcomers are asked a few questions: until they have had enough of them. */
    isAsking: true,

    /** Lives through a persona's short history, as if it had happened just now. */
    shopAs(persona) {
      this.startOver({ quietly: true });
      this.persona = persona;
      personal.replay(persona.events);
      restore();
      personal.isPersonal = true;
    },

    /** Forgets the visit: events, cart, wishes. */
    startOver({ quietly = false } = {}) {
      basket.empty();
      wishes.empty();
      personal.clear({ quietly });
    },
  };

  // Nobody is a persona of whom nothing is known any more.
  personal.addEventListener("log", () => {
    if (!personal.events.length) shop.persona = undefined;
  });
  return shop;
}
