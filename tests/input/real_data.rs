//! The public data sets, with counts that other programs gave.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use reshelve::train::{
    Sessions,
    input::{Config, IntakeReport, NoProgress, Reason, Source, read_catalog, read_events},
};

use crate::common::data_file;
use crate::support::{Column, check_promises, parquet_of};

fn example(name: &str) -> Config {
    Config::load(&Path::new("examples").join(name)).unwrap()
}

fn read(path: PathBuf, config: &Config) -> (Sessions, IntakeReport) {
    let (sessions, report) = read_events(&[Source::Path(path)], config, &NoProgress).unwrap();
    check_promises(&sessions, &report);
    println!("{report}");
    (sessions, report)
}

fn check(report: &IntakeReport, rows: u64, sessions: u64, items: u64, visitors: u64, dropped: &[(Reason, u64)]) {
    let expected_kept = rows - dropped.iter().map(|(_, rows)| rows).sum::<u64>();
    for reason in Reason::ALL {
        let expected = dropped.iter().find(|(dropped, _)| *dropped == reason).map_or(0, |(_, rows)| *rows);
        assert_eq!(report.dropped_rows(reason), expected, "{}", reason.name());
    }
    assert_eq!((report.rows_read, report.rows_kept), (rows, expected_kept));
    assert_eq!((report.sessions, report.items, report.visitors), (sessions, items, visitors));
}

#[test]
fn diginetica() {
    let Some(path) = data_file("diginetica/sessions.csv.gz") else { return };
    let (sessions, report) = read(path.clone(), &Config::default());
    check(&report, 906_140, 186_670, 43_097, 186_670, &[]);
    assert!(!sessions.has_dates);

    // A copy in Parquet gives the same.
    let mut text = String::new();
    MultiGzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let texts = |column: usize| Column::Texts(rows.iter().map(|row| row[column].to_owned()).collect());
    let bytes = parquet_of(
        "message log { required binary session_id (UTF8); required int64 timestamp; required binary item_id (UTF8); }",
        &[texts(0), Column::Longs(rows.iter().map(|row| row[1].parse().unwrap()).collect()), texts(2)],
    );
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("sessions.parquet");
    fs::write(&copy, bytes).unwrap();
    let (same, report) = read(copy, &Config::default());
    assert_eq!(report.files[0].format, "parquet");
    assert_eq!(same.item_ids, sessions.item_ids);
    assert_eq!(same.events, sessions.events);
    assert_eq!(same.starts, sessions.starts);
    assert_eq!(same.visitors, sessions.visitors);
}

#[test]
fn retailrocket() {
    let Some(path) = data_file("retailrocket/sessions.csv.gz") else { return };
    let (_, report) = read(path, &Config::default());
    check(&report, 685_984, 126_168, 36_968, 126_168, &[]);
}

#[test]
fn serenade_example() {
    let Some(path) = data_file("serenade-example/train.txt.gz") else { return };
    let (sessions, report) = read(path, &Config::default());
    check(&report, 113_601, 23_753, 18_009, 23_753, &[(Reason::PageRefresh, 14)]);
    assert!(sessions.has_dates);
    assert_eq!(report.files[0].format, "tsv");
}

#[test]
fn eshop_clothing() {
    let Some(path) = data_file("eshop-clothing-2008/clicks.csv.gz") else { return };
    let config = example("eshop-clothing-2008.toml");
    let (sessions, report) = read(path.clone(), &config);
    check(&report, 165_474, 24_026, 217, 24_026, &[]);
    assert!(sessions.has_dates);

    let (catalog, report) = read_catalog(&[Source::Path(path)], &config, &NoProgress).unwrap();
    println!("{report}");
    assert_eq!((report.items, report.with_category, report.with_price), (217, 217, 217));
    let item = catalog.items.iter().find(|item| item.id == "A13").unwrap();
    assert_eq!((item.category.as_slice(), item.price), (&["1".to_owned()][..], Some(28.0)));
}

#[test]
fn online_retail() {
    let Some(path) = data_file("online-retail/lines.csv.gz") else { return };
    let config = example("online-retail.toml");
    let (sessions, report) = read(path.clone(), &config);
    let dropped = [
        (Reason::IgnoredItem, 2_950),
        (Reason::RepeatedRow, 5_262),
        (Reason::Return, 10_004),
        (Reason::CancelledPurchase, 2_770),
    ];
    check(&report, 541_909, 20_405, 3_922, 6_458, &dropped);
    assert_eq!(report.single_event_sessions, 2_207);
    assert_eq!(report.first.as_deref(), Some("2010-12-01T08:26:00Z"));
    assert_eq!(report.last.as_deref(), Some("2011-12-09T12:50:00Z"));
    assert!(sessions.has_dates);

    let (catalog, report) = read_catalog(&[Source::Path(path)], &config, &NoProgress).unwrap();
    println!("{report}");
    assert_eq!(report.items, 4_070);
    let item = catalog.items.iter().find(|item| item.id == "85123A").unwrap();
    assert_eq!(item.title.as_deref(), Some("WHITE HANGING HEART T-LIGHT HOLDER"));
}
