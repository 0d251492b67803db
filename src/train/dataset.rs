//! What learning starts from: cleaned sessions and a catalog, both in memory, items as dense numbers.

use std::sync::Arc;

use crate::session::EventKind;

/// What was known of a session before its first event: names and words, such as `season` and `q1`.
pub type Context = Arc<[(String, String)]>;

/// One event of a session with a known item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interaction {
    /// Index into [`Sessions::item_ids`].
    pub item: u32,
    /// What was done.
    pub kind: EventKind,
    /// Milliseconds since the Unix epoch, or an ordinal where the log has no dates: see [`Sessions::has_dates`].
    pub timestamp_ms: i64,
}

/// Cleaned sessions, oldest first by their last event; within a session, oldest event first.
#[derive(Debug, Clone)]
pub struct Sessions {
    /// The store's ids, sorted by their bytes, each once.
    pub item_ids: Vec<String>,
    /// The events of all sessions, one session after the other.
    pub events: Vec<Interaction>,
    /// Where each session begins in `events`, and at the end `events.len()`: one more entry than there are sessions.
    pub starts: Vec<usize>,
    /// A number for each session's visitor, dense from 0; every session its own where the log names no visitors.
    pub visitors: Vec<u32>,
    /// What is known of each session's context; empty where nothing is known of any.
    pub contexts: Vec<Context>,
    /// Whether timestamps are dates. Where they are ordinals only their order means something.
    pub has_dates: bool,
}

impl Default for Sessions {
    /// No session.
    fn default() -> Sessions {
        Sessions {
            item_ids: Vec::new(),
            events: Vec::new(),
            starts: vec![0],
            visitors: Vec::new(),
            contexts: Vec::new(),
            has_dates: false,
        }
    }
}

impl Sessions {
    /// How many sessions there are.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there is no session.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Views by their visitors, without dates, of items that are called by their numbers.
    #[cfg(test)]
    pub(crate) fn of_views<'a>(n_items: u32, views: impl IntoIterator<Item = (u32, &'a [u32])>) -> Sessions {
        let mut sessions = Sessions { starts: vec![0], ..Sessions::default() };
        sessions.item_ids = (0..n_items).map(|item| item.to_string()).collect();
        for (visitor, items) in views {
            let view = |&item: &u32| Interaction { item, kind: EventKind::View, timestamp_ms: 0 };
            sessions.events.extend(items.iter().map(view));
            sessions.starts.push(sessions.events.len());
            sessions.visitors.push(visitor);
        }
        sessions
    }

    /// The events of one session, oldest first. Panics past [`Sessions::len`].
    pub fn session(&self, index: usize) -> &[Interaction] {
        &self.events[self.starts[index]..self.starts[index + 1]]
    }

    /// The sessions from one index up to another, over the same items. Panics past [`Sessions::len`].
    pub fn part(&self, range: std::ops::Range<usize>) -> Sessions {
        let first = self.starts[range.start];
        Sessions {
            item_ids: self.item_ids.clone(),
            events: self.events[first..self.starts[range.end]].to_vec(),
            starts: self.starts[range.start..=range.end].iter().map(|start| start - first).collect(),
            contexts: self.contexts.get(range.clone()).unwrap_or_default().to_vec(),
            visitors: self.visitors[range].to_vec(),
            has_dates: self.has_dates,
        }
    }

    /// The sessions with these indexes, in their order, over the same items. Panics past [`Sessions::len`].
    pub fn choose(&self, indexes: &[usize]) -> Sessions {
        let mut chosen = Sessions { item_ids: self.item_ids.clone(), starts: vec![0], ..Sessions::default() };
        for &index in indexes {
            chosen.events.extend(self.session(index));
            chosen.starts.push(chosen.events.len());
            chosen.visitors.push(self.visitors[index]);
            chosen.contexts.extend(self.contexts.get(index).cloned());
        }
        Sessions { has_dates: self.has_dates, ..chosen }
    }

    /// The sessions with only some of their events, over the same items; those that are left empty are gone.
    pub fn filtered(&self, mut keeps: impl FnMut(&Interaction) -> bool) -> Sessions {
        let mut kept = Sessions {
            item_ids: self.item_ids.clone(),
            starts: vec![0],
            has_dates: self.has_dates,
            ..Sessions::default()
        };
        for (index, session) in self.iter().enumerate() {
            let before = kept.events.len();
            kept.events.extend(session.iter().filter(|event| keeps(event)));
            if kept.events.len() > before {
                kept.starts.push(kept.events.len());
                kept.visitors.push(self.visitors[index]);
                kept.contexts.extend(self.contexts.get(index).cloned());
            }
        }
        kept
    }

    /// The same sessions over only the items that they hold.
    pub fn without_unused_items(mut self) -> Sessions {
        let mut is_used = vec![false; self.item_ids.len()];
        for event in &self.events {
            is_used[event.item as usize] = true;
        }
        let mut n_used = 0;
        let numbers: Vec<u32> = is_used
            .iter()
            .map(|&used| {
                n_used += u32::from(used);
                n_used.saturating_sub(1)
            })
            .collect();
        for event in &mut self.events {
            event.item = numbers[event.item as usize];
        }
        let mut is_used = is_used.into_iter();
        self.item_ids.retain(|_| is_used.next() == Some(true));
        self
    }

    /// The newest event's time, if there is an event.
    pub fn newest_ms(&self) -> Option<i64> {
        self.events.iter().map(|event| event.timestamp_ms).max()
    }

    /// All sessions in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[Interaction]> + '_ {
        self.starts.windows(2).map(|bounds| &self.events[bounds[0]..bounds[1]])
    }
}

/// What the store says of one item. Everything but the id may be missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CatalogItem {
    /// The store's id.
    pub id: String,
    /// Its place in the store's own order, from 0: that of the first row about it.
    pub position: u32,
    /// Its name, as a shopper reads it.
    pub title: Option<String>,
    /// What else is said of it in words.
    pub description: Option<String>,
    /// From the broadest category to the narrowest.
    pub category: Vec<String>,
    /// The brand's name.
    pub brand: Option<String>,
    /// In the store's currency; finite and not negative.
    pub price: Option<f64>,
    /// What the store earns by it, compared with its other items: 1 (least) to 8; 0 where that is not known. The margin
    /// itself stays with whoever reads the catalog.
    pub margin_band: u8,
    /// What else is known of it, such as its color: name and value, in the order of the configuration or of the columns.
    pub attributes: Vec<(String, String)>,
    /// Not for minors.
    pub adult: bool,
    /// Never to be inferred from or reasoned about.
    pub sensitive: bool,
}

/// The store's items, sorted by the bytes of their id, each once.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// One entry an item.
    pub items: Vec<CatalogItem>,
    /// Which of the items' attributes become columns of the model, by name.
    pub attributes: Vec<String>,
}

impl Catalog {
    /// Whether an item is known and nothing may be learned of it.
    pub fn is_sensitive(&self, item_id: &str) -> bool {
        let place = self.items.binary_search_by(|item| item.id.as_str().cmp(item_id));
        place.is_ok_and(|place| self.items[place].sensitive)
    }
}
