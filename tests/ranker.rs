//! The learned ranker, from a log with shown lists to the order of a list.

mod common;

use std::io::Write;
use std::path::Path;

use common::data_file;
use reshelve::eval::impressions::{ListFigures, ListRanks, rank_lists};
use reshelve::format::attributes::CLICK_RATE;
use reshelve::format::features::{FAR, Feature, NONE};
use reshelve::model::Model;
use reshelve::rank::{Page, RerankRequest, Scratch, contributions, features};
use reshelve::train::input::{Config, NoProgress, Source, read_impressions};
use reshelve::train::ranker::booster::{BoosterOptions, List, Lists, boost};
use reshelve::train::ranker::{add_ranker, attach, learn_base, position_exponent};
use reshelve::train::{Catalog, CatalogItem, ClickedList, Impressions, Level, Options, Unwatched, learn, part_of};

fn read(text: &str, config: &str) -> Result<Impressions, String> {
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let config = Config::parse("test.toml", config).unwrap();
    let read = read_impressions(&[Source::Path(file.path().to_owned())], &config, &NoProgress);
    read.map(|(impressions, _)| impressions).map_err(|error| error.to_string())
}

#[test]
fn a_log_is_read() {
    let text = "session_id,user_id,timestamp,event,item_id,impressions,prices\n\
                s,u,1600000000,view,b,,\n\
                s,u,1600000010,click,c,a|b|c,1.5|x|2\n\
                s,u,1600000020,,,c|a,\n\
                t,u,1600000005,click,z,a|b,1|2\n";
    let log = read(text, "").unwrap();
    assert_eq!(log.item_ids, ["a", "b", "c", "z"]);
    assert_eq!((log.sessions.len(), log.sessions[0].visitor), (2, log.sessions[1].visitor));
    let lists: Vec<ClickedList> = log.clicked_lists().collect();
    assert_eq!(lists.len(), 1, "z was not shown, and in the other list nothing was clicked");
    assert_eq!((lists[0].clicked, &lists[0].shown.items), (2, &vec![0, 1, 2]));
    assert!(lists[0].shown.prices[1].is_nan());
    assert_eq!(lists[0].session_before(&log.item_ids).events().count(), 1);
    let sessions = log.sessions_of(|_| true);
    assert_eq!((sessions.len(), sessions.events.len()), (2, 3));
}

#[test]
fn what_cannot_be_read_is_told() {
    let check = |text: &str, config: &str, expected: &str| {
        let error = read(text, config).unwrap_err();
        assert!(error.contains(expected), "{error:?} should contain {expected:?}");
    };
    check("session_id,timestamp,item_id\ns,1,a\n", "", "known to hold the lists of items shown");
    check("session_id,timestamp,item_id,shown\ns,1,a,b|c\n", "", "one of those shown");
    check("session_id,timestamp,item_id,l\ns,1,a,a\n", "[impressions]\nitems = \"list\"", "no column `list`");
    let strict = "[cleaning]\nbad_line_minimum = 0";
    check("session_id,timestamp,item_id,shown,prices\ns,1,a,a|b,1\n", strict, "1 prices for 2 items; write one each");
    let long = "x".repeat(1025);
    let expected = "line 2, column `shown`, value \"xx";
    check(&format!("session_id,timestamp,item_id,shown\ns,1,a,a|{long}\n"), strict, expected);
}

const LOG: &str = "session_id,timestamp,event,item_id,impressions,prices\n\
    s,1600000000,view,b,,\n\
    s,1600000010,search,,,\n\
    s,1600000020,click,c,a|b|c|d,10|20|40|x\n\
    s,1600000050,click,d,d|c|b|a,5|40|20|10\n";

/// The features of the last list of [`LOG`], worked out by hand.
#[test]
fn features_say_what_the_shopper_did() {
    let log = read(LOG, "").unwrap();
    let options = Options { level: Some(Level::RowsOnly), ..Options::default() };
    let model = Model::from_bytes(learn_base(&log, None, &|_| true, &options, &Unwatched).unwrap()).unwrap();
    let list = log.clicked_lists().last().unwrap();
    // The model knows just the log's items, in their order.
    let rows = list.shown.items.clone();
    let request = RerankRequest {
        page: Page { surface: "category", ..Page::at(list.now_ms()) },
        rows: &rows,
        prices: &list.shown.prices,
        ..RerankRequest::default()
    };
    let session = list.session_before(&log.item_ids);
    let features = features(&model, &session, &request, &mut Scratch::default()).unwrap();
    // In the order shown: d, c, b, a. Touched before: b, then c by a click.
    let check = |feature: Feature, expected: [i16; 4]| {
        let found: Vec<i16> = features.iter().map(|features| features[feature as usize]).collect();
        assert_eq!(found, expected, "{}", feature.name());
    };
    check(Feature::Position, [0, 1, 2, 3]);
    check(Feature::Surface, [2; 4]);
    check(Feature::TouchedCandidates, [2; 4]);
    check(Feature::SessionTouches, [2; 4]);
    check(Feature::SessionSearches, [1; 4]);
    check(Feature::SinceSearch, [1; 4]);
    check(Feature::SecondsSinceTouchOfAny, [30; 4]);
    check(Feature::SinceTouch, [FAR, 0, 1, FAR]);
    check(Feature::TouchRankInList, [FAR, 0, 1, FAR]);
    check(Feature::SecondsSinceTouch, [FAR, 30, 50, FAR]);
    check(Feature::Clicks, [0, 1, 0, 0]);
    check(Feature::Views, [0, 0, 1, 0]);
    check(Feature::SearchesSinceTouch, [FAR, 0, 1, FAR]);
    check(Feature::Seen, [1; 4]);
    check(Feature::BelowLast, [-1, 0, 1, 2]);
    check(Feature::UntouchedAbove, [0, 1, 1, 1]);
    check(Feature::TouchedAbove, [0, 0, 1, 2]);
    check(Feature::PriceRank, [0, 192, 128, 64]);
    check(Feature::PriceOfLast, [32, 256, 128, 64]);
    check(Feature::PriceOfTouched, [42, 341, 170, 85]);
    check(Feature::PriceOfAbove, [NONE, 2048, 128, 128]);
    check(Feature::PriceOfCheapestAbove, [256, 2048, 1024, 512]);
    check(Feature::AscendingPrices, [85; 4]);
}

#[test]
fn the_recency_rule_puts_what_was_touched_first() {
    let log = read(LOG, "").unwrap();
    let options = Options { level: Some(Level::RowsOnly), ..Options::default() };
    let model = Model::from_bytes(learn_base(&log, None, &|_| true, &options, &Unwatched).unwrap()).unwrap();
    let lists: Vec<ClickedList> = log.clicked_lists().collect();
    let ranks = rank_lists(&model, &log, &lists);
    // b was touched before c was clicked in third place; c and b before d in first.
    assert_eq!(ranks.iter().map(|ranks| ranks.shown).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(ranks.iter().map(|ranks| ranks.recency).collect::<Vec<_>>(), [3, 3]);
    let figures = ListFigures::of(ranks.iter().map(|ranks| (ranks.shown, 1.0)));
    assert_eq!(figures, ListFigures { mrr: (1.0 / 3.0 + 1.0) / 2.0, ndcg: (0.5 + 1.0) / 2.0 });
}

#[test]
fn what_is_sensitive_has_no_click_rate() {
    let list = |n: usize| ["a|b|c", "b|c|a"][n % 2];
    let lists: String = (0..10).map(|n| format!("s{n},{},click,c,{}\n", 1_600_000_000 + n, list(n))).collect();
    let log = read(&format!("session_id,timestamp,event,item_id,shown\n{lists}"), "").unwrap();
    let item = |id: &str| CatalogItem { id: id.to_owned(), sensitive: id == "b", ..CatalogItem::default() };
    let catalog = Catalog { items: ["a", "b", "c"].map(item).to_vec(), ..Catalog::default() };
    let learned = learn(&log.sessions_of(|_| true), Some(&catalog), &Options::default(), &Unwatched).unwrap();
    let model = Model::from_bytes(attach(&learned.bytes, &log, &|_| true, &[]).unwrap()).unwrap();
    let rates = model.attributes().unwrap().column(CLICK_RATE).unwrap();
    let rate = |id: &str| rates.value(model.row(id).unwrap());
    assert_eq!(rate("b"), 0, "it was shown and never clicked");
    assert!(0 < rate("a") && rate("a") < 128 && rate("c") > 128, "{} {}", rate("a"), rate("c"));
}

#[test]
fn times_beyond_the_calendar_are_dropped() {
    for time in ["9223372036854775807", "1e300", "-1e300", "253402300799000"] {
        let text = format!(
            "session_id,timestamp,event,item_id,shown\n\
             s,1600000000000,click,a,a|b\ns,1600000001000,view,b,\nt,{time},click,b,a|b\n"
        );
        let log = read(&text, "").unwrap();
        assert_eq!((log.sessions.len(), log.clicked_lists().count()), (1, 1), "{time}");
        assert_eq!(log.sessions[0].events[1].timestamp_ms, 1_600_000_001_000);
    }
}

/// Lists of four in which the second cheapest is clicked, whatever else is there.
fn lists(n_lists: usize) -> Lists {
    let mut lists = Lists::default();
    for list in 0..n_lists {
        let start = lists.rows.len();
        for slot in 0..4 {
            let mut row = [0; Feature::ALL.len()];
            row[Feature::PriceRank as usize] = ((slot + list) % 4 * 64) as i16;
            row[Feature::Position as usize] = slot as i16;
            row[Feature::Popularity as usize] = (list * 7 + slot * 3) as i16 % 50;
            lists.rows.push(row);
        }
        let clicked = (0..4).find(|slot| (slot + list) % 4 == 1).unwrap();
        lists.lists.push(List { start, end: start + 4, clicked, weight: 1.0 });
    }
    lists
}

#[test]
fn trees_find_what_clicks_follow_whatever_the_number_of_threads() {
    let options = BoosterOptions { trees: 30, feature_share: 1.0, min_rows: 5, ..BoosterOptions::default() };
    let lists = lists(100);
    let trees_of = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| boost(&lists, &options, |_| ()))
    };
    let trees = trees_of(1);
    assert_eq!(trees, trees_of(3));
    let score = |row: &[i16]| -> i32 {
        let leaf = |tree: &Vec<reshelve::format::ranker::Node>| {
            let mut at = 0;
            while tree[at].skip > 0 {
                let goes_up = row[usize::from(tree[at].feature)] > tree[at].threshold;
                at += if goes_up { usize::from(tree[at].skip) } else { 1 };
            }
            tree[at].value
        };
        trees.iter().map(leaf).sum()
    };
    for list in &lists.lists {
        let scores: Vec<i32> = lists.rows[list.start..list.end].iter().map(|row| score(row)).collect();
        let best = (0..4).max_by_key(|&slot| scores[slot]).unwrap();
        assert_eq!(best, list.clicked, "{scores:?}");
    }
}

/// One item in ten slots, each shown as often and clicked in proportion to 1/rank.
#[test]
fn the_exponent_of_the_position_is_found() {
    let mut text = String::from("session_id,timestamp,event,item_id,impressions\n");
    let mut number = 0;
    for slot in 0..10 {
        for visit in 0..100 {
            number += 1;
            let list: Vec<String> =
                (0..10).map(|at| if at == slot { "it".to_owned() } else { format!("o{number}-{at}") }).collect();
            let clicked = if visit < 100 / (slot + 1) { slot } else { (slot + 1) % 10 };
            text += &format!("s{number},{},click,{},{}\n", 1_600_000_000 + number, list[clicked], list.join("|"));
        }
    }
    let exponent = position_exponent(&read(&text, "").unwrap(), &|_| true);
    assert!((exponent - 1.0).abs() < 0.02, "{exponent}");
}

/// Shoppers view an item and click the one of its brand in a list of four.
#[test]
fn trees_learn_what_the_catalog_says_of_items() {
    let brands = ["acme", "birch", "cedar", "drake"];
    let id = |brand: usize, number: usize| format!("{}{number:02}", brands[brand]);
    let items = (0..120).map(|item| CatalogItem {
        id: id(item / 30, item % 30),
        brand: Some(brands[item / 30].to_owned()),
        ..CatalogItem::default()
    });
    let catalog = Catalog { items: items.collect(), ..Catalog::default() };
    let mut text = String::from("session_id,timestamp,event,item_id,impressions\n");
    for number in 0..300 {
        let (time, wanted) = (1_600_000_000 + 100 * number, number * 7 % 4);
        let shown: Vec<String> = (0..4).map(|slot| id((slot + number) % 4, (number * 11 + slot) % 30)).collect();
        let clicked = &shown[(wanted + 4 - number % 4) % 4];
        text += &format!("s{number},{time},view,{},\n", id(wanted, number * 17 % 30));
        text += &format!("s{number},{},click,{clicked},{}\n", time + 10, shown.join("|"));
    }
    let log = read(&text, "").unwrap();
    let options = Options { level: Some(Level::RowsOnly), ..Options::default() };
    let base = learn_base(&log, Some(&catalog), &|_| true, &options, &Unwatched).unwrap();
    let booster = BoosterOptions { trees: 50, ..BoosterOptions::default() };
    let list = log.clicked_lists().last().unwrap();
    let session = list.session_before(&log.item_ids);
    // What the brand of the clicked item adds to its score.
    let brand_with = |catalog: Option<&Catalog>| {
        let model = add_ranker(&base, &log, catalog, |_| true, &options, &booster, &Unwatched).unwrap();
        let model = Model::from_bytes(model).unwrap();
        let rows: Vec<u32> =
            list.shown.items.iter().map(|&item| model.row(&log.item_ids[item as usize]).unwrap()).collect();
        let request = RerankRequest { page: Page::at(list.now_ms()), rows: &rows, ..RerankRequest::default() };
        let by_feature = contributions(&model, &session, &request, &mut Scratch::default()).unwrap();
        by_feature[list.clicked][Feature::BrandShare as usize]
    };
    assert!(brand_with(Some(&catalog)) > 100, "{}", brand_with(Some(&catalog)));
    assert_eq!(brand_with(None), 0, "nothing is known of brands");
}

/// One fold of `reshelve evaluate --impressions`.
#[test]
fn trivago_lists_are_ordered_better_than_by_recency() {
    let Some(path) = data_file("trivago/events.csv.gz") else { return };
    let config = Config::load(Path::new("examples/trivago.toml")).unwrap();
    let (log, report) = read_impressions(&[Source::Path(path)], &config, &NoProgress).unwrap();
    assert_eq!((report.rows, report.lists, report.clicked_lists), (70_175, 9_379, 9_378));

    let is_learned = |visitor| part_of(visitor, 5, 1) != 0;
    let options = Options::default();
    let base = learn_base(&log, None, &is_learned, &options, &Unwatched).unwrap();
    let booster = BoosterOptions::default();
    let model =
        Model::from_bytes(add_ranker(&base, &log, None, is_learned, &options, &booster, &Unwatched).unwrap()).unwrap();
    let lists: Vec<ClickedList> = log.clicked_lists().filter(|list| !is_learned(list.session.visitor)).collect();
    let ranks = rank_lists(&model, &log, &lists);
    let mrr = |rank: fn(&ListRanks) -> usize| ListFigures::of(ranks.iter().map(|list| (rank(list), 1.0))).mrr;
    let (model, recency, shown) = (mrr(|list| list.model), mrr(|list| list.recency), mrr(|list| list.shown));
    println!("{} lists: model {model:.4}, recency {recency:.4}, shown {shown:.4}", lists.len());
    assert!(model > recency + 0.01, "{model} is not above {recency} by 0.01");
    assert!(recency > shown + 0.1, "{recency} is not above {shown} by 0.1");
}
