// Why something is shown, in words: a code and its arguments in, a sentence out. To speak another language, translate
// the two tables.

import { askedFor } from "./questions.js";

/** By reason code, then by what the shopper did with the cited item (or `any`). `{title}` is that item. */
const REASONS = {
  seen_before: {
    any: "You looked at this",
    add_to_cart: "You put this in your cart",
    remove_from_cart: "You had this in your cart",
    wishlist: "On your wish list",
    purchase: "You bought this",
    return: "You sent this back",
  },
  goes_with: {
    any: "Goes with {title}, which you viewed",
    in_cart: "Goes with {title} in your cart",
    here: "Often chosen together with this",
    wishlist: "Goes with {title} on your wish list",
    purchase: "Goes with {title}, which you bought",
  },
  similar_to: {
    any: "Because you viewed {title}",
    in_cart: "Suits {title} in your cart",
    here: "Close to this in use and style",
    wishlist: "Suits {title} on your wish list",
    purchase: "Because you bought {title}",
  },
  popular: { any: "Popular in the store" },
  trending: { any: "Popular these weeks" },
  chosen: { any: "You asked for {asked}" },
  different: { any: "Something different" },
  unwanted: { any: "You want less of what is like {title}", not_interested: "You are not interested in this" },
  store_order: { any: "" },
};

/** What the shopper did, by event type. */
const EVENTS = {
  view: "Viewed {title}",
  click: "Opened {title}",
  search: "Searched for “{query}”",
  add_to_cart: "Put {title} in the cart",
  remove_from_cart: "Took {title} out of the cart",
  wishlist: "Put {title} on the wish list",
  purchase: "Bought {title}",
  return: "Sent {title} back",
  answer: "Asked for {asked}",
  impression: "Was shown {title}",
  not_interested: "Was not interested in {title}",
  less_like_this: "Wanted less of what is like {title}",
};

const fill = (sentence, words) => sentence.replace(/\{(\w+)\}/g, (_, name) => words[name] ?? "");

/**
 * @param {import("../data/catalog.js").Catalog} catalog
 * @param {import("../data/basket.js").Basket} basket
 */
export function createReasons(catalog, basket) {
  /**
   * The sentence for a card.
   * @param {import("reshelve").Reason | undefined} reason
   * @param {{ here?: string }} [place] the item whose page this is
   */
  function why(reason, { here } = {}) {
    const sentences = REASONS[reason?.code] ?? REASONS.store_order;
    const { itemId, eventType, answer } = reason ?? {};
    let circumstance = eventType;
    if (itemId && itemId === here) circumstance = "here";
    else if (itemId && basket.has(itemId)) circumstance = "in_cart";
    return fill(sentences[circumstance] ?? sentences[eventType] ?? sentences.any, {
      title: itemId && catalog.shortTitle(itemId),
      asked: askedFor(answer),
    });
  }

  /** The sentence for an event. */
  const what = ({ type, itemId, query }) =>
    fill(EVENTS[type] ?? type, {
      title: itemId && catalog.shortTitle(itemId),
      query,
      asked: askedFor(query),
    });

  return { why, what };
}
