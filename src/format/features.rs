//! The features that a ranker may ask for. Their numbers are part of the format: new ones go to the end.

/// The part of a score that a feature's contribution is counted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Part {
    /// The incoming order, and what is known of the list and the session as a whole.
    Base,
    /// Nearness of embeddings.
    Embedding,
    /// Neighbor rows.
    Neighbors,
    /// The shopper's own events with the candidates.
    History,
    /// How popular the item is.
    Popularity,
    /// What the store says of the item, its price above all.
    Attributes,
}

macro_rules! features {
    ($($(#[$doc:meta])* $feature:ident, $name:literal, $part:ident;)*) => {
        /// What is known of a candidate in its list, as one whole number.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Feature {
            $($(#[$doc])* $feature,)*
        }

        impl Feature {
            /// Every feature, by number.
            pub const ALL: &[Feature] = &[$(Feature::$feature),*];

            /// The name in `docs/EVALUATION.md` and in what the command prints.
            pub fn name(self) -> &'static str {
                match self { $(Feature::$feature => $name),* }
            }

            /// The part of the score that it counts to.
            pub fn part(self) -> Part {
                match self { $(Feature::$feature => Part::$part),* }
            }
        }
    };
}

/// How many features there are.
pub const N_FEATURES: usize = Feature::ALL.len();

/// "Never" or "none there" of features that count how long ago or how far away something is.
pub const FAR: i16 = i16::MAX;
/// "None" of features that compare.
pub const NONE: i16 = i16::MIN;

features! {
    /// Incoming slot, from 0.
    Position, "position", Base;
    /// The incoming order or the engine's score as base score, in 1/128 of a logit.
    BaseScore, "base_score", Base;
    /// Candidates in the list.
    Candidates, "candidates", Base;
    /// Candidates that the shopper has touched.
    TouchedCandidates, "touched_candidates", Base;
    /// Share of the candidates that were shown before, in 1/256.
    SeenShare, "seen_share", Base;
    /// Share of the slots whose price is not below the one before, in 1/256: is the list sorted by price?
    AscendingPrices, "ascending_prices", Base;
    /// Number of the surface: 0 where it is none of the usual ones.
    Surface, "surface", Base;
    /// Touches of the session.
    SessionTouches, "session_touches", Base;
    /// Different items touched.
    SessionItems, "session_items", Base;
    /// Clicks of the session.
    SessionClicks, "session_clicks", Base;
    /// Searches of the session.
    SessionSearches, "session_searches", Base;
    /// Seconds since the first touch.
    SessionSeconds, "session_seconds", Base;
    /// Seconds since the newest touch.
    SecondsSinceTouchOfAny, "seconds_since_touch_of_any", Base;
    /// Touches since the newest search.
    SinceSearch, "since_search", Base;
    /// Touches since the newest click.
    SinceClick, "since_click", Base;
    /// Kind of the newest touch.
    LastKind, "last_kind", Base;
    /// Embedding part of the linear blend, in 1/128 of a logit.
    Embedding, "embedding", Embedding;
    /// What it lacks to the best of the list.
    EmbeddingGap, "embedding_gap", Embedding;
    /// Neighbor part of the linear blend, in 1/128 of a logit.
    Neighbors, "neighbors", Neighbors;
    /// What it lacks to the best of the list.
    NeighborsGap, "neighbors_gap", Neighbors;
    /// Newer touches of other items.
    SinceTouch, "since_touch", History;
    /// Different items touched after it.
    TouchRank, "touch_rank", History;
    /// Different candidates touched after it.
    TouchRankInList, "touch_rank_in_list", History;
    /// Seconds since its newest touch.
    SecondsSinceTouch, "seconds_since_touch", History;
    /// Touches since its first one.
    SinceFirstTouch, "since_first_touch", History;
    /// Its touches.
    Touches, "touches", History;
    /// Its share of all touches, in 1/256.
    TouchShare, "touch_share", History;
    /// Its views.
    Views, "views", History;
    /// Its clicks.
    Clicks, "clicks", History;
    /// How often it went into the cart.
    AddsToCart, "adds_to_cart", History;
    /// How often it went on a wish list.
    Wishlists, "wishlists", History;
    /// How often it was bought.
    Purchases, "purchases", History;
    /// Kind of its newest touch.
    TouchKind, "touch_kind", History;
    /// Touches since its newest click.
    SinceOwnClick, "since_own_click", History;
    /// Searches since its newest touch.
    SearchesSinceTouch, "searches_since_touch", History;
    /// How often it was shown before.
    Seen, "seen", History;
    /// Slots below the candidate touched last.
    BelowLast, "below_last", History;
    /// Slots below the candidate that the session's last click was on.
    BelowLastClick, "below_last_click", History;
    /// Slots below the highest candidate touched.
    BelowHighest, "below_highest", History;
    /// Slots below the lowest candidate touched.
    BelowLowest, "below_lowest", History;
    /// Touched candidates above.
    TouchedAbove, "touched_above", History;
    /// Candidates above that were not touched.
    UntouchedAbove, "untouched_above", History;
    /// Level of popularity.
    Popularity, "popularity", Popularity;
    /// What it has over the list's mean.
    PopularityGain, "popularity_gain", Popularity;
    /// Level of clicks over expected clicks.
    ClickRate, "click_rate", Popularity;
    /// What it has over the list's mean.
    ClickRateGain, "click_rate_gain", Popularity;
    /// Share of the list that is cheaper, in 1/256.
    PriceRank, "price_rank", Attributes;
    /// Price over the list's median, in 1/256, as the next ones.
    PriceOfMedian, "price_of_median", Attributes;
    /// Price over the mean of the candidates touched.
    PriceOfTouched, "price_of_touched", Attributes;
    /// Price over that of the candidate touched last.
    PriceOfLast, "price_of_last", Attributes;
    /// Price over that of the candidate that the session's last click was on.
    PriceOfLastClick, "price_of_last_click", Attributes;
    /// Price over that of the candidate above.
    PriceOfAbove, "price_of_above", Attributes;
    /// Price over that of the candidate below.
    PriceOfBelow, "price_of_below", Attributes;
    /// Price over the least above and here.
    PriceOfCheapestAbove, "price_of_cheapest_above", Attributes;
    /// Price over the least of the list.
    PriceOfCheapest, "price_of_cheapest", Attributes;
    /// Price band.
    PriceBand, "price_band", Attributes;
    /// Share of the items touched that are in its price band, in 1/256.
    PriceBandShare, "price_band_share", Attributes;
    /// Share of the items touched that are of its brand, in 1/256.
    BrandShare, "brand_share", Attributes;
    /// Share of the items touched that are of its category, in 1/256.
    CategoryShare, "category_share", Attributes;
    /// Days since the item's first event.
    AgeDays, "age_days", Attributes;
}
