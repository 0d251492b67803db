//! What the words of a log mean.

use std::collections::{BTreeMap, HashMap};

use super::config::{EventConfig, KindWord};
use crate::session::EventKind;

/// Words that logs use, in lower case and without punctuation, beside our own names.
const USUAL: [(&str, EventKind); 26] = [
    ("pageview", EventKind::View),
    ("productview", EventKind::View),
    ("itemview", EventKind::View),
    ("viewitem", EventKind::View),
    ("viewproduct", EventKind::View),
    ("detailpageview", EventKind::View),
    ("itemclick", EventKind::Click),
    ("productclick", EventKind::Click),
    ("selectitem", EventKind::Click),
    ("viewsearchresults", EventKind::Search),
    ("sitesearch", EventKind::Search),
    ("cart", EventKind::AddToCart),
    ("addcart", EventKind::AddToCart),
    ("addtobasket", EventKind::AddToCart),
    ("removecart", EventKind::RemoveFromCart),
    ("removefrombasket", EventKind::RemoveFromCart),
    ("addtowishlist", EventKind::Wishlist),
    ("favorite", EventKind::Wishlist),
    ("transaction", EventKind::Purchase),
    ("purchasecomplete", EventKind::Purchase),
    ("buy", EventKind::Purchase),
    ("order", EventKind::Purchase),
    ("refund", EventKind::Return),
    ("cancel", EventKind::Return),
    ("viewitemlist", EventKind::Impression),
    ("show", EventKind::Impression),
];

/// Knows the words of one log, and remembers those that it does not.
#[derive(Debug)]
pub(super) struct Kinds {
    default: EventKind,
    /// As the log writes them; the configuration's words first, others as they turn up.
    words: HashMap<String, Option<KindWord>>,
    unknown: BTreeMap<String, u64>,
}

/// Different unknown words that are remembered; a column of ids mapped by mistake must not fill the memory.
const UNKNOWN_MAX: usize = 1_000;

impl Kinds {
    pub(super) fn new(config: &EventConfig) -> Kinds {
        let words = config.kinds.iter().map(|(word, &kind)| (word.trim().to_owned(), Some(kind))).collect();
        Kinds { default: config.default, words, unknown: BTreeMap::new() }
    }

    /// The kind of an event with this word; the default for none. `None`: nothing to learn from.
    pub(super) fn kind_of(&mut self, word: &str) -> Option<EventKind> {
        if word.is_empty() {
            return Some(self.default);
        }
        let known = match self.words.get(word) {
            Some(&known) => known,
            None => {
                let known = usual_meaning(word).map(KindWord::Kind);
                if self.words.len() < UNKNOWN_MAX {
                    self.words.insert(word.to_owned(), known);
                }
                known
            }
        };
        match known {
            Some(KindWord::Kind(kind)) => Some(kind),
            Some(KindWord::Ignore) => None,
            None => {
                if self.unknown.contains_key(word) || self.unknown.len() < UNKNOWN_MAX {
                    *self.unknown.entry(word.to_owned()).or_default() += 1;
                }
                None
            }
        }
    }

    /// A sentence on the words that were not understood, the most frequent first; `None` where all were.
    pub(super) fn unknown_note(&self) -> Option<String> {
        let mut unknown: Vec<(&str, u64)> = self.unknown.iter().map(|(word, &count)| (word.as_str(), count)).collect();
        unknown.sort_by_key(|&(word, count)| (std::cmp::Reverse(count), word));
        let shown: Vec<String> = unknown.iter().take(5).map(|(word, count)| format!("`{word}` ({count})")).collect();
        (!shown.is_empty()).then(|| {
            let more = if unknown.len() > shown.len() { ", and others" } else { "" };
            format!(
                "No kind of event is known for {}{more}. Map each in [events.kinds], e.g. word = \"view\" or word = \
                 \"ignore\".",
                shown.join(", ")
            )
        })
    }
}

/// What a word means to most: our own names and [`USUAL`], whatever case and punctuation.
fn usual_meaning(word: &str) -> Option<EventKind> {
    let plain = |word: &str| -> String {
        word.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let word = plain(word);
    let own = EventKind::ALL.into_iter().find(|kind| plain(kind.name()) == word);
    own.or_else(|| USUAL.iter().find(|(usual, _)| *usual == word).map(|&(_, kind)| kind))
}
