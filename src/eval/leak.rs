//! Whether cases have been in training: then a figure says how well a model remembers, not how well it predicts.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::Serialize;

use super::{Cases, cases::Case};
use crate::train::Sessions;

/// Fewest different items of a sequence that is looked for: shorter ones coincide between shoppers.
const MIN_ITEMS: usize = 3;
/// Longest sequence that is looked for; of longer ones their end, which has the targets: a shopper may be asked for what comes
/// after all that was learned from.
const MAX_LEN: usize = 8;
/// Share of the training sessions, the newest, that tell how often sequences come again by chance.
const REFERENCE: usize = 10;
/// Fewest standard errors by which, and most times as which, sequences may be found without being a leak.
const STANDARD_ERRORS: f64 = 4.0;
const TIMES_EXPECTED: f64 = 3.0;

/// Cases that have been in training.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Leak {
    /// Whole sequences of the cases stand in training sessions, more often than chance would have it.
    #[error(
        "the cases leak: {found} of {sequences} sequences of {MIN_ITEMS} different items or more stand item by item in the \
         training sessions, where {expected:.1} would by chance (as often as the newest tenth of the training sessions \
         repeats the older ones). For example {example}. A model would be asked what it was told; take the sessions of the \
         cases out of the training file, or make the cases of later sessions"
    )]
    Sequences {
        /// Sequences found.
        found: usize,
        /// Sequences looked for.
        sequences: usize,
        /// Sequences that chance would let be found.
        expected: f64,
        /// Items of one that was found.
        example: String,
    },
    /// Targets happened before training ended.
    #[error(
        "the cases leak: training went on until {earliest}, and {found} of {cases} targets are older. For example \
         {example}, at {example_time}. A model would tell the past from the future; {remedy}"
    )]
    Times {
        /// Targets that are too old.
        found: usize,
        /// All.
        cases: usize,
        /// The first moment that training does not know.
        earliest: String,
        /// One of the targets, with what came before it.
        example: String,
        /// When it happened.
        example_time: String,
        /// What to do.
        remedy: String,
    },
}

/// How often sequences of the cases were found in training: the evidence that there is no leak.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Overlap {
    /// Sequences of enough different items among the cases: whole sessions where they are known.
    pub sequences: usize,
    /// How many of them stand in a training session, item by item.
    pub found: usize,
    /// How many would by chance.
    pub expected: f64,
}

/// Looks for the sequences of the cases in the training sessions.
///
/// Short sessions of different shoppers coincide, most of all in a small catalog. So only sequences of three different
/// items or more are looked for, and how many are found is held against the newest tenth of the training sessions, looked
/// for in the older ones: length by length, that is how often a later session repeats an earlier one by chance. It is a
/// leak where more than three times as many are found, by more than four standard errors.
///
/// # Errors
///
/// [`Leak::Sequences`].
pub fn check_sequences(sessions: &Sessions, cases: &Cases) -> Result<Overlap, Leak> {
    let find = |id: &String| sessions.item_ids.binary_search(id).ok().map(|item| item as u32);
    // Of the steps of a session the longest alone, where the steps are known to be of one.
    let longest = cases.0.chunk_by(|a, b| a.visitor == b.visitor && (a.extends(b) || b.extends(a)));
    let sequences: Vec<(&Case, Vec<&String>)> = longest
        .filter_map(|steps| steps.iter().max_by_key(|case| case.place))
        .map(|case| (case, end(case).iter().collect::<Vec<_>>()))
        .filter(|(_, ids)| has_enough(ids))
        .collect();

    let all = Sequences::new(sessions, 0..sessions.len());
    let is_found = |ids: &[&String]| {
        let items: Option<Vec<u32>> = ids.iter().map(|id| find(id)).collect();
        items.is_some_and(|items| all.contains(&items))
    };
    let found: Vec<&Case> = sequences.iter().filter(|(_, ids)| is_found(ids)).map(|(case, _)| *case).collect();

    let n_older = sessions.len() - sessions.len() / REFERENCE;
    let older = Sequences::new(sessions, 0..n_older);
    let mut lengths: BTreeMap<usize, f64> = BTreeMap::new();
    for (_, ids) in &sequences {
        *lengths.entry(ids.len()).or_default() += 1.0;
    }
    let (mut expected, mut variance) = (0.0, 0.0);
    for (&len, &count) in &lengths {
        let ends = (n_older..sessions.len())
            .filter_map(|index| sessions.session(index).rchunks_exact(len).next())
            .map(|events| events.iter().map(|event| event.item).collect::<Vec<u32>>())
            .filter(|items| has_enough(items));
        let (mut looked_for, mut found) = (0.0, 0.0);
        for items in ends {
            looked_for += 1.0;
            found += f64::from(u8::from(older.contains(&items)));
        }
        // One found and one not found beforehand: of little evidence, little is concluded.
        let rate: f64 = (found + 1.0) / (looked_for + 2.0);
        expected += count * rate;
        variance += count * rate + count * count * rate * (1.0 - rate) / (looked_for + 3.0);
    }
    let excess = found.len() as f64 - expected;
    if found.len() as f64 > TIMES_EXPECTED * expected && excess > STANDARD_ERRORS * (variance + 1.0).sqrt() {
        return Err(Leak::Sequences {
            found: found.len(),
            sequences: sequences.len(),
            expected,
            example: in_order(found[0]),
        });
    }
    Ok(Overlap { sequences: sequences.len(), found: found.len(), expected })
}

/// Asks whether every target is from `earliest_ms` or later. Cases without times pass.
///
/// # Errors
///
/// [`Leak::Times`], with `remedy` in its message.
pub fn check_times(earliest_ms: i64, has_dates: bool, cases: &Cases, remedy: &str) -> Result<(), Leak> {
    let too_old = |case: &&Case| case.timestamp_ms.is_some_and(|timestamp_ms| timestamp_ms < earliest_ms);
    let Some(example) = cases.0.iter().find(too_old) else { return Ok(()) };
    Err(Leak::Times {
        found: cases.0.iter().filter(too_old).count(),
        cases: cases.0.len(),
        earliest: time(earliest_ms, has_dates),
        example: in_order(example),
        example_time: time(example.timestamp_ms.unwrap_or_default(), has_dates),
        remedy: remedy.to_owned(),
    })
}

/// A time for people: a date, or the number itself.
pub fn time(timestamp_ms: i64, has_dates: bool) -> String {
    match Timestamp::from_millisecond(timestamp_ms) {
        Ok(date) if has_dates => date.to_string(),
        _ => timestamp_ms.to_string(),
    }
}

/// The end of what happened.
fn end(case: &Case) -> &[String] {
    case.sequence().rchunks(MAX_LEN).next().unwrap_or_default()
}

fn in_order(case: &Case) -> String {
    end(case).join(", ")
}

fn has_enough<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().filter(|(place, item)| !items[..*place].contains(item)).count() >= MIN_ITEMS
}

/// Finds runs of items in sessions, wherever they stand in them.
struct Sequences<'a> {
    sessions: &'a Sessions,
    /// Where three items stand in a row: the index of the first event.
    places: HashMap<[u32; 3], Vec<usize>>,
    /// The end of the last session.
    end: usize,
}

impl<'a> Sequences<'a> {
    fn new(sessions: &'a Sessions, range: std::ops::Range<usize>) -> Sequences<'a> {
        let mut places: HashMap<[u32; 3], Vec<usize>> = HashMap::new();
        for index in range.clone() {
            let start = sessions.starts[index];
            for (offset, events) in sessions.session(index).windows(3).enumerate() {
                let key = [events[0].item, events[1].item, events[2].item];
                places.entry(key).or_default().push(start + offset);
            }
        }
        Sequences { sessions, places, end: sessions.starts[range.end] }
    }

    /// Whether the items stand in one session, one right after the other. At least three.
    fn contains(&self, items: &[u32]) -> bool {
        let [a, b, c, ..] = *items else { return false };
        self.places.get(&[a, b, c]).is_some_and(|places| {
            places.iter().any(|&place| {
                let session = self.sessions.starts.partition_point(|&start| start <= place);
                let end = self.sessions.starts[session].min(self.end);
                let run = self.sessions.events.get(place..place + items.len()).filter(|_| place + items.len() <= end);
                run.is_some_and(|events| events.iter().map(|event| event.item).eq(items.iter().copied()))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::EventKind;
    use crate::train::Interaction;

    /// A hundred sessions of five items out of ten thousand, and every fourth of two items that all shoppers look at.
    fn sessions() -> Sessions {
        let lists = (0..100u32).map(|n| if n % 4 == 0 { vec![0, 1] } else { (0..5).map(|k| 2 + n * 5 + k).collect() });
        let mut sessions = Sessions { starts: vec![0], ..Sessions::default() };
        sessions.item_ids = (0..1000).map(|n| format!("i{n:04}")).collect();
        for (list, number) in lists.zip(0..) {
            let event = |item: u32| Interaction { item, kind: EventKind::View, timestamp_ms: i64::from(number) * 10 };
            sessions.events.extend(list.into_iter().map(event));
            sessions.starts.push(sessions.events.len());
            sessions.visitors.push(number);
        }
        sessions
    }

    fn cases(text: &str) -> Cases {
        Cases::read(text.as_bytes(), "cases.tsv").expect("the cases are well written")
    }

    #[test]
    fn cases_of_training_sessions_are_found() {
        let sessions = sessions();
        let leak = check_sequences(&sessions, &Cases::of_sessions(&sessions)).unwrap_err();
        let Leak::Sequences { found, sequences, expected, example } = &leak else { panic!("{leak}") };
        assert_eq!((*found, *sequences, example.as_str()), (75, 75, "i0007, i0008, i0009, i0010, i0011"));
        assert!(*expected < 8.0, "{expected}");
        assert!(leak.to_string().contains("75 of 75 sequences"), "{leak}");
        // Single steps from the middle of sessions are found too.
        let middle: Vec<String> = (0..100)
            .filter(|n| n % 4 != 0)
            .map(|n| 3 + n * 5)
            .map(|n| format!("i{n:04} i{:04}\ti{:04}\n", n + 1, n + 2))
            .collect();
        assert!(check_sequences(&sessions, &cases(&middle.concat())).is_err());
    }

    #[test]
    fn other_cases_are_no_leak() {
        let sessions = sessions();
        let check = |text: String, expected: (usize, usize)| {
            let overlap = check_sequences(&sessions, &cases(&text)).expect("there is no leak");
            assert_eq!((overlap.sequences, overlap.found), expected);
        };
        // What all shoppers look at says nothing.
        check("i0000\ti0001\n".repeat(50), (0, 0));
        // The same items in another order, across the border of two sessions, or with an item that training does not know.
        let steps = |of: &dyn Fn(u32) -> String| (1..90).filter(|n| n % 4 == 1).map(of).collect::<String>();
        check(steps(&|n| format!("i{:04} i{:04}\ti{:04}\n", n * 5 + 4, n * 5 + 3, n * 5 + 2)), (23, 0));
        check(steps(&|n| format!("i{:04} i{:04}\ti{:04}\n", n * 5 + 5, n * 5 + 6, n * 5 + 7)), (23, 0));
        check(steps(&|n| format!("i{:04} i{:04} new\ti{:04}\n", n * 5 + 2, n * 5 + 3, n * 5 + 4)), (23, 0));
        // One that coincides is no leak.
        check(
            steps(&|n| if n == 1 { "i0007 i0008\ti0009\n".to_owned() } else { format!("a{n} b{n}\tc{n}\n") }),
            (23, 1),
        );
    }

    #[test]
    fn what_comes_after_training_sessions_is_no_leak() {
        let items = |n: u32| (0..10).map(move |k| format!("i{:04}", n * 10 + k));
        let lists: Vec<Vec<u32>> = (0..100).map(|n| (0..10).map(|k| n * 10 + k).collect()).collect();
        let lists = lists.iter().zip(0..).map(|(list, visitor)| (visitor, list.as_slice()));
        let sessions = Sessions { item_ids: (0..100).flat_map(items).collect(), ..Sessions::of_views(1000, lists) };
        let ask = |last: fn(u32) -> u32| {
            let case = |n: u32| format!("{}\ti{:04}\n", items(n).collect::<Vec<_>>().join(" "), last(n));
            check_sequences(&sessions, &cases(&(0..99).map(case).collect::<String>()))
        };
        assert_eq!(ask(|n| n * 10 + 10).map(|overlap| (overlap.sequences, overlap.found)), Ok((99, 0)));
        assert_eq!(ask(|n| n * 10).map(|overlap| (overlap.sequences, overlap.found)), Ok((99, 0)));
    }

    #[test]
    fn targets_before_the_end_of_training_are_found() {
        let cases = Cases::of_sessions(&sessions());
        assert_eq!(check_times(0, false, &cases, ""), Ok(()));
        let leak = check_times(980, true, &cases, "wait").unwrap_err().to_string();
        for expected in
            ["until 1970-01-01T00:00:00.98Z", "317 of 325 targets", "i0000, i0001, at 1970-01-01T00:00:00Z", "wait"]
        {
            assert!(leak.contains(expected), "{leak} should contain {expected}");
        }
        assert_eq!(check_times(980, true, &super::tests::cases("a\tb\n"), ""), Ok(()), "times are not known");
    }
}
