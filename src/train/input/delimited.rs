//! CSV and TSV.

use std::io::Read;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, Terminator};

use super::{
    config::{FileConfig, FileFormat},
    error::InputError,
    report::Flaw,
    rows::{Limited, Next, RowLimit, RowReader},
    source::read_error,
};

/// A quoted value with more line ends than this was never meant to be one.
const QUOTED_LINES_MAX: u64 = 1_000;

/// Rows of values between delimiters, after a header.
pub(super) struct Delimited {
    file: String,
    columns: Vec<String>,
    reader: Reader<Limited>,
    limit: RowLimit,
    last_line: u64,
    /// Lines still to be counted that the last row took, whose quote is open.
    lines_in_quote: u64,
}

impl Delimited {
    /// Reads the header. `head` is the beginning of `stream`, for finding the delimiter.
    pub(super) fn new(
        file: &str,
        format: FileFormat,
        head: &[u8],
        stream: Box<dyn Read>,
        config: &FileConfig,
    ) -> Result<Delimited, InputError> {
        let delimiter = match (config.delimiter.map(u8::try_from), format) {
            // `Config::check` has seen to it that it is ASCII.
            (Some(Ok(delimiter)), _) => delimiter,
            (_, FileFormat::Tsv) => b'\t',
            _ => most_frequent_delimiter(head),
        };
        let limit = RowLimit::new();
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .quoting(config.quotes.unwrap_or(delimiter != b'\t'))
            .flexible(true)
            // A carriage return before it goes with the white space around values.
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(64 * 1024)
            .from_reader(Limited::new(stream, limit.clone()));
        let header = reader.byte_headers().map_err(|error| csv_error(file, 0, error))?;
        let columns: Vec<String> = header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        if columns.iter().all(String::is_empty) {
            return Err(InputError::Unreadable {
                file: file.to_owned(),
                problem: "has no header in line 1. Put the names of the columns there".to_owned(),
            });
        }
        Ok(Delimited { file: file.to_owned(), columns, reader, limit, last_line: 1, lines_in_quote: 0 })
    }
}

impl RowReader for Delimited {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn read(&mut self, row: &mut ByteRecord) -> Result<Next, InputError> {
        if self.lines_in_quote > 0 {
            self.lines_in_quote -= 1;
            self.last_line += 1;
            return Ok(Next::Flawed(Flaw::of_line(&self.file, self.last_line, "a quote before it is never closed")));
        }
        loop {
            self.limit.renew();
            let found =
                self.reader.read_byte_record(row).map_err(|error| csv_error(&self.file, self.last_line, error))?;
            if !found {
                return Ok(Next::End);
            }
            let is_blank = row.len() == 1 && self.columns.len() > 1 && row[0].trim_ascii().is_empty();
            if !is_blank {
                break;
            }
        }
        // The library's position of a row is that of the blank lines before it, so the line is counted from the end. Every
        // row ends with its line, but for one whose quote is open: it takes all there is.
        let is_open = self.limit.is_spent();
        let line_ends = row.as_slice().iter().filter(|&&byte| byte == b'\n').count() as u64;
        let line = self.reader.position().line().saturating_sub(line_ends + u64::from(!is_open));
        self.last_line = line;
        if line_ends > QUOTED_LINES_MAX {
            return Err(InputError::Unreadable {
                file: self.file.clone(),
                problem: format!(
                    "has a quote in line {line} that is not closed within {QUOTED_LINES_MAX} lines. Close it, or set \
                     [file] quotes = false where quotes are part of the values"
                ),
            });
        }
        if is_open {
            self.lines_in_quote = line_ends - u64::from(row.as_slice().ends_with(b"\n"));
            return Ok(Next::Flawed(Flaw::of_line(&self.file, line, "a quote is opened and never closed")));
        }
        if row.len() != self.columns.len() {
            let problem = format!("{} values, but the header has {} columns", row.len(), self.columns.len());
            return Ok(Next::Flawed(Flaw::of_line(&self.file, line, problem)));
        }
        Ok(Next::Row(line))
    }
}

/// Whichever delimiter the first line has most of; a comma where it has none.
pub(super) fn most_frequent_delimiter(head: &[u8]) -> u8 {
    let first_line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| first_line.iter().filter(|&&byte| byte == delimiter).count();
    // `max_by_key` takes the last of equals, so the comma stands last.
    [b'|', b';', b'\t', b','].into_iter().max_by_key(|&delimiter| count(delimiter)).unwrap_or(b',')
}

fn csv_error(file: &str, last_line: u64, error: csv::Error) -> InputError {
    match error.into_kind() {
        ErrorKind::Io(error) => read_error(file, last_line, &error),
        other => InputError::Read { file: file.to_owned(), line: last_line, problem: format!("{other:?}") },
    }
}
