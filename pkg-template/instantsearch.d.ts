import type { Ranking, RerankOptions, Session } from "./index.js";

/** What InstantSearch gives to `transformItems` beside the items. */
export interface TransformMetadata {
  readonly results?: unknown;
}

export interface TransformOptions<Hit, Metadata> extends Partial<RerankOptions<Hit>> {
  /**
   * Whether to reorder this page. Say no where the shopper has chosen an order, such as by price:
   * `when: ({ results }) => results?.index === "products"`. Default: always.
   */
  when?: (metadata: Metadata) => boolean;
  /** Called with the first answer to each `results`: to log the exposure, or to show why. What it throws is warned of. */
  onRanking?: (ranking: Ranking<Hit>, metadata: Metadata) => void;
}

/**
 * Makes a `transformItems` for the hits and infinite hits widgets of InstantSearch, React InstantSearch and Vue
 * InstantSearch. It reorders the hits of a page, leaves out those that rules bar, and changes nothing else: the same objects, `__position` and
 * `__queryID` included, so that clicks are still reported with the engine's own positions.
 *
 * @param session the session, or a function that gives it: until it gives one, as while the model is loading, the order
 *   stays as it is
 * @param options as for `Session.rerank`; `surface` is `"search"` and `itemId` the hit's `objectID` unless given
 */
export declare function transformHits<Hit extends { objectID: string }, Metadata = TransformMetadata>(
  session: Session | (() => Session | undefined),
  options?: TransformOptions<Hit, Metadata>,
): <Item extends Hit>(items: Item[], metadata: Metadata) => Item[];
