//! Measures how well items are recommended that no event has ever been about: some items are kept out of what is learned
//! from, and the sessions in which they come next are predicted.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;
use twox_hash::XxHash64;

use super::{Case, Cases, Figures, K, measure, session_of};
use crate::model::Model;
use crate::rank::{Page, RecommendRequest, Scratch, recommend};
use crate::session::EventKind;
use crate::train::{Catalog, CatalogItem, Sessions};

/// Cases that a thread works on at a time.
const PART: usize = 64;

/// A log with some items kept out.
#[derive(Debug, Clone)]
pub struct ColdSplit {
    /// The older sessions without any event of the items kept out.
    pub sessions: Sessions,
    /// The steps of the newest sessions to an item kept out that the session has not met before.
    pub cases: Cases,
    /// The items kept out, in ascending order: those of the catalog that the log has events of.
    pub item_ids: Vec<String>,
}

/// Keeps a share of the items out, chosen by the hash of their id, and of the sessions the newest share.
pub fn hold_out(sessions: &Sessions, catalog: &Catalog, share: f64, newest: f64, seed: u64) -> ColdSplit {
    let known = |id: &String| catalog.items.binary_search_by(|item| item.id.cmp(id)).is_ok();
    let is_cold: Vec<bool> = sessions.item_ids.iter().map(|id| known(id) && is_drawn(id, share, seed)).collect();
    let first_new = sessions.len() - (sessions.len() as f64 * newest).ceil() as usize;
    let mut cases = Vec::new();
    for index in first_new..sessions.len() {
        let (session, visitor) = (sessions.session(index), sessions.visitors[index]);
        let items: Arc<[String]> = session.iter().map(|event| sessions.item_ids[event.item as usize].clone()).collect();
        let kinds: Arc<[EventKind]> = session.iter().map(|event| event.kind).collect();
        for (place, target) in session.iter().enumerate().skip(1) {
            let before = &session[..place];
            if is_cold[target.item as usize] && before.iter().all(|event| event.item != target.item) {
                let (items, kinds) = (items.clone(), kinds.clone());
                cases.push(Case { items, kinds, place, visitor, ..Case::default() });
            }
        }
    }
    let older = sessions.part(0..first_new).filtered(|event| !is_cold[event.item as usize]);
    let item_ids = sessions.item_ids.iter().zip(&is_cold).filter(|(_, cold)| **cold).map(|(id, _)| id.clone());
    ColdSplit { item_ids: item_ids.collect(), sessions: older.without_unused_items(), cases: Cases(cases) }
}

/// Whether an id is among a share of all.
pub(super) fn is_drawn(id: &str, share: f64, seed: u64) -> bool {
    (XxHash64::oneshot(seed, id.as_bytes()) as f64) < share * u64::MAX as f64
}

/// How items without events fare. Fractions from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ColdFigures {
    /// The model, with the whole catalog to choose from.
    pub whole_catalog: ColdScore,
    /// The model, with only the items kept out to choose from, as for a block of new arrivals.
    pub new_items: ColdScore,
    /// Any items, of the whole catalog.
    pub random: ColdScore,
    /// The items of the last item's category, the most frequent first. An item without events counts as the middle one
    /// of those with events. Filled up from the whole catalog in the same way.
    pub category_popularity: ColdScore,
    /// Any of the items kept out, those of the last item's category first.
    pub random_new_items: ColdScore,
}

/// How high the next items stood.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ColdScore {
    /// Share of the cases whose item is among the first [`K`].
    pub hr: f64,
    /// Mean of 1/rank, 0 beyond [`K`].
    pub mrr: f64,
}

impl From<Figures> for ColdScore {
    fn from(figures: Figures) -> ColdScore {
        ColdScore { hr: figures.hr, mrr: figures.mrr }
    }
}

/// Scores a model that was learned from [`ColdSplit::sessions`] and the catalog, and what it must beat.
pub fn measure_cold(model: &Model, split: &ColdSplit, catalog: &Catalog, seed: u64) -> ColdFigures {
    let mut cold: Vec<u32> = split.item_ids.iter().filter_map(|id| model.row(id)).collect();
    cold.sort_unstable();
    let warm: Vec<u32> = (0..model.n_items() as u32).filter(|row| cold.binary_search(row).is_err()).collect();
    let orders = Orders::new(split, catalog, seed);
    ColdFigures {
        whole_catalog: measure(model, &split.cases).into(),
        new_items: measure_without(model, &split.cases, &warm),
        random: orders.measure(split, |orders, case| orders.random_rank(case)),
        category_popularity: orders.measure(split, |orders, case| orders.rank(&orders.popular, case)),
        random_new_items: orders.measure(split, |orders, case| orders.rank(&orders.new, case)),
    }
}

/// As [`measure`], but some rows may not be recommended. They are in ascending order.
fn measure_without(model: &Model, cases: &Cases, excluded: &[u32]) -> ColdScore {
    let score = |case: &Case, scratch: &mut Scratch| -> Option<usize> {
        let (session, now_ms) = session_of(case);
        let request =
            RecommendRequest { page: Page::at(now_ms), limit: K + 1, exclude: excluded, ..RecommendRequest::default() };
        let found =
            recommend(model, &session, &request, false, scratch).expect("the limit and the rows are the model's");
        let target = model.row(case.target())?;
        let target = found.items.iter().find(|item| item.row == target)?;
        let rank = found.items.iter().rposition(|item| item.parts.score() == target.parts.score());
        rank.map(|index| index + 1)
    };
    let ranks = cases.0.par_chunks(PART).flat_map_iter(|part| {
        let mut scratch = Scratch::default();
        part.iter().map(|case| score(case, &mut scratch)).collect::<Vec<_>>()
    });
    tallied(ranks.collect::<Vec<_>>())
}

/// Ranks from 1; those beyond [`K`] count nothing.
fn tallied(ranks: Vec<Option<usize>>) -> ColdScore {
    let listed = |rank: Option<usize>| rank.filter(|&rank| rank <= K).map(|rank| rank as u32);
    Figures::of_ranks(ranks.into_iter().map(listed)).into()
}

/// What needs no learning: the catalog in a few orders, and which category each item is in.
struct Orders<'a> {
    items: &'a [CatalogItem],
    seed: u64,
    /// By popularity, an item without events at the median.
    popular: Vec<usize>,
    /// The items kept out, in no order.
    new: Vec<usize>,
}

impl<'a> Orders<'a> {
    fn new(split: &ColdSplit, catalog: &'a Catalog, seed: u64) -> Orders<'a> {
        let items = &catalog.items;
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for event in &split.sessions.events {
            *counts.entry(&split.sessions.item_ids[event.item as usize]).or_default() += 1;
        }
        let mut sorted: Vec<usize> = counts.values().copied().collect();
        sorted.sort_unstable();
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
        let count = |index: &usize| counts.get(items[*index].id.as_str()).copied().unwrap_or(median);
        let shuffled = |index: &usize| XxHash64::oneshot(!seed, items[*index].id.as_bytes());
        let mut popular: Vec<usize> = (0..items.len()).collect();
        popular.sort_by_key(|index| (Reverse(count(index)), shuffled(index)));
        let mut new: Vec<usize> =
            (0..items.len()).filter(|&index| split.item_ids.binary_search(&items[index].id).is_ok()).collect();
        new.sort_by_key(shuffled);
        Orders { items, seed, popular, new }
    }

    fn find(&self, id: &str) -> Option<usize> {
        self.items.binary_search_by(|item| item.id.as_str().cmp(id)).ok()
    }

    fn measure(&self, split: &ColdSplit, rank: impl Fn(&Orders, &Case) -> Option<usize> + Sync) -> ColdScore {
        tallied(split.cases.0.par_iter().map(|case| rank(self, case)).collect::<Vec<_>>())
    }

    /// The target's rank in an order, in which the items of the last item's category come first.
    fn rank(&self, order: &[usize], case: &Case) -> Option<usize> {
        let target = self.find(case.target())?;
        let last = case.prefix().last().and_then(|id| self.find(id));
        let is_near = |index: usize| last.is_some_and(|last| self.items[index].category == self.items[last].category);
        let place = order.iter().position(|&index| index == target)?;
        let target_is_near = is_near(target);
        let ahead = order.iter().enumerate().filter(|&(other, &index)| match (is_near(index), target_is_near) {
            (near, target_near) if near == target_near => other < place,
            (near, _) => near,
        });
        Some(ahead.count() + 1)
    }

    /// A rank that any item has with the same chance.
    fn random_rank(&self, case: &Case) -> Option<usize> {
        let text = format!("{}\t{}", case.prefix().join(" "), case.target());
        let draw = XxHash64::oneshot(self.seed, text.as_bytes());
        Some((draw % self.items.len().max(1) as u64) as usize + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Interaction;

    /// Twenty items; every session goes through all of them, backwards every second time.
    fn log() -> (Sessions, Catalog) {
        let item_ids: Vec<String> = (0..20).map(|item| format!("{item:02}")).collect();
        let items = item_ids.iter().map(|id| CatalogItem { id: id.clone(), ..CatalogItem::default() });
        let catalog = Catalog { items: items.collect(), ..Catalog::default() };
        let mut sessions = Sessions { item_ids, starts: vec![0], ..Sessions::default() };
        for visitor in 0..10 {
            let view = |item| Interaction { item, kind: EventKind::View, timestamp_ms: 0 };
            let item = |place| if visitor % 2 == 0 { place } else { 19 - place };
            sessions.events.extend((0..20).chain([3]).map(|place| view(item(place))));
            sessions.starts.push(sessions.events.len());
            sessions.visitors.push(visitor);
        }
        (sessions, catalog)
    }

    #[test]
    fn what_is_held_out_is_not_learned_from() {
        let (sessions, catalog) = log();
        let split = hold_out(&sessions, &catalog, 0.3, 0.2, 1);
        assert!((2..12).contains(&split.item_ids.len()), "{:?}", split.item_ids);
        assert!(split.item_ids.iter().all(|id| !split.sessions.item_ids.contains(id)));
        assert_eq!(split.sessions.len(), 8);
        // Every item once in each of the two newest sessions, unless it is the first; the repeat is no case.
        let first = ["00", "19"].iter().filter(|id| split.item_ids.iter().any(|cold| cold == *id)).count();
        assert_eq!(split.cases.0.len(), 2 * split.item_ids.len() - first);
        assert!(split.cases.0.iter().all(|case| split.item_ids.contains(case.target())));
        assert!(split.cases.0.iter().all(|case| !case.prefix().contains(case.target())));
        assert_eq!(hold_out(&sessions, &catalog, 0.3, 0.2, 1).item_ids, split.item_ids);
        assert_ne!(hold_out(&sessions, &catalog, 0.3, 0.2, 2).item_ids, split.item_ids);
    }

    /// By hand: "c" has no events and counts as many as the middle one, "b"; the lamps are a and c.
    #[test]
    fn orders_by_hand() {
        let item = |id: &str, category: &str| CatalogItem {
            id: id.to_owned(),
            category: vec![category.to_owned()],
            ..CatalogItem::default()
        };
        let catalog = Catalog {
            items: vec![item("a", "lamps"), item("b", "mugs"), item("c", "lamps"), item("d", "mugs")],
            ..Catalog::default()
        };
        let view = |item| Interaction { item, kind: EventKind::View, timestamp_ms: 0 };
        let sessions = Sessions {
            item_ids: ["a", "b", "d"].map(str::to_owned).to_vec(),
            events: [0, 0, 0, 1, 1, 2].map(view).to_vec(),
            starts: vec![0, 6],
            visitors: vec![0],
            contexts: Vec::new(),
            has_dates: false,
        };
        let split = ColdSplit { sessions, cases: Cases::default(), item_ids: vec!["c".to_owned()] };
        let orders = Orders::new(&split, &catalog, 1);
        let check = |last: &str, target: &str, popular: usize, new: Option<usize>| {
            let items = Arc::new([last.to_owned(), target.to_owned()]);
            let case = Case { items, place: 1, ..Case::default() };
            assert_eq!(orders.rank(&orders.popular, &case), Some(popular), "{case:?}");
            assert_eq!(orders.rank(&orders.new, &case), new, "{case:?}");
        };
        check("a", "c", 2, Some(1));
        check("d", "d", 2, None);
        check("d", "a", 3, None);
        check("c", "a", 1, None);
    }
}
