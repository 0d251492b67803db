//! What a shopper can do, in the words of the event log and of the JavaScript API.

use serde::{Deserialize, Serialize};

/// The kind of an event. The numbers are part of the model file and of the session token: never reuse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "train", derive(schemars::JsonSchema))]
#[repr(u8)]
pub enum EventKind {
    /// The item's own page was seen.
    View = 0,
    /// The item was clicked in a list.
    Click = 1,
    /// A query was typed. Carries no item.
    Search = 2,
    /// The item went into the cart.
    AddToCart = 3,
    /// The item left the cart.
    RemoveFromCart = 4,
    /// The item was put on a wish list.
    Wishlist = 5,
    /// The item was bought.
    Purchase = 6,
    /// The item was sent back, or its order cancelled.
    Return = 7,
    /// The item was shown in a list.
    Impression = 8,
    /// A question of the store's was answered. Carries no item, and `question/answer` for a query.
    Answer = 9,
    /// The shopper does not want the item.
    NotInterested = 10,
    /// The shopper wants less of what is like the item.
    LessLikeThis = 11,
}

impl EventKind {
    /// How many kinds there are: one more than the largest number.
    pub const COUNT: usize = 12;
    /// How many kinds a model has weights for: those with numbers below it. The others are aversions, which are no
    /// interest of any weight.
    pub const N_WEIGHED: usize = 10;

    /// Every kind, by number.
    pub const ALL: [EventKind; EventKind::COUNT] = [
        EventKind::View,
        EventKind::Click,
        EventKind::Search,
        EventKind::AddToCart,
        EventKind::RemoveFromCart,
        EventKind::Wishlist,
        EventKind::Purchase,
        EventKind::Return,
        EventKind::Impression,
        EventKind::Answer,
        EventKind::NotInterested,
        EventKind::LessLikeThis,
    ];

    /// The kind with this number, if there is one.
    pub fn from_number(number: u8) -> Option<EventKind> {
        EventKind::ALL.get(usize::from(number)).copied()
    }

    /// Whether the shopper has settled on the item: what is wanted next goes with it, and does not take its place.
    pub fn is_choice(self) -> bool {
        matches!(self, EventKind::AddToCart | EventKind::Purchase)
    }

    /// The name that logs, session states and the JavaScript API use, e.g. `add_to_cart`.
    pub fn name(self) -> &'static str {
        match self {
            EventKind::View => "view",
            EventKind::Click => "click",
            EventKind::Search => "search",
            EventKind::AddToCart => "add_to_cart",
            EventKind::RemoveFromCart => "remove_from_cart",
            EventKind::Wishlist => "wishlist",
            EventKind::Purchase => "purchase",
            EventKind::Return => "return",
            EventKind::Impression => "impression",
            EventKind::Answer => "answer",
            EventKind::NotInterested => "not_interested",
            EventKind::LessLikeThis => "less_like_this",
        }
    }

    /// Whether events of this kind are with an item; the others carry a query.
    pub fn has_item(self) -> bool {
        !matches!(self, EventKind::Search | EventKind::Answer)
    }

    /// Whether it may tell of interest: all but what the store shows, and aversions.
    pub fn may_interest(self) -> bool {
        self != EventKind::Impression && !self.is_aversion()
    }

    /// Whether the shopper says that something is not wanted.
    pub fn is_aversion(self) -> bool {
        matches!(self, EventKind::NotInterested | EventKind::LessLikeThis)
    }

    /// The kind with this name, exactly as [`EventKind::name`] writes it.
    pub fn from_name(name: &str) -> Option<EventKind> {
        EventKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
