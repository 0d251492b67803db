//! Parquet, row by row.

use std::{
    cell::Cell,
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};

use csv::ByteRecord;
use jiff::{SignedDuration, Timestamp, civil};
use parquet::{
    errors::ParquetError,
    file::{reader::FileReader, serialized_reader::SerializedFileReader},
    record::{Field, reader::RowIter},
};

use super::{
    error::InputError,
    rows::{Next, RowReader},
};

/// Rows of a Parquet file; its columns on the first level. Dates and times become RFC 3339, integers digits.
pub(super) struct ParquetRows {
    file: String,
    columns: Vec<String>,
    rows: RowIter<'static>,
    row_number: u64,
    /// Bytes read cannot be counted in a file that is read here and there, so they are guessed from the rows.
    bytes_read: Rc<Cell<u64>>,
    byte_len: u64,
    n_rows: u64,
}

impl ParquetRows {
    /// Reads the schema.
    pub(super) fn new(name: &str, file: File, bytes_read: Rc<Cell<u64>>) -> Result<ParquetRows, InputError> {
        let byte_len = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
        let reader = guarded(name, 0, || SerializedFileReader::new(file))?;
        let metadata = reader.metadata().file_metadata();
        let columns = metadata.schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
        let n_rows = u64::try_from(metadata.num_rows()).unwrap_or_default();
        let rows = guarded(name, 0, || Ok(RowIter::from_file_into(Box::new(reader))))?;
        Ok(ParquetRows { file: name.to_owned(), columns, rows, row_number: 0, bytes_read, byte_len, n_rows })
    }
}

impl RowReader for ParquetRows {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn read(&mut self, row: &mut ByteRecord) -> Result<Next, InputError> {
        let rows = &mut self.rows;
        let Some(found) = guarded(&self.file, self.row_number, || rows.next().transpose())? else {
            return Ok(Next::End);
        };
        self.row_number += 1;
        row.clear();
        for (_, field) in found.get_column_iter() {
            push_text(row, field);
        }
        let share = self.row_number as f64 / self.n_rows.max(1) as f64;
        self.bytes_read.set((self.byte_len as f64 * share.min(1.0)) as u64);
        Ok(Next::Row(self.row_number))
    }
}

/// Appends a value as text would have it.
fn push_text(row: &mut ByteRecord, field: &Field) {
    match field {
        Field::Null => row.push_field(b""),
        Field::Str(text) => row.push_field(text.as_bytes()),
        // Older writers do not say which bytes are text.
        Field::Bytes(bytes) => row.push_field(bytes.data()),
        Field::Float(number) => row.push_field(format!("{number:?}").as_bytes()),
        Field::Double(number) => row.push_field(format!("{number:?}").as_bytes()),
        Field::Date(days) => {
            let date = civil::date(1970, 1, 1).checked_add(SignedDuration::from_hours(i64::from(*days) * 24));
            row.push_field(date.map_or_else(|_| days.to_string(), |date| date.to_string()).as_bytes());
        }
        Field::TimestampMillis(millis) => push_time(row, Timestamp::from_millisecond(*millis), *millis),
        Field::TimestampMicros(micros) => push_time(row, Timestamp::from_microsecond(*micros), *micros),
        other => row.push_field(other.to_string().as_bytes()),
    }
}

/// Appends a time; its number where that is out of the calendar.
fn push_time(row: &mut ByteRecord, time: Result<Timestamp, jiff::Error>, number: i64) {
    row.push_field(time.map_or_else(|_| number.to_string(), |time| time.to_string()).as_bytes());
}

/// Calls the library, which panics on some damaged files: that, too, becomes an error, and ends the file.
fn guarded<T>(file: &str, row_number: u64, call: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, InputError> {
    let problem = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "its parts contradict each other".to_owned(),
    };
    Err(InputError::Read {
        file: file.to_owned(),
        line: row_number,
        problem: format!("not sound Parquet ({problem}). Write the file again"),
    })
}
