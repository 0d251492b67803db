//! What can be wrong with input, and how to mend it.

use std::io;

use super::report::{Flaw, list_lines};

/// Why reading input failed. Each message names the place (file, line, column, value, as far as they are known) and
/// says what to do.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The file cannot be opened.
    #[error("cannot open {file}: {source}. Check the path; `-` reads standard input")]
    Open {
        /// The path as it was given.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file can be read only up to some line: cut off, damaged, or the disk failed.
    #[error("cannot read {file} after line {line}: {problem}")]
    Read {
        /// The file's name.
        file: String,
        /// The last line that could be read, 1-based, 0 if none.
        line: u64,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The file has no byte in it.
    #[error("{file} is empty. Give a file with a header and at least one row")]
    Empty {
        /// The file's name.
        file: String,
    },
    /// The file has a header and nothing else.
    #[error("{file} has a header but no rows. Check the export that wrote it")]
    NoRows {
        /// The file's name.
        file: String,
    },
    /// The content is none of the formats that can be read.
    #[error("{file} {problem}")]
    Unreadable {
        /// The file's name.
        file: String,
        /// What it is instead, and what to do.
        problem: String,
    },
    /// A column that was asked for is not there.
    #[error("no column `{column}` in {file}; it has: {}. {mend}", .columns.join(", "))]
    NoColumn {
        /// The file's name.
        file: String,
        /// The column that is missing.
        column: String,
        /// The columns that are there, in order.
        columns: Vec<String>,
        /// What to do.
        mend: String,
    },
    /// Two columns have the name that was asked for.
    #[error("column `{column}` is there {times} times in {file}, line 1. Rename all but the one that is meant")]
    RepeatedColumn {
        /// The file's name.
        file: String,
        /// The name.
        column: String,
        /// How often it is in the header.
        times: usize,
    },
    /// More lines than allowed cannot be understood.
    #[error(
        "{bad} of {rows} rows cannot be understood, which is more than the allowed share of {share}:{}\n\
         Mend the file or the column mapping, or allow more with [cleaning] bad_line_share",
        list_lines(.samples)
    )]
    TooManyBadLines {
        /// Rows that cannot be understood.
        bad: u64,
        /// Rows in all.
        rows: u64,
        /// The allowed share, 0 to 1.
        share: f64,
        /// The first few of them.
        samples: Vec<Flaw>,
    },
    /// Every row was dropped.
    #[error(
        "none of the {rows} rows of {file} can be used: {reasons}.{}{}\n\
         Check the column mapping and [cleaning]",
        if .hint.is_empty() { String::new() } else { format!(" {}", .hint) },
        list_lines(.samples)
    )]
    NothingLeft {
        /// The files' names.
        file: String,
        /// Rows in all.
        rows: u64,
        /// How many were dropped for which reason.
        reasons: String,
        /// What would most likely help; empty where nothing is known.
        hint: String,
        /// The first few rows that cannot be understood.
        samples: Vec<Flaw>,
    },
    /// The configuration file is wrong.
    #[error("{file}, line {line}{}: {problem}", if .key.is_empty() { String::new() } else { format!(", key `{}`", .key) })]
    Config {
        /// The configuration file's path.
        file: String,
        /// 1-based.
        line: usize,
        /// The key with its table, e.g. `cleaning.gap_minutes`; empty where none stands on that line.
        key: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A setting has a value that it cannot have.
    #[error("{key} = {value}: {problem}")]
    Setting {
        /// The key with its table.
        key: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        problem: &'static str,
    },
    /// A column that was to go into the model says something else of nearly every item.
    #[error(
        "attribute `{attribute}` has {n_words} different values in {file}; rules can tell 65,535. Leave it out of \
         [catalog] attributes; under [catalog] content it is learned from all the same"
    )]
    TooManyWords {
        /// The files' names.
        file: String,
        /// The attribute's name in the model.
        attribute: String,
        /// Its different values.
        n_words: usize,
    },
    /// There is more than the reader can number.
    #[error("{file} has more than 4,294,967,295 rows or different ids. Build from a shorter period")]
    TooLarge {
        /// The file's name.
        file: String,
    },
}

impl InputError {
    /// A stable name for programs, e.g. `input_no_column`.
    pub fn code(&self) -> &'static str {
        match self {
            InputError::Open { .. } => "input_open",
            InputError::Read { .. } => "input_read",
            InputError::Empty { .. } => "input_empty",
            InputError::NoRows { .. } => "input_no_rows",
            InputError::Unreadable { .. } => "input_unreadable",
            InputError::NoColumn { .. } => "input_no_column",
            InputError::RepeatedColumn { .. } => "input_repeated_column",
            InputError::TooManyBadLines { .. } => "input_too_many_bad_lines",
            InputError::NothingLeft { .. } => "input_nothing_left",
            InputError::Config { .. } => "input_config",
            InputError::Setting { .. } => "input_setting",
            InputError::TooManyWords { .. } => "input_too_many_words",
            InputError::TooLarge { .. } => "input_too_large",
        }
    }
}
