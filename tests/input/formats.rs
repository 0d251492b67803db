//! Every format and packing gives the same sessions.

use std::{
    cell::{Cell, RefCell},
    fs,
};

use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use reshelve::train::input::{Config, NoProgress, Progress, Source, read_events};

use crate::support::{Column, check, gzip, parquet_of, parquet_packed, read, told, zstd_pack};

const CSV: &str =
    "session_id,timestamp,item_id,event\ns1,1714557601,a,view\ns1,1714557602,\"b,b\",click\ns2,1714557603,7,\n";
const TOLD: &str = "a b,b:click | 7";

fn jsonl() -> String {
    [
        r#"{"session_id": "s1", "timestamp": 1714557601, "item_id": "a", "event": "view"}"#,
        r#"{"event": "click", "session_id": "s1", "timestamp": 1714557602, "item_id": "b,b", "extra": [1, {"x": 2}]}"#,
        r#"{"session_id": "s2", "timestamp": 1714557603, "item_id": 7, "event": null}"#,
    ]
    .join("\n")
}

fn parquet(compression: Compression) -> Vec<u8> {
    let texts = |values: [&str; 3]| Column::Texts(values.map(str::to_owned).to_vec());
    parquet_packed(
        "message log { required binary session_id (UTF8); required int64 timestamp; required binary item_id; \
         required binary event (STRING); }",
        &[
            texts(["s1", "s1", "s2"]),
            Column::Longs(vec![1_714_557_601, 1_714_557_602, 1_714_557_603]),
            texts(["a", "b,b", "7"]),
            texts(["view", "click", ""]),
        ],
        compression,
    )
}

fn check_file(name: &str, bytes: &[u8], format: &str, compression: &str) {
    let (sessions, report) = read(name, bytes, "").unwrap();
    assert_eq!(told(&sessions, &report), TOLD, "{name}");
    assert_eq!((report.files[0].format, report.files[0].compression), (format, compression), "{name}");
    assert_eq!(sessions.events[0].timestamp_ms, 1_714_557_601_000);
}

#[test]
fn formats_and_packings_are_recognized() {
    let tsv = CSV.replace("\"b,b\"", "b;b").replace(',', "\t").replace(';', ",");
    let semicolons = CSV.replace("\"b,b\"", "b_b").replace(',', ";").replace('_', ",").replace(",id", "_id");
    let bars = semicolons.replace(';', "|");
    let marked = format!("\u{feff}{CSV}");
    let parquet = parquet(Compression::UNCOMPRESSED);
    for (name, bytes, format) in [
        ("e.csv", CSV.as_bytes(), "csv"),
        ("e.tsv", tsv.as_bytes(), "tsv"),
        ("e.csv", semicolons.as_bytes(), "csv"),
        ("e.csv", bars.as_bytes(), "csv"),
        ("e.csv", marked.as_bytes(), "csv"),
        ("e.jsonl", jsonl().as_bytes(), "jsonl"),
        ("e.jsonl", format!("\u{feff}{}\r\n\n", jsonl()).as_bytes(), "jsonl"),
        ("e.parquet", parquet.as_slice(), "parquet"),
        // By content where the name says nothing.
        ("e", CSV.as_bytes(), "csv"),
        ("e.txt", tsv.as_bytes(), "tsv"),
        ("e.log", jsonl().as_bytes(), "jsonl"),
        ("e.data", parquet.as_slice(), "parquet"),
        ("e.csv", parquet.as_slice(), "parquet"),
    ] {
        check_file(name, bytes, format, "none");
        // The packing is found whatever the name says of it.
        check_file(&format!("{name}.gz"), &gzip(bytes), format, "gzip");
        check_file(&format!("{name}.zst"), &zstd_pack(bytes), format, "zstd");
        check_file(name, &gzip(bytes), format, "gzip");
    }
}

#[test]
fn pages_of_parquet_may_be_compressed() {
    for compression in [
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
    ] {
        check_file("e.parquet", &parquet(compression), "parquet", "none");
    }
}

#[test]
fn packed_parts_are_read_to_the_end() {
    let (first, rest) = CSV.as_bytes().split_at(60);
    check_file("e.csv.gz", &[gzip(first), gzip(rest)].concat(), "csv", "gzip");
    check_file("e.csv.zst", &[zstd_pack(first), zstd_pack(rest)].concat(), "csv", "zstd");
}

#[test]
fn the_format_can_be_said() {
    let as_format = |name: &str, format: &str, text: &str| {
        let (sessions, report) = read(name, text.as_bytes(), &format!("[file]\n{format}")).unwrap();
        told(&sessions, &report)
    };
    assert_eq!(as_format("e.csv", "format = \"jsonl\"", &jsonl()), TOLD);
    assert_eq!(as_format("e.jsonl", "format = \"csv\"", CSV), TOLD);
    assert_eq!(as_format("e", "delimiter = \":\"", "session_id:timestamp:item_id\ns:1:a,b\n"), "a,b");
    assert_eq!(as_format("e.tsv", "quotes = true", "session_id\ttimestamp\titem_id\ns\t1\t\"a\tb\"\n"), "a\tb");
    // In TSV a quote is a letter like others, unless it is said to be none.
    assert_eq!(as_format("e.tsv", "", "session_id\ttimestamp\titem_id\ns\t1\t\"a\ns\t2\tb\n"), "\"a b");
    assert_eq!(as_format("e.csv", "quotes = false", "session_id,timestamp,item_id\ns,1,\"a\ns,2,b\n"), "\"a b");
}

#[test]
fn json_keeps_what_is_written() {
    let ids = |log: &str| read("e.jsonl", log.as_bytes(), "[columns]\nitem = \"item.id\"").unwrap().0.item_ids;
    assert_eq!(
        ids(r#"{"session_id":1,"timestamp":1,"item":{"id":17850.0}}
{"session_id":1,"timestamp":2,"item":{"id":123456789012345678901234567890}}
{"session_id":1,"timestamp":3,"item":{"id":"\u00e9\"\\"}}
{"session_id":1,"timestamp":4,"item":{"id":true}}
{"session_id":1,"timestamp":5,"item":{"id":" 1e3 "}}"#),
        ["123456789012345678901234567890", "17850.0", "1e3", "true", "é\"\\"]
    );
}

#[test]
fn parquet_types_become_texts() {
    let days_to_may = 19_844;
    let bytes = parquet_of(
        "message log { required int32 session_id; required int64 timestamp (TIMESTAMP_MICROS); required int64 item_id; \
         required double quantity; required int32 day (DATE); required int64 millis (TIMESTAMP_MILLIS); }",
        &[
            Column::Ints(vec![1, 1, 2]),
            Column::Longs(vec![1_714_557_601_000_000, 1_714_557_602_500_000, 1_714_557_603_000_000]),
            Column::Longs(vec![10, 9_007_199_254_740_993, -3]),
            Column::Doubles(vec![1.0, -0.5, 0.0]),
            Column::Ints(vec![days_to_may; 3]),
            Column::Longs(vec![0, 1, 1_714_557_603_000]),
        ],
    );
    let (sessions, report) = read("e.parquet", &bytes, "").unwrap();
    assert_eq!(told(&sessions, &report), "10 | -3; return 1");
    assert_eq!(report.first.as_deref(), Some("2024-05-01T10:00:01Z"));
    let (sessions, report) = read("e.parquet", &bytes, "[columns]\ntime = \"day\"").unwrap();
    assert_eq!(told(&sessions, &report), "10 | -3; return 1");
    assert_eq!(report.first.as_deref(), Some("2024-05-01T00:00:00Z"));
    // Dates stay dates, however early they are.
    let (_, report) = read("e.parquet", &bytes, "[columns]\ntime = \"millis\"").unwrap();
    assert_eq!(report.dropped_rows(reshelve::train::input::Reason::ClockSkew), 2);
}

#[test]
fn usual_names_are_found() {
    check("", "SessionId\tItemId\tTime\ns\ta\t1\n", "a");
    check("", "timestamp,visitorid,event,itemid,transactionid\n1,v,view,a,\n2,v,transaction,a,5\n", "a a:purchase");
    check("", "user_id,product_id,time\nv,a,1\n", "a");
    check("", "Session ID,SKU,Date\ns,a,2024-05-01\n", "a");
    // A name of ours wins over an alias, whatever the order.
    check("", "sku,item_id,session_id,time,timestamp\nx,a,s,9,1\ny,b,s,1,2\n", "a b");
    check(
        "[columns]\nitem = \"sku\"\ntime = \"time\"",
        "sku,item_id,session_id,time,timestamp\nx,a,s,9,1\ny,b,s,1,2\n",
        "y x",
    );
}

#[test]
fn several_files_are_one_log() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("1.csv", "session_id,timestamp,item_id\ns,3,b\nt,2,a\n".as_bytes().to_vec()),
        ("2.tsv.gz", gzip(b"item_id\tsession_id\ttimestamp\na\ts\t1\n")),
        ("3.csv", b"session_id,timestamp,item_id\n".to_vec()),
        ("4.jsonl", b"{\"user_id\":\"s\",\"time\":9,\"item\":\"c\"}\n".to_vec()),
    ];
    let sources: Vec<Source> = files
        .iter()
        .map(|(name, bytes)| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            Source::Path(path)
        })
        .collect();
    let (sessions, report) = read_events(&sources, &Config::default(), &NoProgress).unwrap();
    crate::support::check_promises(&sessions, &report);
    assert_eq!(told(&sessions, &report), "a | a b | c");
    assert_eq!(report.files.iter().map(|file| file.rows).collect::<Vec<_>>(), [2, 1, 0, 1]);
    assert!(report.notes[0].ends_with("3.csv has a header but no rows."), "{:?}", report.notes);
}

#[test]
fn progress_reaches_the_total() {
    #[derive(Default)]
    struct Seen {
        total: Cell<Option<u64>>,
        steps: RefCell<Vec<(u64, u64)>>,
    }
    impl Progress for Seen {
        fn set_total(&self, total_bytes: Option<u64>) {
            self.total.set(total_bytes);
        }
        fn advance(&self, bytes_read: u64, rows_read: u64) {
            self.steps.borrow_mut().push((bytes_read, rows_read));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..20_000).map(|row| format!("s{row},{row},i{}\n", row * 7 % 1_000)).collect();
    let text = format!("session_id,timestamp,item_id\n{rows}");
    let longs = || Column::Longs((0..20_000).collect());
    let parquet = parquet_of(
        "message log { required int64 session_id; required int64 timestamp; required int64 item_id; }",
        &[longs(), longs(), longs()],
    );
    for (name, bytes) in
        [("e.csv", text.clone().into_bytes()), ("e.csv.gz", gzip(text.as_bytes())), ("e.parquet", parquet)]
    {
        let path = folder.path().join(name);
        fs::write(&path, &bytes).unwrap();
        let seen = Seen::default();
        read_events(&[Source::Path(path)], &Config::default(), &seen).unwrap();
        let (total, steps) = (seen.total.get(), seen.steps.into_inner());
        assert_eq!(total, Some(bytes.len() as u64), "{name}");
        assert!(steps.len() > 4, "{name}: {steps:?}");
        assert!(steps.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 <= pair[1].1), "{name}: {steps:?}");
        assert_eq!(steps.last(), Some(&(bytes.len() as u64, 20_000)), "{name}");
    }
}
