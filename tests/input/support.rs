//! What the tests share.

use std::{fs, io::Write, sync::Arc};

use flate2::{Compression, write::GzEncoder};
use parquet::{
    basic,
    data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};
use reshelve::{
    session::EventKind,
    train::{
        Sessions,
        input::{Config, InputError, IntakeReport, NoProgress, Source, read_events},
    },
};

pub(crate) type Intake = Result<(Sessions, IntakeReport), InputError>;

/// Writes a file of this name and reads it as a log.
pub(crate) fn read(name: &str, bytes: &[u8], config: &str) -> Intake {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let config = Config::parse("config.toml", config)?;
    read_events(&[Source::Path(path)], &config, &NoProgress)
}

/// The sessions as `item item:kind | item`, views without their kind, then every reason that occurred with its count.
pub(crate) fn told(sessions: &Sessions, report: &IntakeReport) -> String {
    let told_sessions: Vec<String> = sessions
        .iter()
        .map(|session| {
            let events: Vec<String> = session
                .iter()
                .map(|event| match (&sessions.item_ids[event.item as usize], event.kind) {
                    (id, EventKind::View) => id.clone(),
                    (id, kind) => format!("{id}:{}", kind.name()),
                })
                .collect();
            events.join(" ")
        })
        .collect();
    let mut parts = vec![told_sessions.join(" | ")];
    parts.extend(
        report
            .dropped
            .iter()
            .filter(|dropped| dropped.rows > 0)
            .map(|dropped| format!("{} {}", dropped.reason.name(), dropped.rows)),
    );
    parts.join("; ")
}

/// Whatever the input, sessions and report keep their promises.
pub(crate) fn check_promises(sessions: &Sessions, report: &IntakeReport) {
    let dropped: u64 = report.dropped.iter().map(|dropped| dropped.rows).sum();
    assert_eq!(report.rows_read, report.rows_kept + dropped, "every row is accounted for");
    assert_eq!(report.rows_read, report.files.iter().map(|file| file.rows).sum::<u64>());
    assert_eq!(report.rows_kept, sessions.events.len() as u64);
    assert_eq!(sessions.starts.last(), Some(&sessions.events.len()));
    assert!(sessions.item_ids.windows(2).all(|pair| pair[0].as_bytes() < pair[1].as_bytes()), "ids are sorted");
    assert!(sessions.iter().all(|session| !session.is_empty()));
    assert!(sessions.iter().all(|session| session.windows(2).all(|pair| pair[0].timestamp_ms <= pair[1].timestamp_ms)));
    let lasts: Vec<i64> = sessions.iter().map(|session| session[session.len() - 1].timestamp_ms).collect();
    assert!(lasts.windows(2).all(|pair| pair[0] <= pair[1]), "sessions are ordered by their last event");
    let mut seen = vec![false; sessions.item_ids.len()];
    sessions.events.iter().for_each(|event| seen[event.item as usize] = true);
    assert!(seen.iter().all(|seen| *seen), "every item has an event");
    assert_eq!(sessions.visitors.len(), sessions.len());
    let mut next = 0;
    for &visitor in &sessions.visitors {
        assert!(visitor <= next, "visitors are dense");
        next = next.max(visitor + 1);
    }
    assert_eq!(report.visitors, u64::from(next));
}

/// Reads a CSV log with a configuration, and compares what [`told`] tells.
pub(crate) fn check(config: &str, log: &str, expected: &str) {
    let (sessions, report) =
        read("events.csv", log.as_bytes(), config).unwrap_or_else(|error| panic!("{error}\n{log}"));
    check_promises(&sessions, &report);
    assert_eq!(told(&sessions, &report), expected, "{config}\n{log}\n{report}");
}

/// Reads a file that cannot be read, and compares the whole message, in which FILE stands for its path.
pub(crate) fn check_error(name: &str, bytes: &[u8], config: &str, code: &str, expected: &str) {
    let error = match read(name, bytes, config) {
        Ok((sessions, report)) => panic!("{name} was read: {}", told(&sessions, &report)),
        Err(error) => error,
    };
    assert_eq!(without_folders(&error.to_string(), name), expected);
    assert_eq!(error.code(), code);
}

/// Puts FILE for the path that ends with `name`.
pub(crate) fn without_folders(message: &str, name: &str) -> String {
    let shorten = |word: &str| match word.rfind(name) {
        Some(start) if word.starts_with('/') => format!("FILE{}", &word[start + name.len()..]),
        _ => word.to_owned(),
    };
    let lines: Vec<String> =
        message.lines().map(|line| line.split(' ').map(shorten).collect::<Vec<_>>().join(" ")).collect();
    lines.join("\n")
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd_pack(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// A column of a Parquet file to be written.
pub(crate) enum Column {
    Texts(Vec<String>),
    Longs(Vec<i64>),
    Ints(Vec<i32>),
    Doubles(Vec<f64>),
}

/// Writes Parquet with the library's own writer, in row groups of 100,000.
pub(crate) fn parquet_of(schema: &str, columns: &[Column]) -> Vec<u8> {
    parquet_packed(schema, columns, basic::Compression::UNCOMPRESSED)
}

/// The same with its pages compressed.
pub(crate) fn parquet_packed(schema: &str, columns: &[Column], compression: basic::Compression) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut bytes = Vec::new();
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
    let n_rows = match &columns[0] {
        Column::Texts(values) => values.len(),
        Column::Longs(values) => values.len(),
        Column::Ints(values) => values.len(),
        Column::Doubles(values) => values.len(),
    };
    for start in (0..n_rows).step_by(100_000) {
        let rows = start..n_rows.min(start + 100_000);
        let mut group = writer.next_row_group().unwrap();
        for column in columns {
            let mut out = group.next_column().unwrap().unwrap();
            match column {
                Column::Texts(values) => {
                    let values: Vec<ByteArray> =
                        values[rows.clone()].iter().map(|text| ByteArray::from(text.as_str())).collect();
                    out.typed::<ByteArrayType>().write_batch(&values, None, None).unwrap();
                }
                Column::Longs(values) => {
                    out.typed::<Int64Type>().write_batch(&values[rows.clone()], None, None).unwrap();
                }
                Column::Ints(values) => {
                    out.typed::<Int32Type>().write_batch(&values[rows.clone()], None, None).unwrap();
                }
                Column::Doubles(values) => {
                    out.typed::<DoubleType>().write_batch(&values[rows.clone()], None, None).unwrap();
                }
            }
            out.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    bytes
}

/// The header of a log with sessions.
pub(crate) const NAMED: &str = "session_id,timestamp,item_id\n";
/// The same with event words.
pub(crate) const KINDS: &str = "session_id,timestamp,item_id,event\n";
/// The header of a log with visitors.
pub(crate) const VISITORS: &str = "visitor_id,timestamp,item_id\n";
/// A time that only lacks its seconds.
pub(crate) const T: &str = "2024-05-01 10:00:";
