//! Every message, word for word.

use std::{fs, path::Path};

use proptest::prelude::*;
use reshelve::{
    session::EventKind,
    train::input::{ColumnFlags, Config, FileFormat, NoProgress, Source, read_events},
};

use crate::support::{Column, KINDS, NAMED, check_error, check_promises, gzip, parquet_of, read, zstd_pack};

fn unreadable(name: &str, bytes: &[u8], config: &str, expected: &str) {
    check_error(name, bytes, config, "input_unreadable", expected);
}

#[test]
fn files_that_hold_nothing() {
    let empty = "FILE is empty. Give a file with a header and at least one row";
    check_error("e.csv", b"", "", "input_empty", empty);
    check_error("e.csv.gz", &gzip(b""), "", "input_empty", empty);
    let no_rows = "FILE has a header but no rows. Check the export that wrote it";
    check_error("e.csv", NAMED.as_bytes(), "", "input_no_rows", no_rows);
    check_error("e.csv", NAMED.trim_end().as_bytes(), "", "input_no_rows", no_rows);
    unreadable("e.csv", b"\n\n\n", "", "FILE has no header in line 1. Put the names of the columns there");
    unreadable(
        "e.jsonl",
        b"\n",
        "",
        "FILE has no JSON object in its first lines. Write one object a line, {\"item_id\": …}",
    );
    unreadable(
        "e.jsonl",
        b"1\n2\n",
        "",
        "FILE has no JSON object in its first lines. Write one object a line, {\"item_id\": …}",
    );
    check_error(
        "e.csv",
        format!("{NAMED}s,1,\ns,,a\n").as_bytes(),
        "",
        "input_nothing_left",
        "none of the 2 rows of FILE can be used: missing_item 1, missing_timestamp 1.\nCheck the column mapping and \
         [cleaning]",
    );
    check_error(
        "e.csv",
        format!("{KINDS}s,1,a,scroll\n").as_bytes(),
        "",
        "input_nothing_left",
        "none of the 1 rows of FILE can be used: other_event 1. No kind of event is known for `scroll` (1). Map each in \
         [events.kinds], e.g. word = \"view\" or word = \"ignore\".\nCheck the column mapping and [cleaning]",
    );
}

#[test]
fn files_that_are_something_else() {
    unreadable(
        "e.csv",
        b"session_id,\0\x01\x02",
        "",
        "FILE is a binary file: there are zero bytes in it. Give CSV, TSV, JSON Lines or Parquet, each plain, gzip or zstd",
    );
    let kinds: [(&[u8], &str); 6] = [
        (b"PK\x03\x04rest", "a zip archive (or an Excel workbook)"),
        (b"BZh91AY", "packed with bzip2"),
        (b"\xfd7zXZ\0", "packed with xz"),
        (b"\xff\xfes\0e\0", "text in UTF-16"),
        (b"Obj\x01", "an Avro file"),
        (&gzip(b"packed"), "packed twice"),
    ];
    for (bytes, what) in kinds {
        let bytes = if what == "packed twice" { gzip(bytes) } else { bytes.to_vec() };
        let expected =
            format!("FILE is {what}. Give CSV, TSV or JSON Lines in UTF-8, or Parquet, each plain, gzip or zstd");
        unreadable("e.csv", &bytes, "", &expected);
    }
    unreadable(
        "e.json",
        b"[{\"item_id\": 1}]",
        "",
        "FILE is a JSON array, which cannot be streamed. Write one object a line, e.g. with: jq -c '.[]' FILE",
    );
    unreadable(
        "e.csv",
        NAMED.as_bytes(),
        "[file]\nformat = \"parquet\"",
        "FILE is not Parquet: it does not begin with PAR1. Leave out --format, or export it again",
    );
    unreadable("e.csv", b"PAR1rest", "[file]\nformat = \"csv\"", "FILE is Parquet. Leave out --format");
}

#[test]
fn files_that_are_damaged() {
    let rows: String = (0..200_000).map(|row| format!("s{row},{row},i{}\n", row * 7_919 % 10_007)).collect();
    let text = format!("{NAMED}{rows}");
    let cut = "the packed data end too early. The file is cut off: fetch or write it again";
    let damaged = |name: &str, bytes: &[u8], ending: &str| {
        let error = read(name, bytes, "").unwrap_err();
        assert_eq!(error.code(), "input_read");
        let message = error.to_string();
        assert!(message.ends_with(ending), "{message}");
        let line = message.split("after line ").nth(1).and_then(|rest| rest.split(':').next()).unwrap();
        line.parse::<u64>().unwrap()
    };
    let packed = gzip(text.as_bytes());
    assert!((100_000..200_000).contains(&damaged("e.csv.gz", &packed[..packed.len() * 3 / 4], cut)));
    assert_eq!(damaged("e.csv.gz", &packed[..5], cut), 0);
    let packed = zstd_pack(text.as_bytes());
    assert!((50_000..200_000).contains(&damaged("e.csv.zst", &packed[..packed.len() * 3 / 4], cut)));
    let mut flipped = gzip(text.as_bytes());
    let middle = flipped.len() / 2;
    flipped[middle..middle + 40].fill(0xff);
    assert!(read("e.csv.gz", &flipped, "").is_err());
    // A quote that nobody closes.
    let open = format!("{NAMED}s,1,\"a\n{rows}");
    unreadable(
        "e.csv",
        open.as_bytes(),
        "",
        "FILE has a quote in line 2 that is not closed within 1000 lines. Close it, or set [file] quotes = false where \
         quotes are part of the values",
    );
    let endless = format!("{NAMED}s,1,\"{}", "x".repeat(40 << 20));
    check_error(
        "e.csv",
        endless.as_bytes(),
        "",
        "input_read",
        "cannot read FILE after line 1: the next row is longer than 16 MiB. Look for a quote that is never closed, or set \
         [file] quotes = false",
    );
    let endless = format!("{{\"session_id\":1}}\n{{\"item_id\":\"{}\"}}", "x".repeat(20 << 20));
    check_error(
        "e.jsonl",
        endless.as_bytes(),
        "[columns]\nitem = \"session_id\"\ntime = []",
        "input_read",
        "cannot read FILE after line 1: the next line is longer than 16 MiB. Write one object a line",
    );
}

#[test]
fn parquet_that_is_damaged() {
    let longs = || Column::Longs((0..5_000).collect());
    let whole = parquet_of(
        "message log { required int64 session_id; required int64 timestamp; required int64 item_id; }",
        &[longs(), longs(), longs()],
    );
    assert!(read("e.parquet", &whole, "").is_ok());
    let cut = read("e.parquet", &whole[..whole.len() / 2], "").unwrap_err();
    assert_eq!(cut.code(), "input_read");
    assert!(cut.to_string().ends_with("Write the file again"), "{cut}");
    // Whatever bytes are wrong, no panic comes out. The schema and the places of the columns stand at the end, so every
    // byte there is tried.
    let texts = || Column::Texts((0..300).map(|row| format!("i{}", row % 70)).collect());
    let whole = parquet_of(
        "message log { required binary session_id (UTF8); required int64 timestamp; required binary item_id (UTF8); }",
        &[texts(), Column::Longs((0..300).collect()), texts()],
    );
    for place in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[place] ^= 1 << (place % 8);
        match read("e.parquet", &flipped, "") {
            Ok((sessions, report)) => check_promises(&sessions, &report),
            Err(error) => assert!(error.code().starts_with("input_")),
        }
    }
}

#[test]
fn columns_that_are_not_there() {
    check_error(
        "e.csv",
        b"a,b,c\n1,2,3\n",
        "[columns]\nitem = \"item_id\"\ntime = \"a\"",
        "input_no_column",
        "no column `item_id` in FILE; it has: a, b, c. Map it with --item-column NAME or [columns] item = \"NAME\"",
    );
    unreadable(
        "e.csv",
        b"a,b,timestamp\n1,2,3\n",
        "",
        "FILE has no column that is known to hold the item ids; it has: a, b, timestamp. Map it with --item-column NAME or \
         [columns] item = \"NAME\"",
    );
    unreadable(
        "e.csv",
        b"item_id,b,timestamp\n1,2,3\n",
        "",
        "FILE has no column that is known to hold session or visitor ids; it has: item_id, b, timestamp. Map it with \
         --session-column NAME or [columns] session = \"NAME\", or the visitors' with --visitor-column NAME or [columns] \
         visitor = \"NAME\"",
    );
    unreadable(
        "e.csv",
        b"item_id,session_id\n1,2\n",
        "",
        "FILE has no column that is known to hold the timestamps; it has: item_id, session_id. Map it with --time-column \
         NAME or [columns] time = \"NAME\"; [columns] time = [] takes the rows as they come",
    );
    unreadable(
        "e.csv",
        b"v1,s1,i1,1750000472\nv1,s1,i2,1750000473\n",
        "",
        "FILE has no column that is known to hold the timestamps; it has: v1, s1, i1, 1750000472. Its first line looks like a \
         row: put one with the columns' names before it",
    );
    check_error(
        "e.csv",
        b"item_id,session_id,timestamp,item_id\n1,2,3,4\n",
        "",
        "input_repeated_column",
        "column `item_id` is there 2 times in FILE, line 1. Rename all but the one that is meant",
    );
}

#[test]
fn files_that_are_not_there() {
    let error =
        |path: &str| read_events(&[Source::new(path)], &Config::default(), &NoProgress).unwrap_err().to_string();
    assert_eq!(
        error("nowhere/events.csv"),
        "cannot open nowhere/events.csv: No such file or directory (os error 2). Check the path; `-` reads standard input"
    );
    assert_eq!(error("tests"), "cannot open tests: is a directory. Check the path; `-` reads standard input");
}

#[test]
fn configurations_that_are_wrong() {
    let check = |text: &str, expected: &str| {
        let error = Config::parse("c.toml", text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\nis not\n{expected}");
    };
    check(
        "[columns]\nitem = \"a\"\n\n[cleaning]\ngap = 30\n",
        "c.toml, line 5, key `cleaning.gap`: unknown field `gap`, expected one of `gap_minutes`,",
    );
    check("[column]\n", "c.toml, line 1: unknown field `column`, expected one of `file`, `columns`,");
    check("gap_minutes = 30\n", "c.toml, line 1, key `gap_minutes`: unknown field `gap_minutes`, expected");
    check(
        "[cleaning]\n# half an hour\ngap_minutes = \"30\"\n",
        "c.toml, line 3, key `cleaning.gap_minutes`: invalid type: string \"30\", expected f64",
    );
    check(
        "[events.kinds]\npv = \"look\"\n",
        "c.toml, line 2, key `events.kinds.pv`: no kind of event `look`: use one of view, click, search, add_to_cart, \
         remove_from_cart, wishlist, purchase, return, impression, answer, not_interested, less_like_this, or ignore",
    );
    check(
        "[columns]\ntime = 3\n",
        "c.toml, line 2, key `columns.time`: invalid type: integer `3`, expected a column's name",
    );
    check("[columns\nitem = 1", "c.toml, line 1");
    check(
        "[file]\nformat = \"xml\"\n",
        "c.toml, line 2, key `file.format`: unknown variant `xml`, expected one of `csv`,",
    );
    check("[cleaning]\ngap_minutes = 0", "cleaning.gap_minutes = 0: must be more than 0");
    check("[cleaning]\nbad_line_share = 5", "cleaning.bad_line_share = 5: must be a share from 0 to 1");
    check("[cleaning]\nrefresh_seconds = -1", "cleaning.refresh_seconds = -1: must be 0 or more; 0 keeps all");
    check("[cleaning]\nclock_skew_days = nan", "cleaning.clock_skew_days = NaN: must be 0 or more; 0 keeps all");
    check("[file]\ndelimiter = \"é\"", "file.delimiter = 'é': must be one ASCII character");
    check("[columns]\ntime = [\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"]", "columns.time = [\"a\", \"b\",");
}

#[test]
fn configurations_that_are_shown_are_right() {
    let guide = fs::read_to_string("docs/INPUT.md").unwrap();
    let shown = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let config = Config::parse("docs/INPUT.md", shown).unwrap();
    // Where the guide shows defaults, they are the defaults.
    assert_eq!(config.cleaning, Config::default().cleaning);
    assert_eq!(config.file.missing, Config::default().file.missing);
    assert_eq!(config.catalog.category_separator, Config::default().catalog.category_separator);
    for example in ["online-retail", "eshop-clothing-2008"] {
        let config = Config::load(&Path::new("examples").join(example).with_extension("toml")).unwrap();
        assert!(config.columns.item.is_some() && config.columns.item == config.catalog.item, "{example}");
    }
}

#[test]
fn flags_win_over_the_file() {
    let mut config = Config::parse("c.toml", "[columns]\nitem = \"a\"\nsession = \"b\"").unwrap();
    let flags = ColumnFlags {
        item_column: Some("sku".to_owned()),
        time_column: vec!["day".to_owned(), "clock".to_owned()],
        event_kind: Some(EventKind::Purchase),
        gap_minutes: Some(45.0),
        format: Some(FileFormat::Tsv),
        ..ColumnFlags::default()
    };
    flags.apply(&mut config).unwrap();
    assert_eq!(config.columns.item.as_deref(), Some("sku"));
    assert_eq!(config.columns.session.as_deref(), Some("b"));
    assert_eq!(config.columns.time, Some(vec!["day".to_owned(), "clock".to_owned()]));
    assert_eq!(config.events.default, EventKind::Purchase);
    assert_eq!(config.cleaning.gap_minutes, Some(45.0));
    assert_eq!(config.file.format, Some(FileFormat::Tsv));
    let wrong = ColumnFlags { gap_minutes: Some(-1.0), ..ColumnFlags::default() };
    assert_eq!(wrong.apply(&mut config).unwrap_err().to_string(), "cleaning.gap_minutes = -1: must be more than 0");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the bytes, there are sessions that keep their promises, or an error.
    #[test]
    fn no_bytes_make_it_panic(
        ending in prop::sample::select(vec!["csv", "tsv", "jsonl", "parquet", "txt"]),
        head in prop::sample::select(vec![&b""[..], NAMED.as_bytes(), b"{\"session_id\":1,\"item_id\":", b"PAR1", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"]),
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..400),
            "([s0-9a\",.{}:\\[\\]\n\r\t -]|2024-05-01){0,300}".prop_map(String::into_bytes),
        ],
        pack in 0..3,
    ) {
        let text = [head, &bytes].concat();
        let packed = match pack {
            1 => gzip(&text),
            2 => zstd_pack(&text),
            _ => text,
        };
        let config = "[columns]\nitem = \"item_id\"\n[cleaning]\nbad_line_minimum = 1000";
        if let Ok((sessions, report)) = read(&format!("e.{ending}"), &packed, config) {
            check_promises(&sessions, &report);
        }
    }
}
