use std::io::BufRead;

use crate::train::Sessions;

/// A shopper's items so far, oldest first, and the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Ids of the items before.
    pub prefix: Vec<String>,
    /// Id of the item that came next.
    pub target: String,
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
                whole.then(|| Case { prefix, target: target.to_owned() })
            });
            cases.push(case.ok_or_else(|| {
                let text = line.chars().take(60).collect();
                CaseError::Line { file: file.to_owned(), line: number, text }
            })?);
        }
        if cases.is_empty() {
            return Err(CaseError::Empty { file: file.to_owned() });
        }
        Ok(Cases(cases))
    }

    /// Every step of the sessions: each item but the first is a target, with the items of its session before it.
    pub fn of_sessions(sessions: &Sessions) -> Cases {
        let mut cases = Vec::new();
        for session in sessions.iter() {
            let ids: Vec<&String> = session.iter().map(|event| &sessions.item_ids[event.item as usize]).collect();
            for target in 1..ids.len() {
                let prefix = ids[..target].iter().map(|id| (*id).clone()).collect();
                cases.push(Case { prefix, target: ids[target].clone() });
            }
        }
        Cases(cases)
    }

    /// At most `limit` of the cases, evenly spread over all.
    pub fn thinned(&self, limit: usize) -> Cases {
        let n_cases = self.0.len();
        let kept = limit.min(n_cases);
        Cases((0..kept).map(|index| self.0[index * n_cases / kept].clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_read() {
        let cases = Cases::read("a b\tc\nc\ta\n".as_bytes(), "cases.tsv").unwrap();
        assert_eq!(cases.0[0], Case { prefix: vec!["a".into(), "b".into()], target: "c".into() });
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
