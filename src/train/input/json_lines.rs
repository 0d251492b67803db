//! One JSON object a line.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    io::{BufRead, BufReader, Read},
};

use csv::ByteRecord;
use serde_json::value::RawValue;

use super::{
    error::InputError,
    report::Flaw,
    rows::{Next, ROW_BYTES_MAX, RowReader},
    source::read_error,
};

/// How deep objects inside objects are opened; what lies deeper stays JSON text.
const DEPTH_MAX: usize = 4;

/// Rows of objects. The keys are the columns, those of inner objects with a dot between (`item.id`). Numbers keep the
/// digits that they are written with.
pub(super) struct JsonLines {
    file: String,
    columns: Vec<String>,
    places: HashMap<String, usize>,
    reader: BufReader<Box<dyn Read>>,
    text: Vec<u8>,
    line: u64,
    values: Vec<String>,
}

impl JsonLines {
    /// `head` is the beginning of `stream`: the keys of the objects in it become the columns.
    pub(super) fn new(file: &str, head: &[u8], stream: Box<dyn Read>) -> Result<JsonLines, InputError> {
        let mut columns = Vec::new();
        let mut places = HashMap::new();
        for line in head.split(|&byte| byte == b'\n') {
            let mut found = |key: &str, _: &RawValue| {
                places.entry(key.to_owned()).or_insert_with(|| {
                    columns.push(key.to_owned());
                    columns.len() - 1
                });
            };
            // Broken lines, the one that the end of `head` cuts among them, tell nothing; reading tells of them.
            let _ = each_value(strip_mark(line), &mut found);
        }
        if columns.is_empty() {
            return Err(InputError::Unreadable {
                file: file.to_owned(),
                problem: "has no JSON object in its first lines. Write one object a line, {\"item_id\": …}".to_owned(),
            });
        }
        let values = vec![String::new(); columns.len()];
        let reader = BufReader::with_capacity(64 * 1024, stream);
        Ok(JsonLines { file: file.to_owned(), columns, places, reader, text: Vec::new(), line: 0, values })
    }
}

impl RowReader for JsonLines {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn read(&mut self, row: &mut ByteRecord) -> Result<Next, InputError> {
        loop {
            self.text.clear();
            let read = (&mut self.reader).take(ROW_BYTES_MAX).read_until(b'\n', &mut self.text);
            match read {
                Ok(0) => return Ok(Next::End),
                Ok(length) if length as u64 == ROW_BYTES_MAX => {
                    return Err(InputError::Read {
                        file: self.file.clone(),
                        line: self.line,
                        problem: "the next line is longer than 16 MiB. Write one object a line".to_owned(),
                    });
                }
                Ok(_) => self.line += 1,
                Err(error) => return Err(read_error(&self.file, self.line, &error)),
            }
            if !strip_mark(&self.text).trim_ascii().is_empty() {
                break;
            }
        }
        self.values.iter_mut().for_each(String::clear);
        let (places, values) = (&self.places, &mut self.values);
        let parsed = each_value(strip_mark(&self.text), &mut |key, value| {
            if let Some(&place) = places.get(key) {
                values[place] = plain_text(value);
            }
        });
        match parsed {
            Ok(()) => {
                row.clear();
                self.values.iter().for_each(|value| row.push_field(value.as_bytes()));
                Ok(Next::Row(self.line))
            }
            Err(error) => {
                let problem = format!("no JSON object: {error}");
                Ok(Next::Flawed(Flaw::of_line(&self.file, self.line, problem)))
            }
        }
    }
}

/// Calls `found` with every key and its value, inner objects opened.
fn each_value(line: &[u8], found: &mut dyn FnMut(&str, &RawValue)) -> serde_json::Result<()> {
    let object: Object<'_> = serde_json::from_slice(line)?;
    for (key, value) in object {
        open_value(&key, value, DEPTH_MAX, found)?;
    }
    Ok(())
}

/// A JSON object whose values are as they are written.
type Object<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

fn open_value(
    key: &str,
    value: &RawValue,
    depth: usize,
    found: &mut dyn FnMut(&str, &RawValue),
) -> serde_json::Result<()> {
    if depth == 0 || !value.get().starts_with('{') {
        found(key, value);
        return Ok(());
    }
    let object: Object<'_> = serde_json::from_str(value.get())?;
    for (inner, value) in object {
        open_value(&format!("{key}.{inner}"), value, depth - 1, found)?;
    }
    Ok(())
}

/// A string's text, nothing for null, and everything else as it is written.
fn plain_text(value: &RawValue) -> String {
    let written = value.get();
    match written {
        "null" => String::new(),
        _ if written.starts_with('"') => serde_json::from_str(written).unwrap_or_else(|_| written.to_owned()),
        _ => written.to_owned(),
    }
}

/// Takes the byte order mark away, which editors put before the first line.
fn strip_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
}
