// The wish list, held in the page.

export class WishList extends EventTarget {
  #personal;
  #itemIds = new Set();

  constructor(personal) {
    super();
    this.#personal = personal;
  }

  get itemIds() {
    return [...this.#itemIds];
  }

  has(itemId) {
    return this.#itemIds.has(itemId);
  }

  /** The shopper presses the heart. Whether it is on the list afterwards. */
  toggle(itemId) {
    if (this.#itemIds.delete(itemId)) {
      // There is no event for a wish taken back: the wish itself is forgotten.
      this.#personal.forgetWhere(({ type, itemId: wished }) => type === "wishlist" && wished === itemId);
    } else {
      this.#itemIds.add(itemId);
      this.#personal.record({ type: "wishlist", itemId });
    }
    this.dispatchEvent(new Event("change"));
    return this.has(itemId);
  }

  /** Puts what was wished for on the list, and records nothing. */
  restore(events) {
    for (const { type, itemId } of events) if (type === "wishlist") this.#itemIds.add(itemId);
    this.dispatchEvent(new Event("change"));
  }

  empty() {
    this.#itemIds.clear();
    this.dispatchEvent(new Event("change"));
  }
}
