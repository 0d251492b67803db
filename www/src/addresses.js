// Addresses within the page: `#/search?q=tent`. What follows the hash never reaches a server.

const encode = encodeURIComponent;

export const linkTo = {
  home: () => "#/",
  search: (query) => `#/search?q=${encode(query)}`,
  category: (path) => `#/shelves/${path.map(encode).join("/")}`,
  product: (itemId) => `#/product/${encode(itemId)}`,
  cart: () => "#/cart",
  wishes: () => "#/wishes",
  merchandising: () => "#/merchandising",
  bring: (code) => `#/bring/${encode(code)}`,
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
