use std::io::BufRead;

use crate::session::EventKind;
use crate::train::{Context, Interaction, Sessions};

/// A shopper's items so far, oldest first, and the next one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Case {
    /// Ids of the items before.
    pub prefix: Vec<String>,
    /// What was done with each of them; empty where it is not known: views.
    pub kinds: Vec<EventKind>,
    /// Id of the item that came next.
    pub target: String,
    /// Ids of what came after it in the same session, as far as it is known.
    pub rest: Vec<String>,
    /// Number of the visitor, or of the session where visitors are not known. Cases of one number are no independent
    /// evidence: they are resampled together.
    pub visitor: u32,
    /// When the target came, in the unit of [`Sessions`]; none where cases were given without times.
    pub timestamp_ms: Option<i64>,
    /// What is known of the session's context; none where cases were given.
    pub context: Option<Context>,
}

impl Case {
    /// Ids of the items before, then the target: what is known to have happened.
    pub fn sequence(&self) -> impl Iterator<Item = &String> {
        self.prefix.iter().chain([&self.target])
    }

    /// Whether what is known to have happened begins with what happened in the other case, and goes on.
    pub(super) fn extends(&self, other: &Case) -> bool {
        self.prefix.len() > other.prefix.len() && other.sequence().eq(&self.prefix[..=other.prefix.len()])
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
                let prefix: Vec<String> = prefix.split_ascii_whitespace().map(str::to_owned).collect();
                let target = target.trim();
                let whole = !prefix.is_empty() && !target.is_empty() && !target.contains('\t');
                whole.then(|| Case { prefix, target: target.to_owned(), ..Case::default() })
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
            let ids: Vec<String> = session.iter().map(|event| sessions.item_ids[event.item as usize].clone()).collect();
            for target in 1..ids.len() {
                cases.push(Case {
                    prefix: ids[..target].to_vec(),
                    kinds: session[..target].iter().map(|event| event.kind).collect(),
                    target: ids[target].clone(),
                    rest: ids[target + 1..].to_vec(),
                    visitor: sessions.visitors[index],
                    timestamp_ms: Some(session[target].timestamp_ms),
                    context: sessions.contexts.get(index).cloned(),
                });
            }
        }
        Cases(cases)
    }

    /// The first item of every session, of whose shopper nothing is known yet.
    pub fn of_first_items(sessions: &Sessions) -> Cases {
        let first = |(index, session): (usize, &[Interaction])| {
            let event = session.first()?;
            Some(Case {
                target: sessions.item_ids[event.item as usize].clone(),
                visitor: sessions.visitors[index],
                timestamp_ms: Some(event.timestamp_ms),
                context: sessions.contexts.get(index).cloned(),
                ..Case::default()
            })
        };
        Cases(sessions.iter().enumerate().filter_map(first).collect())
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
        let longest = steps.iter().max_by_key(|case| case.prefix.len()).expect("a chunk has a case");
        let items: Vec<String> = longest.sequence().cloned().collect();
        for case in steps {
            case.rest = items[case.prefix.len() + 1..].to_vec();
            case.visitor = number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_a_session_are_joined() {
        let check = |text: &str, expected: &[(u32, &str)]| {
            let cases = Cases::read(text.as_bytes(), "cases.tsv").unwrap();
            let joined: Vec<(u32, String)> = cases.0.iter().map(|case| (case.visitor, case.rest.concat())).collect();
            let joined: Vec<(u32, &str)> = joined.iter().map(|(number, rest)| (*number, rest.as_str())).collect();
            assert_eq!(joined, expected, "{text}");
        };
        check("a b\tc\na\tb\n", &[(0, ""), (0, "c")]);
        check("a\tb\na b\tc\na b c\td\n", &[(0, "cd"), (0, "d"), (0, "")]);
        check("a b\tc\nb\ta\na\tb\n", &[(0, ""), (1, ""), (2, "")]);
    }

    #[test]
    fn a_case_is_read() {
        let cases = Cases::read("a b\tc\nc\ta\n".as_bytes(), "cases.tsv").unwrap();
        assert_eq!(cases.0[0], Case { prefix: vec!["a".into(), "b".into()], target: "c".into(), ..Case::default() });
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
