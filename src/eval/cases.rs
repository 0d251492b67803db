use std::io::BufRead;
use std::sync::Arc;

use crate::session::EventKind;
use crate::train::{Context, Sessions};

/// A shopper's items so far, oldest first, and the next one: a place in a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Case {
    /// Ids of the session's items, oldest first, as far as they are known. All cases of a session share them.
    pub items: Arc<[String]>,
    /// What was done with each of them; empty where it is not known: views.
    pub kinds: Arc<[EventKind]>,
    /// Index of the next item: those before it are the items so far.
    pub place: usize,
    /// Number of the visitor, or of the session where visitors are not known. Cases of one number are no independent
    /// evidence: they are resampled together.
    pub visitor: u32,
    /// When the target came, in the unit of [`Sessions`]; none where cases were given without times.
    pub timestamp_ms: Option<i64>,
    /// What is known of the session's context; none where cases were given.
    pub context: Option<Context>,
}

impl Case {
    /// The first item of a session, if it has one.
    fn of_first_item(sessions: &Sessions, index: usize) -> Option<Case> {
        let session = sessions.session(index);
        Some(Case {
            items: session.iter().map(|event| sessions.item_ids[event.item as usize].clone()).collect(),
            kinds: session.iter().map(|event| event.kind).collect(),
            place: 0,
            visitor: sessions.visitors[index],
            timestamp_ms: Some(session.first()?.timestamp_ms),
            context: sessions.contexts.get(index).cloned(),
        })
    }

    /// Ids of the items before.
    pub fn prefix(&self) -> &[String] {
        &self.items[..self.place]
    }

    /// What was done with each of them; views where it says nothing.
    pub fn kinds(&self) -> &[EventKind] {
        self.kinds.get(..self.place).unwrap_or_default()
    }

    /// Id of the item that came next. Panics in a case without items.
    pub fn target(&self) -> &String {
        &self.items[self.place]
    }

    /// Ids of the items before, then the target. Panics in a case without items.
    pub fn sequence(&self) -> &[String] {
        &self.items[..=self.place]
    }

    /// Whether what happened until the target begins with what happened in the other case, and goes on.
    pub(super) fn extends(&self, other: &Case) -> bool {
        let is_of_same_session = || Arc::ptr_eq(&self.items, &other.items);
        self.place > other.place && (is_of_same_session() || self.items.starts_with(other.sequence()))
    }
}

/// What a model is judged on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cases(pub Vec<Case>);

/// Why cases cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The file cannot be read.
    #[error("cannot read cases from {file}: {source}")]
    Read {
        /// The file.
        file: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// A line is not a case.
    #[error(
        "{file}, line {line}: {text:?} is not a case; write the items so far, oldest first, separated by spaces, then a tab, then the next item"
    )]
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// Its beginning.
        text: String,
    },
    /// There is none.
    #[error("{file} holds no case; write one a line: the items so far, a tab, the next item")]
    Empty {
        /// The file.
        file: String,
    },
}

impl Cases {
    /// Reads one case a line: item ids separated by spaces, oldest first, a tab, the next item's id. `file` names the
    /// source in errors.
    ///
    /// Steps of one session that stand one after the other, longest or shortest first, are known as such: they share a
    /// number, and the longest tells the shorter ones what came after.
    ///
    /// # Errors
    ///
    /// [`CaseError`].
    pub fn read(input: impl BufRead, file: &str) -> Result<Cases, CaseError> {
        let mut cases = Vec::new();
        for (line, number) in input.lines().zip(1..) {
            let line = line.map_err(|source| CaseError::Read { file: file.to_owned(), source })?;
            let case = line.split_once('\t').and_then(|(prefix, target)| {
                let prefix = prefix.split_ascii_whitespace();
                let items: Arc<[String]> = prefix.chain([target.trim()]).map(str::to_owned).collect();
                let place = items.len() - 1;
                let is_whole = place > 0 && !items[place].is_empty() && !items[place].contains('\t');
                is_whole.then(|| Case { items, place, ..Case::default() })
            });
            cases.push(case.ok_or_else(|| {
                let text = line.chars().take(60).collect();
                CaseError::Line { file: file.to_owned(), line: number, text }
            })?);
        }
        if cases.is_empty() {
            return Err(CaseError::Empty { file: file.to_owned() });
        }
        join_sessions(&mut cases);
        Ok(Cases(cases))
    }

    /// Every step of the sessions: each item but the first is a target, with the items of its session before it.
    pub fn of_sessions(sessions: &Sessions) -> Cases {
        let mut cases = Vec::new();
        for (index, session) in sessions.iter().enumerate() {
            let Some(case) = Case::of_first_item(sessions, index) else { continue };
            cases.extend((1..session.len()).map(|place| Case {
                place,
                timestamp_ms: Some(session[place].timestamp_ms),
                ..case.clone()
            }));
        }
        Cases(cases)
    }

    /// The first item of every session, of whose shopper nothing is known yet.
    pub fn of_first_items(sessions: &Sessions) -> Cases {
        Cases((0..sessions.len()).filter_map(|index| Case::of_first_item(sessions, index)).collect())
    }

    /// At most `limit` of the cases, evenly spread over all.
    pub fn thinned(&self, limit: usize) -> Cases {
        let n_cases = self.0.len();
        let kept = limit.min(n_cases);
        Cases((0..kept).map(|index| self.0[index * n_cases / kept].clone()).collect())
    }
}

/// Numbers the sessions that cases are steps of, and lets the longest step tell the others what came after.
fn join_sessions(cases: &mut [Case]) {
    let steps = cases.chunk_by_mut(|a, b| a.extends(b) || b.extends(a));
    for (steps, number) in steps.zip(0..) {
        let longest = steps.iter().max_by_key(|case| case.place).expect("a chunk has a case").items.clone();
        for case in steps {
            case.visitor = number;
            case.items = match longest.starts_with(&case.items) {
                true => longest.clone(),
                // A step that two different ones go on from stood between this one and the longest.
                false => case.items.iter().chain(&longest[case.items.len()..]).cloned().collect(),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Interaction;

    #[test]
    fn steps_of_a_session_are_joined() {
        let check = |text: &str, expected: &[(u32, &str)]| {
            let cases = Cases::read(text.as_bytes(), "cases.tsv").unwrap();
            let rest = |case: &Case| case.items[case.place + 1..].concat();
            let joined: Vec<(u32, String)> = cases.0.iter().map(|case| (case.visitor, rest(case))).collect();
            let joined: Vec<(u32, &str)> = joined.iter().map(|(number, rest)| (*number, rest.as_str())).collect();
            assert_eq!(joined, expected, "{text}");
        };
        check("a b\tc\na\tb\n", &[(0, ""), (0, "c")]);
        check("a\tb\na b\tc\na b c\td\n", &[(0, "cd"), (0, "d"), (0, "")]);
        check("a b\tc\nb\ta\na\tb\n", &[(0, ""), (1, ""), (2, "")]);
        check("a b c\td\na\tb\na b\te\n", &[(0, ""), (0, "cd"), (0, "d")]);
    }

    #[test]
    fn steps_of_a_session_share_its_items() {
        let view = |item| Interaction { item, kind: EventKind::View, timestamp_ms: i64::from(item) };
        let sessions = Sessions {
            item_ids: (0..9).map(|item| item.to_string()).collect(),
            events: (0..9).map(view).collect(),
            starts: vec![0, 4, 9],
            visitors: vec![0, 1],
            ..Sessions::default()
        };
        let of_log = Cases::of_sessions(&sessions);
        let places: Vec<(&str, usize)> = of_log.0.iter().map(|case| (case.target().as_str(), case.place)).collect();
        assert_eq!(places, [("1", 1), ("2", 2), ("3", 3), ("5", 1), ("6", 2), ("7", 3), ("8", 4)]);
        let read = Cases::read("0 1 2\t3\n0 1\t2\n0\t1\n".as_bytes(), "cases.tsv").unwrap();
        for (cases, n_sessions) in [(of_log, 2), (read, 1)] {
            let shared = cases.0.chunk_by(|a, b| Arc::ptr_eq(&a.items, &b.items));
            assert_eq!(shared.count(), n_sessions);
        }
    }

    #[test]
    fn a_case_is_read() {
        let cases = Cases::read("a b\tc\nc\ta\n".as_bytes(), "cases.tsv").unwrap();
        assert_eq!((cases.0[0].prefix(), cases.0[0].target().as_str()), (&["a".to_owned(), "b".to_owned()][..], "c"));
        assert_eq!(cases.0.len(), 2);
        assert_eq!(cases.thinned(1).0, cases.0[..1]);
    }

    #[test]
    fn other_lines_are_refused() {
        let check = |text: &str, expected: &str| {
            let error = Cases::read(text.as_bytes(), "cases.tsv").unwrap_err().to_string();
            assert!(error.contains(expected), "{error:?} should contain {expected:?}");
        };
        check("", "holds no case");
        check("a\tb\na b c\n", "cases.tsv, line 2: \"a b c\"");
        check("\tb\n", "line 1");
        check("a\t\n", "line 1");
        check("a\tb\tc\n", "line 1");
    }
}
