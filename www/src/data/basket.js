// The shopping cart, held in the page. Prices are the same for everyone.

export class Basket extends EventTarget {
  #personal;
  #lines = new Map();

  constructor(personal) {
    super();
    this.#personal = personal;
  }

  /** Lines, the newest last: item id and pieces. */
  get lines() {
    return [...this.#lines].map(([itemId, quantity]) => ({ itemId, quantity }));
  }

  get itemIds() {
    return [...this.#lines.keys()];
  }

  get pieces() {
    return this.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  }

  has(itemId) {
    return this.#lines.has(itemId);
  }

  /** The shopper puts one in. */
  add(itemId) {
    this.put(itemId, (this.#lines.get(itemId) ?? 0) + 1);
    this.#personal.record({ type: "add_to_cart", itemId });
  }

  /** The shopper changes how many; none takes the line out. */
  change(itemId, quantity) {
    const before = this.#lines.get(itemId) ?? 0;
    this.put(itemId, quantity);
    if (quantity > before) this.#personal.record({ type: "add_to_cart", itemId, quantity: quantity - before });
    if (quantity < before) this.#personal.record({ type: "remove_from_cart", itemId, quantity: before - quantity });
  }

  /** Holds what events have put in, and neither taken out nor bought since. What they do not speak of stays. */
  restore(events) {
    const pieces = new Map();
    for (const { type, itemId, quantity = 1 } of events) {
      const before = pieces.get(itemId) ?? 0;
      if (type === "add_to_cart") pieces.set(itemId, before + quantity);
      if (type === "remove_from_cart") pieces.set(itemId, Math.max(0, before - quantity));
      if (type === "purchase") pieces.set(itemId, 0);
    }
    for (const [itemId, quantity] of pieces) this.put(itemId, quantity);
  }

  /** Sets how many there are, and records nothing. */
  put(itemId, quantity) {
    if (quantity > 0) this.#lines.set(itemId, Math.min(quantity, 99));
    else this.#lines.delete(itemId);
    this.dispatchEvent(new Event("change"));
  }

  /** The shopper buys all of it. */
  buy() {
    for (const { itemId, quantity } of this.lines) this.#personal.record({ type: "purchase", itemId, quantity });
    this.empty();
  }

  empty() {
    this.#lines.clear();
    this.dispatchEvent(new Event("change"));
  }
}
