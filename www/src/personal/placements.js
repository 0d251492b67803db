// The blocks of the store's pages. What each of them draws from is said in the store's rules, by the same names; what
// stands here holds where the rules are missing, or do not know a block.

export const PLACEMENTS = {
  "home.for_you": { surface: "home", basis: "session" },
  "home.trending": { surface: "home", basis: "trending" },
  "home.because": { surface: "home", basis: "similar" },
  "product.goes_with": { surface: "product", basis: "together" },
  "product.alternatives": { surface: "product", basis: "similar" },
  "product.similar": { surface: "product", basis: "similar" },
  "cart.cross_sell": { surface: "cart", basis: "together" },
  again: { surface: "again", basis: "again" },
  recent: { surface: "recent", basis: "recent" },
  "search.results": { surface: "search" },
  "category.listing": { surface: "category" },
};

/** The threshold of a block that nothing else may fill up: all that is found at all is above it. */
export const NOTHING_ELSE = 0.001;

/** The request without its placement. */
const withoutPlacement = ({ placement, ...request }) => ({ ...PLACEMENTS[placement], ...request });

/**
 * The answer to a request by its placement, or without it where the rules do not hold that.
 *
 * @template Request, Answer
 * @param {Request} request
 * @param {(request: Request) => Answer} ask
 * @returns {Answer}
 */
export function asHeld(request, ask) {
  const answer = ask(request);
  return answer.reason === "invalid_argument" ? ask(withoutPlacement(request)) : answer;
}
