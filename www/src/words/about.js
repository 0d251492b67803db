// What follows from a shopper's events, in words.

export const SEGMENTS = {
  new: "New here",
  browsing: "Looking around",
  buyer: "Has bought something",
  regular: "Buys here regularly",
  lapsed: "Has been away for long",
};

export const ATTRIBUTES = { brand: "Brand", category: "Category", price_band: "Price", size: "Size" };

const PRICES = ["lowest", "low", "middle", "high", "highest"];

/** @param {import("reshelve").Affinity} affinity */
export const valueWords = ({ attribute, value }) =>
  attribute === "price_band" ? (PRICES[value - 1] ?? String(value)) : String(value).split(" > ").join(" › ");
