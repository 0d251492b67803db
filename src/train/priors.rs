//! How much more, or less, than usual each category is looked for in each context: in a season, at a time of day, from a
//! device.

use std::collections::BTreeMap;

use serde::Serialize;

use super::attributes;
use super::dataset::Sessions;
use super::shelf::{self, Header};
use super::universe::Universe;
use crate::eval::{Answers, Cases, Figures, compare_ranks};
use crate::format::FormatError;
use crate::format::attributes::{CATEGORY, STEP};
use crate::format::container::SectionKind;
use crate::format::metadata::ONE;
use crate::format::priors::{self, Encoded, TILT};
use crate::model::Model;

/// Fewest different visitors behind a word, and behind a category in a context, whose own numbers count.
const MIN_VISITORS: usize = 20;
/// Most words: of all, those with the most visitors.
const MAX_WORDS: usize = 256;
/// Sessions by which every ratio is drawn to that of the broader category.
const SHRINKAGE: f64 = 20.0;
/// Share of the sessions that is held out, the newest ones: one in so many.
const HELD_OUT: usize = 20;
/// Most cases that are answered at a time.
const MAX_CASES: usize = 4000;
/// Weights that are tried, in 1/1024.
const WEIGHTS: [u16; 6] = [256, 512, 1024, 1536, 2048, 3072];

/// What contexts say of categories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tilts {
    n_categories: usize,
    contexts: Vec<((String, String), Vec<i8>)>,
}

/// What contexts were found to be worth on the newest sessions, which were not learned from.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct ContextWorth {
    /// Words of contexts that say something.
    pub contexts: usize,
    /// Categories.
    pub categories: usize,
    /// How much they count where popularity is all there is, in 1/1024; 0: they do not pay.
    pub popular_weight: u16,
    /// How much they count beside a session, in 1/1024; 0: they do not pay.
    pub session_weight: u16,
    /// How many first items of sessions were predicted.
    pub first_items: usize,
    /// Hit rate and mean reciprocal rank of these by popularity alone.
    pub popularity: (f64, f64),
    /// The same with the best of the weights that were tried.
    pub tilted: (f64, f64),
}

/// A category and all that it belongs to, from the narrowest.
fn paths(category: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(category), |path| Some(path.rsplit_once(STEP)?.0)).filter(|path| !path.is_empty())
}

impl Tilts {
    /// Counts sessions; a session with several items of a category counts once. None where nothing is known of contexts
    /// or categories, or nothing of it differs.
    ///
    /// The tilt of a category in a context is ln((observed + s · b) / (expected + s)): expected as many sessions as if
    /// the context did not matter, b the ratio of the broader category, 1 for all together, s = 20. Where fewer than 20
    /// visitors were seen, it is ln b.
    pub(super) fn learn(universe: &Universe) -> Option<Tilts> {
        let sessions = &universe.sessions;
        let column = attributes::columns(universe).into_iter().find(|column| column.name == CATEGORY)?;
        let words = words(sessions);
        if words.is_empty() || column.dictionary.len() < 2 {
            return None;
        }
        let numbers: BTreeMap<&str, usize> = column
            .dictionary
            .iter()
            .flat_map(|category| paths(category))
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .zip(0..)
            .collect();
        let of_word: Vec<Vec<usize>> =
            column.dictionary.iter().map(|category| paths(category).map(|path| numbers[path]).collect()).collect();

        let mut counts = Counts::new(words.len(), numbers.len());
        let mut order: Vec<usize> = (0..sessions.len()).collect();
        order.sort_by_key(|&index| sessions.visitors[index]);
        for index in order {
            let values = sessions.session(index).iter().map(|event| column.values[event.item as usize] as usize);
            let mut met: Vec<usize> =
                values.filter_map(|value| of_word.get(value.checked_sub(1)?)).flatten().copied().collect();
            met.sort_unstable();
            met.dedup();
            let context = sessions.contexts[index].iter().filter_map(|word| words.binary_search(word).ok());
            counts.add(sessions.visitors[index], &met, &context.collect::<Vec<_>>());
        }

        let tilts = |word: usize| -> Vec<i8> {
            // Broader paths are sorted before those that go on from them.
            let mut ratios: BTreeMap<&str, f64> = BTreeMap::new();
            for (&path, &number) in &numbers {
                let broader = path.rsplit_once(STEP).map_or(1.0, |(broader, _)| ratios[broader]);
                ratios.insert(path, counts.ratio(word, number, broader));
            }
            let tilt = |category: &String| {
                let logits = ratios[category.as_str()].ln();
                (logits * f64::from(ONE / TILT)).round().clamp(-127.0, 127.0) as i8
            };
            column.dictionary.iter().map(tilt).collect()
        };
        let contexts = words.iter().enumerate().map(|(number, word)| (word.clone(), tilts(number)));
        let contexts: Vec<_> = contexts.filter(|(_, tilts)| tilts.iter().any(|&tilt| tilt != 0)).collect();
        (!contexts.is_empty()).then_some(Tilts { n_categories: column.dictionary.len(), contexts })
    }

    /// The bytes of the section.
    pub(super) fn encode(&self, popular: u16, session: u16) -> Result<Vec<u8>, FormatError> {
        priors::write(&Encoded { n_categories: self.n_categories, popular, session, contexts: self.contexts.clone() })
    }

    /// The weight with which the model does best on cases, if that is no chance, with the figures that it has; the
    /// figures without come first.
    fn weigh(
        &self,
        model: &Model,
        cases: &Cases,
        encode: impl Fn(&Tilts, u16) -> Result<Vec<u8>, FormatError>,
    ) -> Result<(u16, [Figures; 2]), FormatError> {
        let plain = Answers::of_model(model, cases);
        let without = Figures::of(&plain);
        let (mut best, mut weight) = (without, 0);
        let mut gain = f64::NEG_INFINITY;
        for tried in WEIGHTS {
            let tilted = Model::from_bytes(model.with_sections([(SectionKind::Priors, encode(self, tried)?)]))?;
            let answers = Answers::of_model(&tilted, cases);
            let figures = Figures::of(&answers);
            let found = figures.hr + figures.mrr - without.hr - without.mrr;
            if found > gain {
                let differences = compare_ranks(cases, &answers, &plain, 1);
                let pays = differences.iter().all(|(mean, _)| *mean >= 0.0)
                    && differences.iter().any(|(_, interval)| interval.0 > 0.0);
                (gain, best) = (found, figures);
                weight = if pays { tried } else { 0 };
            }
        }
        Ok((weight, [without, best]))
    }

    /// How much they should count beside a session, by a model that was learned from the same sessions as they were, and
    /// later cases; in 1/1024.
    pub(super) fn session_weight(&self, model: &Model, cases: &Cases) -> Result<u16, FormatError> {
        Ok(self.weigh(model, cases, |tilts, weight| tilts.encode(0, weight))?.0)
    }
}

/// Finds what contexts learned from the older sessions are worth for the first items of the newest: all that is known of
/// these sessions is their context. None where contexts say nothing.
pub(super) fn of_first_items(universe: &Universe) -> Result<Option<ContextWorth>, FormatError> {
    let sessions = &universe.sessions;
    let n_learned = sessions.len() - sessions.len() / HELD_OUT;
    let older = universe.part(0..n_learned);
    let cases = Cases::of_first_items(&sessions.part(n_learned..sessions.len())).thinned(MAX_CASES);
    let (Some(tilts), false) = (Tilts::learn(&older), cases.0.is_empty()) else { return Ok(None) };
    let header = Header::default();
    let model = Model::from_bytes(shelf::encode(&older, &attributes::columns(&older), None, &[], &header)?)?;
    let (popular_weight, [plain, tilted]) = tilts.weigh(&model, &cases, |tilts, weight| tilts.encode(weight, 0))?;
    Ok(Some(ContextWorth {
        contexts: tilts.contexts.len(),
        categories: tilts.n_categories,
        popular_weight,
        session_weight: 0,
        first_items: cases.0.len(),
        popularity: (plain.hr, plain.mrr),
        tilted: (tilted.hr, tilted.mrr),
    }))
}

/// The words of all contexts that enough visitors came with, ascending.
fn words(sessions: &Sessions) -> Vec<(String, String)> {
    let mut visitors: BTreeMap<&(String, String), Vec<u32>> = BTreeMap::new();
    for (context, &visitor) in sessions.contexts.iter().zip(&sessions.visitors) {
        for word in context.iter() {
            visitors.entry(word).or_default().push(visitor);
        }
    }
    let mut words: Vec<(usize, &(String, String))> = Vec::new();
    for (word, mut visitors) in visitors {
        visitors.sort_unstable();
        visitors.dedup();
        words.push((visitors.len(), word));
    }
    words.retain(|(n_visitors, _)| *n_visitors >= MIN_VISITORS);
    words.sort_by_key(|(n_visitors, _)| std::cmp::Reverse(*n_visitors));
    words.truncate(MAX_WORDS);
    let mut words: Vec<(String, String)> = words.into_iter().map(|(_, word)| word.clone()).collect();
    words.sort_unstable();
    words
}

/// Sessions by word and by path.
struct Counts {
    n_paths: usize,
    sessions: f64,
    by_path: Vec<f64>,
    by_word: Vec<f64>,
    both: Vec<Cell>,
}

/// Sessions with a word in which a path was met.
#[derive(Clone, Copy, Default)]
struct Cell {
    sessions: f64,
    visitors: usize,
    /// One more than the number of the last visitor.
    last: u32,
}

impl Counts {
    fn new(n_words: usize, n_paths: usize) -> Counts {
        Counts {
            n_paths,
            sessions: 0.0,
            by_path: vec![0.0; n_paths],
            by_word: vec![0.0; n_words],
            both: vec![Cell::default(); n_words * n_paths],
        }
    }

    /// Counts a session. Those of one visitor must follow one another.
    fn add(&mut self, visitor: u32, paths: &[usize], words: &[usize]) {
        self.sessions += 1.0;
        paths.iter().for_each(|&path| self.by_path[path] += 1.0);
        for &word in words {
            self.by_word[word] += 1.0;
            for &path in paths {
                let cell = &mut self.both[word * self.n_paths + path];
                cell.sessions += 1.0;
                cell.visitors += usize::from(cell.last != visitor + 1);
                cell.last = visitor + 1;
            }
        }
    }

    fn ratio(&self, word: usize, path: usize, broader: f64) -> f64 {
        let cell = self.both[word * self.n_paths + path];
        if cell.visitors < MIN_VISITORS {
            return broader;
        }
        let expected = self.by_word[word] * self.by_path[path] / self.sessions;
        (cell.sessions + SHRINKAGE * broader) / (expected + SHRINKAGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::EventKind;
    use crate::train::{Catalog, CatalogItem, Context, Interaction, Privacy};

    /// How many visitors came with which words to an item of which category.
    type Visits<'a> = (u32, &'a [(&'a str, &'a str)], &'a str);

    /// Sessions of one event each.
    fn universe(visits: &[Visits]) -> Universe {
        let mut categories: Vec<&str> = visits.iter().map(|(_, _, category)| *category).collect();
        categories.sort_unstable();
        categories.dedup();
        let item = |category: &&str| CatalogItem {
            id: (*category).to_owned(),
            category: category.split(" > ").map(str::to_owned).collect(),
            ..CatalogItem::default()
        };
        let catalog = Catalog { items: categories.iter().map(item).collect(), ..Catalog::default() };
        let mut sessions = Sessions { starts: vec![0], ..Sessions::default() };
        sessions.item_ids = categories.iter().map(|id| (*id).to_owned()).collect();
        for (n_visitors, words, category) in visits {
            let context: Context = words.iter().map(|(name, word)| ((*name).to_owned(), (*word).to_owned())).collect();
            let item = categories.binary_search(category).unwrap() as u32;
            for _ in 0..*n_visitors {
                sessions.events.push(Interaction { item, kind: EventKind::View, timestamp_ms: 0 });
                sessions.starts.push(sessions.events.len());
                sessions.visitors.push(sessions.visitors.len() as u32);
                sessions.contexts.push(context.clone());
            }
        }
        Universe::new(&sessions, Some(&catalog), &Privacy::NONE)
    }

    /// The tilts of a word by category, in logits.
    fn tilts(universe: &Universe, word: &str) -> Option<Vec<f64>> {
        let tilts = Tilts::learn(universe)?;
        let (_, tilts) = tilts.contexts.into_iter().find(|((_, known), _)| known == word)?;
        Some(tilts.into_iter().map(|tilt| f64::from(tilt) / 64.0).collect())
    }

    fn near(found: Option<Vec<f64>>, expected: &[f64]) {
        let found = found.unwrap();
        let is_near = |(a, b): (&f64, &f64)| (a - b).abs() <= 0.5 / 64.0;
        assert!(
            found.len() == expected.len() && found.iter().zip(expected).all(is_near),
            "{found:?}, not {expected:?}"
        );
    }

    #[test]
    fn a_ratio_is_drawn_to_that_of_the_broader_category() {
        let (hot, cold): (&[_], &[_]) = (&[("season", "q3")], &[("season", "q1")]);
        let log = universe(&[(90, hot, "a"), (10, hot, "b > c"), (20, cold, "a"), (80, cold, "b > c")]);
        // Of 200 sessions 110 are with `a`; 100 in q3 let expect 55 of them.
        let of_a = (90.0 + 20.0) / (55.0 + 20.0f64);
        // Ten visitors are too few to say anything.
        near(tilts(&log, "q3"), &[of_a.ln(), 0.0]);
        let broad = (80.0 + 20.0) / (45.0 + 20.0f64);
        let narrow = (80.0 + 20.0 * broad) / (45.0 + 20.0);
        near(tilts(&log, "q1"), &[((20.0 + 20.0) / (55.0 + 20.0f64)).ln(), narrow.ln()]);
    }

    #[test]
    fn a_narrow_category_without_evidence_is_as_the_broader_one() {
        let (hot, cold): (&[_], &[_]) = (&[("season", "q3")], &[("season", "q1")]);
        let log = universe(&[(90, hot, "b > c"), (5, hot, "b > d"), (5, cold, "b > d"), (100, cold, "a")]);
        let broad = (95.0 + 20.0) / (47.5 + 20.0f64);
        let expected = 90.0 * 95.0 / 200.0;
        let narrow = (90.0 + 20.0 * broad) / (expected + 20.0);
        let found = tilts(&log, "q3").unwrap();
        assert!((found[2] - broad.ln()).abs() < 0.01, "{found:?}: d is as b, {}", broad.ln());
        assert!((found[1] - narrow.ln()).abs() < 0.1, "{found:?}: c stands by itself, {}", narrow.ln());
    }

    #[test]
    fn what_few_visitors_did_is_not_told() {
        let (few, many): (&[_], &[_]) = (&[("region", "x")], &[("region", "y")]);
        let log = universe(&[(19, few, "a"), (60, many, "a"), (60, many, "b")]);
        assert_eq!(tilts(&log, "x"), None);
        // One visitor who comes again and again is one.
        let mut again = universe(&[(60, few, "a"), (60, many, "a"), (60, many, "b")]);
        assert!(tilts(&again, "x").is_some());
        again.sessions.visitors[..60].fill(0);
        assert_eq!(tilts(&again, "x"), None);
        // Nothing differs, nothing is known.
        assert_eq!(Tilts::learn(&universe(&[(60, many, "a"), (60, many, "b")])), None);
        assert_eq!(Tilts::learn(&universe(&[(60, &[], "a"), (60, &[], "b")])), None);
        assert_eq!(Tilts::learn(&universe(&[(60, few, "a"), (60, many, "a")])), None);
    }
}
