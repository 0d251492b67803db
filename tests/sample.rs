//! The sample store: reproducible, sound, and with the structure that a model can learn.
#![cfg(feature = "train")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use reshelve::sample::{
    CATALOG_FILE, EVENTS_FILE, SHOPPERS_FILE, SampleError, SampleOptions, SampleSummary, write_store,
};
use reshelve::session::EventKind;
use serde_json::Value;
use tempfile::TempDir;
use twox_hash::XxHash64;

const FILES: [&str; 3] = [CATALOG_FILE, EVENTS_FILE, SHOPPERS_FILE];

/// A store in a directory of its own.
struct Store {
    directory: TempDir,
    summary: SampleSummary,
    catalog: Vec<Value>,
    rows: Vec<Row>,
}

/// A line of the event log.
struct Row {
    visitor_id: String,
    timestamp: jiff::Timestamp,
    kind: EventKind,
    item_id: String,
    query: String,
    quantity: String,
}

fn options(items: u32, shoppers: u32, seed: u64) -> SampleOptions {
    SampleOptions { items, shoppers, seed }
}

fn store(options: SampleOptions) -> Store {
    let directory = TempDir::new().unwrap();
    let summary = write_store(directory.path(), &options).unwrap();
    let catalog = fs::read_to_string(directory.path().join(CATALOG_FILE)).unwrap();
    let mut events = csv::Reader::from_path(directory.path().join(EVENTS_FILE)).unwrap();
    assert_eq!(
        events.headers().unwrap(),
        vec!["visitor_id", "timestamp", "event", "item_id", "query", "quantity"],
        "the builder's default column names"
    );
    let rows = events.records().map(|record| {
        let record = record.unwrap();
        Row {
            visitor_id: record[0].to_owned(),
            timestamp: record[1].parse().unwrap(),
            kind: EventKind::from_name(&record[2]).unwrap(),
            item_id: record[3].to_owned(),
            query: record[4].to_owned(),
            quantity: record[5].to_owned(),
        }
    });
    Store {
        summary,
        catalog: catalog.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
        rows: rows.collect(),
        directory,
    }
}

impl Store {
    fn bytes(&self) -> Vec<Vec<u8>> {
        FILES.iter().map(|name| fs::read(self.directory.path().join(name)).unwrap()).collect()
    }

    fn item_ids(&self) -> BTreeSet<&str> {
        self.catalog.iter().map(|item| text(item, "item_id")).collect()
    }

    /// Items viewed or clicked by people, visit by visit: a visitor's events of one day.
    fn visits(&self) -> Vec<Vec<&str>> {
        let bots = self.bots();
        let mut visits: BTreeMap<(&str, i64), Vec<&str>> = BTreeMap::new();
        for row in &self.rows {
            if matches!(row.kind, EventKind::View | EventKind::Click)
                && !row.item_id.is_empty()
                && !bots.contains(row.visitor_id.as_str())
            {
                let day = row.timestamp.as_second() / 86_400;
                visits.entry((&row.visitor_id, day)).or_default().push(&row.item_id);
            }
        }
        visits.into_values().collect()
    }

    fn bots(&self) -> BTreeSet<&str> {
        let visitors: BTreeSet<&str> = self.rows.iter().map(|row| row.visitor_id.as_str()).collect();
        visitors.into_iter().rev().take(self.summary.bots as usize).collect()
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} is no text in {value}"))
}

#[test]
fn the_seed_and_the_sizes_decide_every_byte() {
    let first = store(options(300, 200, 7)).bytes();
    assert_eq!(first, store(options(300, 200, 7)).bytes());
    for other in [options(300, 200, 8), options(301, 200, 7), options(300, 201, 7)] {
        assert_ne!(first[1], store(other).bytes()[1], "{other:?} has the same events");
    }
    assert_ne!(first[0], store(options(300, 200, 8)).bytes()[0], "another seed stocks other items");
}

#[test]
fn the_bytes_are_the_same_on_every_machine() {
    let digests: Vec<u64> =
        store(options(200, 50, 7)).bytes().iter().map(|bytes| XxHash64::oneshot(0, bytes)).collect();
    assert_eq!(
        digests,
        [45674554301233304, 6652389114305838880, 512737669529575230],
        "where the store was changed on purpose, put the new digests here"
    );
}

#[test]
fn a_shopper_does_the_same_however_many_others_there_are() {
    let (few, many) = (store(options(300, 50, 7)), store(options(300, 100, 7)));
    let events = |store: &Store| -> Vec<String> {
        let of_first = store.rows.iter().filter(|row| row.visitor_id.as_str() < "v0000049");
        of_first
            .map(|row| format!("{} {} {} {}", row.visitor_id, row.timestamp, row.kind.name(), row.item_id))
            .collect()
    };
    assert_eq!(events(&few), events(&many));
}

#[test]
fn the_summary_counts_what_is_in_the_files() {
    for asked in [options(200, 10, 1), options(600, 2_500, 7), options(20_000, 100, 3)] {
        let store = store(asked);
        let sum = &store.summary;
        let count = |kind| store.rows.iter().filter(|row| row.kind == kind).count() as u64;
        assert_eq!((sum.items, sum.visitors), (u64::from(asked.items), u64::from(asked.shoppers)), "{asked:?}");
        assert_eq!(store.catalog.len() as u64, sum.items);
        let products: BTreeSet<&str> =
            store.catalog.iter().map(|item| item["parent_id"].as_str().unwrap_or(text(item, "item_id"))).collect();
        assert_eq!(products.len() as u64, sum.products);
        assert_eq!(store.rows.len() as u64, sum.events);
        assert_eq!(count(EventKind::Purchase), sum.purchases);
        let visitors: BTreeSet<&str> = store.rows.iter().map(|row| row.visitor_id.as_str()).collect();
        assert_eq!(visitors.len() as u64, sum.visitors);
        let lost = |row: &&Row| row.kind != EventKind::Search && row.item_id.is_empty();
        assert!(store.rows.iter().filter(lost).count() as u64 >= sum.missing_item_ids);
        let bytes = store.bytes();
        assert_eq!([bytes[0].len() as u64, bytes[1].len() as u64], [sum.catalog_bytes, sum.events_bytes]);
    }
}

#[test]
fn every_item_is_whole_and_unlike_the_others() {
    for n_items in [200, 600, 20_000] {
        let store = store(options(n_items, 10, 7));
        assert_eq!(store.item_ids().len(), store.catalog.len(), "an id is there twice");
        let named: BTreeSet<_> =
            store.catalog.iter().map(|item| (text(item, "title"), text(item, "brand"), text(item, "color"))).collect();
        assert_eq!(named.len(), store.catalog.len(), "a title is there twice among {n_items}");
        for item in &store.catalog {
            for key in
                ["title", "brand", "description", "material", "size_range", "keywords", "shape", "form", "pattern"]
            {
                assert!(!text(item, key).is_empty(), "{key} of {item}");
            }
            assert!(!text(item, "description").contains('{'), "a gap is left in {item}");
            assert!(text(item, "category").split(" > ").count() == 3, "{item}");
            for key in ["color_hex", "accent_hex"] {
                let digits = text(item, key).strip_prefix('#').unwrap();
                assert!(digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{item}");
            }
            assert_ne!(item["color_hex"], item["accent_hex"], "{item}");
            let cents = item["price"].as_f64().unwrap() * 100.0;
            assert!(cents > 100.0 && (cents - cents.round()).abs() < 1e-6, "{item}");
            assert!(!text(item, "seller").is_empty(), "{item}");
            assert!((0.2..0.6).contains(&item["margin"].as_f64().unwrap()), "{item}");
            if let Some(parent_id) = item["parent_id"].as_str() {
                assert!(text(item, "item_id").starts_with(&format!("{parent_id}-")), "{item}");
            }
        }
    }
}

#[test]
fn a_dearer_brand_never_sells_the_same_thing_for_less() {
    let store = store(options(20_000, 10, 5));
    let mut by_thing: BTreeMap<_, BTreeMap<u64, (f64, f64)>> = BTreeMap::new();
    for item in &store.catalog {
        // Women's and men's jackets share a shape of the table, not a shelf: the last two parts name the thing.
        let thing = (text(item, "category").split_once(" > ").unwrap().1, text(item, "size_range"));
        let price = item["price"].as_f64().unwrap();
        let levels = by_thing.entry(thing).or_default();
        let (lowest, highest) = levels.entry(item["price_level"].as_u64().unwrap()).or_insert((price, price));
        (*lowest, *highest) = (lowest.min(price), highest.max(price));
    }
    for (thing, levels) in by_thing {
        let bands: Vec<_> = levels.into_values().collect();
        for pair in bands.windows(2) {
            assert!(pair[0].1 < pair[1].0, "{thing:?}: {bands:?}");
        }
    }
}

#[test]
fn the_log_tells_of_items_in_the_catalog_after_they_came() {
    let store = store(options(600, 2_500, 7));
    let arrivals: BTreeMap<&str, jiff::Timestamp> = store
        .catalog
        .iter()
        .map(|item| (text(item, "item_id"), format!("{}T00:00:00Z", text(item, "available_from")).parse().unwrap()))
        .collect();
    let first: jiff::Timestamp = "2026-08-02T00:00:00Z".parse().unwrap();
    let end: jiff::Timestamp = "2026-11-01T01:00:00Z".parse().unwrap();
    assert!(arrivals.values().any(|arrival| *arrival > first), "some items come late");
    let bots = store.bots();
    let mut lost = 0;
    for row in &store.rows {
        assert!(first <= row.timestamp && row.timestamp < end, "{} {}", row.visitor_id, row.timestamp);
        assert_eq!(row.kind == EventKind::Search, !row.query.is_empty());
        let counted = matches!(
            row.kind,
            EventKind::AddToCart | EventKind::RemoveFromCart | EventKind::Purchase | EventKind::Return
        );
        assert_eq!(counted, row.quantity.parse::<u32>().is_ok_and(|quantity| quantity > 0));
        if row.kind == EventKind::Search {
            assert_eq!(row.item_id, "");
        } else if row.item_id.is_empty() {
            lost += 1;
        } else {
            let arrival = arrivals.get(row.item_id.as_str()).unwrap_or_else(|| panic!("no item {}", row.item_id));
            let is_bot = bots.contains(row.visitor_id.as_str());
            assert!(is_bot || *arrival <= row.timestamp, "{} seen before it came", row.item_id);
        }
    }
    assert!(lost > 0 && lost * 300 < store.rows.len(), "{lost} of {} rows have lost their item", store.rows.len());
    let refreshes = store.summary.refreshes as usize;
    assert!(refreshes * 200 > store.rows.len() && refreshes * 20 < store.rows.len(), "{refreshes} refreshes");
}

#[test]
fn a_visitors_events_are_in_order_and_purchases_were_in_the_cart() {
    let store = store(options(600, 2_500, 7));
    let mut carted: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut last: Option<&Row> = None;
    for row in &store.rows {
        if let Some(last) = last.filter(|last| last.visitor_id == row.visitor_id) {
            // A refresh may overtake the next event by the three seconds it takes.
            let seconds = row.timestamp.as_second() - last.timestamp.as_second();
            assert!(seconds >= -3, "{} {} goes back by {seconds}", row.visitor_id, row.timestamp);
        }
        let pair = (row.visitor_id.as_str(), row.item_id.as_str());
        match row.kind {
            EventKind::AddToCart => {
                carted.insert(pair);
                // An event that has lost its item may have been the one with any of them.
                carted.insert((pair.0, ""));
            }
            EventKind::Purchase if !row.item_id.is_empty() => {
                let lost = store.rows.iter().any(|other| {
                    other.visitor_id == row.visitor_id && other.kind == EventKind::AddToCart && other.item_id.is_empty()
                });
                assert!(carted.contains(&pair) || lost, "{pair:?} was bought out of no cart");
            }
            _ => {}
        }
        last = Some(row);
    }
    // What pages alone tell stands in no log.
    let in_logs = |kind: &EventKind| !matches!(kind, EventKind::Impression | EventKind::Answer) && !kind.is_aversion();
    for kind in EventKind::ALL.into_iter().filter(in_logs) {
        assert!(store.rows.iter().any(|row| row.kind == kind), "no {}", kind.name());
    }
}

/// Items that at least so many visitors bought on two days or more.
fn bought_again(store: &Store, least: usize) -> BTreeSet<&str> {
    let mut days: BTreeMap<(&str, &str), BTreeSet<i64>> = BTreeMap::new();
    for row in store.rows.iter().filter(|row| row.kind == EventKind::Purchase && !row.item_id.is_empty()) {
        days.entry((&row.item_id, &row.visitor_id)).or_default().insert(row.timestamp.as_second() / 86_400);
    }
    let mut visitors: BTreeMap<&str, usize> = BTreeMap::new();
    for ((item_id, _), days) in days {
        *visitors.entry(item_id).or_default() += usize::from(days.len() > 1);
    }
    visitors.into_iter().filter(|&(_, visitors)| visitors >= least).map(|(item_id, _)| item_id).collect()
}

#[test]
fn what_is_used_up_is_bought_again_and_nothing_else() {
    let store = store(options(600, 2_500, 7));
    let again = bought_again(&store, 20);
    let kinds: Vec<&str> = again.iter().map(|item_id| item_id.split('-').next().unwrap()).collect();
    assert_eq!(kinds, ["fu", "fu", "hs", "hs"], "{again:?}");
    let shoppers: Value = serde_json::from_slice(&store.bytes()[2]).unwrap();
    let events = shoppers["personas"].as_array().unwrap().iter().flat_map(|of| of["events"].as_array().unwrap());
    let due: Vec<&Value> = events.filter(|event| event["daysAgo"].as_u64() >= Some(21)).collect();
    assert!(!due.is_empty() && due.iter().all(|event| again.contains(text(event, "itemId"))), "{due:?}");
}

#[test]
fn a_few_items_are_popular_and_most_are_not() {
    for (n_items, n_shoppers, least) in [(600, 2_500, 0.42), (5_000, 5_000, 0.5)] {
        let store = store(options(n_items, n_shoppers, 7));
        let mut views: BTreeMap<&str, u32> = store.item_ids().into_iter().map(|id| (id, 0)).collect();
        for item_id in store.visits().into_iter().flatten() {
            *views.get_mut(item_id).unwrap() += 1;
        }
        let mut counts: Vec<u32> = views.into_values().collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let sum = |counts: &[u32]| f64::from(counts.iter().sum::<u32>());
        let head = sum(&counts[..counts.len() / 5]) / sum(&counts);
        assert!(head > least && head < 0.9, "a fifth of {n_items} items has {head} of the views");
    }
}

#[test]
fn what_belongs_together_is_looked_at_together() {
    let store = store(options(600, 6_000, 7));
    let shelf: BTreeMap<&str, &str> = store
        .catalog
        .iter()
        .map(|item| (text(item, "item_id"), text(item, "category").rsplit(" > ").next().unwrap()))
        .collect();
    let visits: Vec<BTreeSet<&str>> =
        store.visits().iter().map(|visit| visit.iter().map(|item_id| shelf[item_id]).collect()).collect();
    let with = |name| visits.iter().filter(|visit| visit.contains(name)).count() as f64;
    // How many times more often than chance would have it two shelves are in one visit.
    let lift = |one, other| {
        let both = visits.iter().filter(|visit| visit.contains(one) && visit.contains(other)).count() as f64;
        both * visits.len() as f64 / (with(one) * with(other))
    };
    let together = [
        ("Trekking tents", "Sleeping mats"),
        ("Trekking tents", "Down sleeping bags"),
        ("Stoves", "Camp pots"),
        ("Table lamps", "Bulbs"),
        ("Hiking boots", "Hiking socks"),
        ("Throws and blankets", "Cushions"),
        ("Stoneware mugs", "Kettles"),
    ];
    let apart = [("Trekking tents", "Table lamps"), ("Stoves", "Cushions"), ("Bulbs", "Hiking boots")];
    for (one, other) in together {
        assert!(lift(one, other) > 2.0, "{one} and {other}: {}", lift(one, other));
    }
    for (one, other) in apart {
        assert!(lift(one, other) < 0.7, "{one} and {other}: {}", lift(one, other));
    }
}

#[test]
fn shoppers_keep_to_their_taste() {
    let store = store(options(600, 3_000, 7));
    let look: BTreeMap<&str, &str> =
        store.catalog.iter().map(|item| (text(item, "item_id"), text(item, "look"))).collect();
    let mut overall: BTreeMap<&str, f64> = BTreeMap::new();
    let (mut same, mut pairs) = (0.0, 0.0);
    for visit in store.visits() {
        for item_id in &visit {
            *overall.entry(look[item_id]).or_default() += 1.0;
        }
        if let [first, .., last] = visit[..] {
            same += f64::from(u8::from(look[first] == look[last]));
            pairs += 1.0;
        }
    }
    let all: f64 = overall.values().sum();
    let by_chance: f64 = overall.values().map(|count| (count / all) * (count / all)).sum();
    assert!(same / pairs > 1.5 * by_chance, "{} against {by_chance} by chance", same / pairs);
}

#[test]
fn personas_have_done_things_that_this_store_offers() {
    for (n_items, seed) in [(200, 1), (600, 7), (5_000, 2)] {
        let store = store(options(n_items, 10, seed));
        let shoppers: Value = serde_json::from_slice(&store.bytes()[2]).unwrap();
        let item_ids = store.item_ids();
        let personas = shoppers["personas"].as_array().unwrap();
        assert!((4..=6).contains(&personas.len()));
        for persona in personas {
            let events = persona["events"].as_array().unwrap();
            assert!((6..=12).contains(&events.len()), "{}", persona["id"]);
            for event in events {
                let kind = EventKind::from_name(text(event, "type")).unwrap();
                if kind == EventKind::Search {
                    assert!(!text(event, "query").is_empty());
                } else {
                    assert!(item_ids.contains(text(event, "itemId")), "{event} of {}", persona["id"]);
                }
            }
        }
    }
}

#[test]
fn sizes_out_of_range_are_refused_before_anything_is_written() {
    let parent = TempDir::new().unwrap();
    let check = |asked: SampleOptions, option: &str| {
        let directory = parent.path().join("store");
        let error = write_store(&directory, &asked).unwrap_err();
        assert!(matches!(error, SampleError::OutOfRange { option: named, .. } if named == option), "{error}");
        assert!(!directory.exists());
    };
    check(options(199, 6_000, 7), "items");
    check(options(500_001, 6_000, 7), "items");
    check(options(600, 9, 7), "shoppers");
    check(options(600, 5_000_001, 7), "shoppers");
}

#[test]
fn only_an_empty_directory_or_an_earlier_sample_is_written_to() {
    let small = options(200, 10, 7);
    let names = |directory: &Path| -> BTreeSet<String> {
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let parent = TempDir::new().unwrap();
    let ours = parent.path().join("not/there/yet");
    write_store(&ours, &small).unwrap();
    assert_eq!(names(&ours), FILES.map(String::from).into());

    // An earlier sample is replaced, and what else stands there stays.
    fs::write(ours.join("store.shelf"), "a model").unwrap();
    let before = fs::read(ours.join(CATALOG_FILE)).unwrap();
    write_store(&ours, &options(200, 10, 8)).unwrap();
    assert_ne!(fs::read(ours.join(CATALOG_FILE)).unwrap(), before);
    assert_eq!(fs::read(ours.join("store.shelf")).unwrap(), b"a model");

    for (name, content) in [("catalog.jsonl", "{}"), ("notes.txt", ""), (SHOPPERS_FILE, "{\"madeBy\": \"me\"}")] {
        let theirs = TempDir::new().unwrap();
        fs::write(theirs.path().join(name), content).unwrap();
        let error = write_store(theirs.path(), &small).unwrap_err();
        assert!(matches!(error, SampleError::NotASample { .. }), "{error}");
        assert!(error.to_string().contains("empty directory"), "{error} says what to do");
        assert_eq!(names(theirs.path()), BTreeSet::from([name.to_owned()]), "nothing was left behind");
        assert_eq!(fs::read_to_string(theirs.path().join(name)).unwrap(), content);
    }

    // What an interrupted run has left is no store, and nobody's.
    let interrupted = TempDir::new().unwrap();
    fs::write(interrupted.path().join(".reshelve-sample-1"), "half").unwrap();
    write_store(interrupted.path(), &small).unwrap();
    assert!(!names(interrupted.path()).contains(".reshelve-sample-1"));

    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();
    let error = write_store(&file, &small).unwrap_err();
    assert!(matches!(error, SampleError::File { .. }) && error.to_string().contains("file"), "{error}");
}
