//! Rows, whatever the format they come from.

use std::{cell::Cell, io, io::Read, rc::Rc, str};

use csv::ByteRecord;
use serde_json::Value;

use super::{
    config::FileConfig,
    error::InputError,
    progress::Progress,
    report::{FileReport, Flaw},
    source::{self, OpenFile, Source},
};
use crate::format::ids::MAX_ID_LEN;

/// How many rows pass between two words of progress.
const ROWS_PER_ADVANCE: u64 = 4_096;

/// A row longer than this is none: a quote was never closed, or it is another kind of file.
pub(super) const ROW_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Gives the rows of a file, one value a column.
pub(super) trait RowReader {
    /// The names of the columns.
    fn columns(&self) -> &[String];

    /// Puts the next row into `row`, which has one field a column then. An error ends the file.
    fn read(&mut self, row: &mut ByteRecord) -> Result<Next, InputError>;
}

/// What came next.
pub(super) enum Next {
    /// A row, which begins on this line (1-based; in Parquet the number of the row).
    Row(u64),
    /// A row that cannot be read.
    Flawed(Flaw),
    /// Nothing: the file ends here.
    End,
}

/// A row with what is needed to say where its flaws are.
pub(super) struct Row<'a> {
    pub(super) file: &'a OpenFile,
    pub(super) line: u64,
    pub(super) record: &'a ByteRecord,
    /// Values that mean "nothing".
    pub(super) missing: &'a [String],
}

impl<'a> Row<'a> {
    /// A column's value without the white space around it; empty where the store wrote that there is none. Fails where
    /// it is not UTF-8.
    pub(super) fn text(&self, column: usize) -> Result<&'a str, Flaw> {
        let bytes = self.record.get(column).unwrap_or_default();
        match str::from_utf8(bytes) {
            Ok(text) => {
                let text = text.trim();
                Ok(if self.missing.iter().any(|missing| missing == text) { "" } else { text })
            }
            Err(_) => {
                let value = String::from_utf8_lossy(bytes);
                Err(self.flaw(column, &value, "not UTF-8. Convert the file, e.g. with: iconv -f latin1 -t utf-8"))
            }
        }
    }

    /// The same for a column that the file may not have.
    pub(super) fn text_of(&self, column: Option<usize>) -> Result<&'a str, Flaw> {
        column.map_or(Ok(""), |column| self.text(column))
    }

    /// The id in a column: its text, if it is not longer than a model's ids may be.
    pub(super) fn id(&self, column: usize) -> Result<&'a str, Flaw> {
        let id = self.text(column)?;
        self.check_id(column, id)?;
        Ok(id)
    }

    /// Fails where an id, which is a column's value or stands in it, is none, or longer than a model's ids may be.
    pub(super) fn check_id(&self, column: usize, id: &str) -> Result<(), Flaw> {
        let is_within = |open, close| id.starts_with(open) && id.ends_with(close);
        if is_within('{', '}') || is_within('[', ']') {
            return Err(self.flaw(
                column,
                id,
                "a list or a record, and no id. Write one row an item, or map another column",
            ));
        }
        const { assert!(MAX_ID_LEN == 1024, "the message says it") };
        if id.len() > MAX_ID_LEN {
            return Err(self.flaw(
                column,
                id,
                "an id of more than 1,024 bytes. Map another column, which holds the ids",
            ));
        }
        Ok(())
    }

    /// The texts and numbers of a JSON array in a column; of an array of arrays, each one's.
    pub(super) fn arrays(&self, column: usize) -> Result<Option<Vec<Vec<String>>>, Flaw> {
        let text = self.text(column)?;
        let array: Option<Vec<Value>> = text.starts_with('[').then(|| serde_json::from_str(text).ok()).flatten();
        Ok(array.map(|array| {
            let inner: Vec<Vec<String>> = array.iter().filter_map(Value::as_array).map(|inner| plain(inner)).collect();
            if inner.is_empty() { vec![plain(&array)] } else { inner }
        }))
    }

    /// A flaw of one value of this row.
    pub(super) fn flaw(&self, column: usize, value: &str, problem: &str) -> Flaw {
        Flaw::of_value(&self.file.name, self.line, &self.file.rows.columns()[column], value, problem)
    }
}

/// The texts and numbers of an array, but for empty ones.
fn plain(array: &[Value]) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    array.iter().filter_map(text).filter(|text| !text.is_empty()).collect()
}

/// Lets through at most [`ROW_BYTES_MAX`] bytes between two calls of [`RowLimit::renew`], and ends the last line where the
/// file does not.
pub(super) struct Limited {
    inner: Box<dyn Read>,
    limit: RowLimit,
    last_byte: u8,
}

/// How much may still be read before the next row must begin.
#[derive(Clone)]
pub(super) struct RowLimit(Rc<Cell<Limit>>);

#[derive(Clone, Copy)]
struct Limit {
    bytes_left: u64,
    is_spent: bool,
}

impl RowLimit {
    pub(super) fn new() -> RowLimit {
        RowLimit(Rc::new(Cell::new(Limit { bytes_left: ROW_BYTES_MAX, is_spent: false })))
    }

    /// Call this at the start of every row.
    pub(super) fn renew(&self) {
        self.0.set(Limit { bytes_left: ROW_BYTES_MAX, ..self.0.get() });
    }

    /// Whether the reader asked for more after the end.
    pub(super) fn is_spent(&self) -> bool {
        self.0.get().is_spent
    }
}

impl Limited {
    pub(super) fn new(inner: Box<dyn Read>, limit: RowLimit) -> Limited {
        Limited { inner, limit, last_byte: b'\n' }
    }
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut read = self.inner.read(buffer)?;
        if read == 0 && self.last_byte != b'\n' && !buffer.is_empty() {
            buffer[0] = b'\n';
            read = 1;
        }
        if let Some(&last_byte) = buffer[..read].last() {
            self.last_byte = last_byte;
        }
        let Some(bytes_left) = self.limit.0.get().bytes_left.checked_sub(read as u64) else {
            return Err(io::Error::other(
                "the next row is longer than 16 MiB. Look for a quote that is never closed, or set [file] quotes = false",
            ));
        };
        self.limit.0.set(Limit { bytes_left, is_spent: read == 0 });
        Ok(read)
    }
}

/// Takes the rows of files.
pub(super) trait RowSink {
    /// A file begins: find its columns.
    fn begin(&mut self, file: &OpenFile) -> Result<(), InputError>;

    /// The next row of the file that was begun last.
    fn take(&mut self, row: &Row<'_>) -> Result<(), InputError>;

    /// A row that cannot be read.
    fn take_flaw(&mut self, flaw: Flaw);
}

/// Gives all rows of all sources to `sink`, in order, and tells `progress`.
pub(super) fn read_all(
    sources: &[Source],
    config: &FileConfig,
    progress: &dyn Progress,
    sink: &mut impl RowSink,
) -> Result<Vec<FileReport>, InputError> {
    progress.set_total(sources.iter().map(Source::byte_len).sum());
    let mut reports = Vec::new();
    let (mut bytes_before, mut rows_read) = (0, 0);
    for source in sources {
        let mut file = source::open(source, config)?;
        sink.begin(&file)?;
        let mut record = ByteRecord::new();
        let mut rows_of_file = 0;
        loop {
            match file.rows.read(&mut record)? {
                Next::Row(line) => {
                    let row = Row { file: &file, line, record: &record, missing: &config.missing };
                    sink.take(&row)?;
                }
                Next::Flawed(flaw) => sink.take_flaw(flaw),
                Next::End => break,
            }
            rows_of_file += 1;
            rows_read += 1;
            if rows_read % ROWS_PER_ADVANCE == 0 {
                progress.advance(bytes_before + file.bytes_read.get(), rows_read);
            }
        }
        bytes_before += source.byte_len().unwrap_or(file.bytes_read.get());
        progress.advance(bytes_before, rows_read);
        reports.push(FileReport {
            file: file.name,
            format: file.format.name(),
            compression: file.compression,
            rows: rows_of_file,
        });
    }
    match reports.first() {
        Some(report) if rows_read == 0 => Err(InputError::NoRows { file: report.file.clone() }),
        _ => Ok(reports),
    }
}
