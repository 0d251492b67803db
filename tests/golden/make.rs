//! Makes the golden models and cases from seeds.

use std::collections::BTreeMap;
use std::path::Path;

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reshelve::format::container::{self, SectionKind};
use reshelve::format::features::N_FEATURES;
use reshelve::format::metadata::{AgeWeight, Blend, Decay, Metadata};
use reshelve::format::ranker::{self, Node};
use reshelve::format::{attributes, embeddings, ids, index, neighbors, priors};
use reshelve::model::Model;
use reshelve::rank::Basis;
use reshelve::rules::{RuleFile, compile};
use reshelve::session::{EventKind, token};

use super::run;
use super::shape::{Case, EventShape, Golden, PageShape, Recommend, Rerank};

pub(crate) const NOW: i64 = 1_780_000_000_000;
const MINUTE: i64 = 60_000;

/// What a golden model is made of.
struct Recipe {
    name: &'static str,
    n_items: usize,
    /// 0: none.
    dimensions: usize,
    per_row: usize,
    /// Whether the transition tells what a choice leads to.
    tells_choices: bool,
    /// Trees of the ranker; 0: it has none, and requests name no prices.
    trees: usize,
    /// Whether it has rules and priors, and columns for them.
    ruled: bool,
    /// Items of a list of the index; 0: it has none, and levels of popularity count.
    per_list: usize,
}

/// One rule of every kind and one test of every operator, on surfaces and off them.
const RULES: &str = r#"
filter = [
  { name = "sizes", drop = "category under 'shoes/boots' and price_band >= 4" },
  { name = "brands", drop = "brand == 'bora' and brand != 'acme'", when = "touched > 3" },
  { name = "grown-ups", drop = "adult", surfaces = ["home"] },
  { name = "bought", drop = "item in bought(2) or 'item-003' in cart and category in cart" },
]
incompatible = [{ name = "voltages", items = ["item-001", "item-002", "item-004"] }]
pin = [{ name = "campaign", item = "item-007", rank = 2, surfaces = ["search", "home"] }]
reserve = [{ name = "new in shoes", rank = 4, where = "category under 'shoes' and price_band in [1, 2]" }]
cap = [
  { name = "mixed", at_most = 2, per = "brand", first = 6 },
  { name = "few dear ones", at_most = 3, where = "price_band == 5" },
]
quota = [
  { name = "a share for bora", at_least = 2, first = 5, where = "brand == 'bora'" },
  { name = "a share for boots", at_least = 3, first = 9, where = "category under 'shoes/boots'" },
]
boost = [
  { name = "own brand", where = "brand == 'acme' or item == 'item-011'", by = 900 },
  { name = "margin", per = "price_band", by = 150, among = 12 },
  { name = "touched brands", where = "brand in touched(1)", by = 300 },
  { name = "old stock", where = "price_band != 1", by = -400, when = "surface != 'cart'" },
]
placement = [
  { name = "home_feed", surface = "home", draw = ["session", "trending", "popular"], limit = 12, diversity = 0.3 },
  { name = "goes_with_cart", surface = "cart", draw = ["together"], from = "cart", where = "not item in cart" },
  { name = "listing", strength = 0.5, max_shift = 10, keep_first = 2 },
]
question = [
  { name = "for_whom", answer = [
    { name = "kids", where = "category under 'shoes'", by = 700 },
    { name = "me", where = "not category under 'shoes'" },
  ] },
]
"#;

const PLAIN: Recipe = Recipe {
    name: "",
    n_items: 0,
    dimensions: 16,
    per_row: 8,
    tells_choices: false,
    trees: 0,
    ruled: false,
    per_list: 0,
};

const RECIPES: [Recipe; 6] = [
    Recipe { name: "small", n_items: 40, per_row: 6, ..PLAIN },
    Recipe { name: "wide", n_items: 300, dimensions: 64, per_row: 12, tells_choices: true, ..PLAIN },
    Recipe { name: "rows-only", n_items: 50, dimensions: 0, per_row: 10, ..PLAIN },
    Recipe { name: "ranked", n_items: 60, trees: 60, ..PLAIN },
    Recipe { name: "ruled", n_items: 60, ruled: true, tells_choices: true, ..PLAIN },
    Recipe { name: "indexed", n_items: 300, dimensions: 32, per_row: 4, per_list: 7, ..PLAIN },
];

pub(crate) fn write(folder: &Path) {
    let mut golden = Golden { models: BTreeMap::new(), cases: Vec::new() };
    for (recipe, seed) in RECIPES.iter().zip(1..) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let file = format!("{}.shelf", recipe.name);
        std::fs::write(folder.join(&file), model(recipe, &mut rng)).expect("the folder can be written to");
        let model = run::load(&folder.join(&file));
        golden.models.insert(recipe.name.to_owned(), file);
        for mut case in cases(recipe, &model, &mut rng) {
            case.expect = Some(run::answer(&model, &case));
            golden.cases.push(case);
        }
    }
    let text = serde_json::to_string(&golden).expect("cases are plain data");
    // A case a line, so that a change shows which.
    let text = text.replace("{\"name\":", "\n{\"name\":") + "\n";
    std::fs::write(folder.join("cases.json"), text).expect("the folder can be written to");
}

fn item_id(number: usize) -> String {
    format!("item-{number:03}")
}

/// Any matrix, or two side by side.
fn transition(dimensions: usize, tells_choices: bool) -> Vec<i8> {
    let mut rng = ChaCha8Rng::seed_from_u64(dimensions as u64);
    (0..dimensions.pow(2) << u8::from(tells_choices)).map(|_| rng.random_range(-127i16..128) as i8).collect()
}

fn model(recipe: &Recipe, rng: &mut ChaCha8Rng) -> Vec<u8> {
    let n_items = recipe.n_items;
    let item_ids: Vec<String> = (0..n_items).map(item_id).collect();
    let metadata = Metadata {
        builder: "golden".to_owned(),
        created_at_ms: NOW,
        n_sessions: 0,
        n_events: 0,
        seed: 0,
        decay: Decay {
            by_kind: [1024, 1024, 0, 2048, 0, 1536, 1024, 0, 0, 0],
            by_age: [(30, 1024), (240, 700), (100_000, 90)]
                .map(|(max_age_minutes, weight)| AgeWeight { max_age_minutes, weight })
                .to_vec(),
        },
        blends: vec![blend(recipe, "", 700, 512), blend(recipe, "cart", 1024, 300)],
    };
    let mut sections = vec![
        (SectionKind::Metadata, metadata.write().expect("golden metadata is sound")),
        (SectionKind::Ids, ids::write(&item_ids).expect("golden ids differ")),
    ];
    if recipe.dimensions > 0 {
        let encoder = embeddings::Encoder {
            dimensions: recipe.dimensions,
            norm: 330,
            temperature: 11_000,
            by_place: vec![1024, 700, 500, 300, 200, 100, 50, 25],
            transition: transition(recipe.dimensions, recipe.tells_choices),
            transition_scale: 1500,
        };
        let encoded = embeddings::Encoded {
            encoder,
            biases: (0..n_items).map(|_| rng.random_range(-600..600)).collect(),
            vectors: (0..n_items * recipe.dimensions).map(|_| rng.random_range(-128i16..128) as i8).collect(),
        };
        sections.push((SectionKind::Embeddings, embeddings::write(&encoded).expect("golden embeddings are sound")));
    }
    let index = (recipe.per_list > 0).then(|| {
        let n_lists = n_items.div_ceil(recipe.per_list);
        let encoded = index::Encoded {
            dimensions: recipe.dimensions,
            probes: 6,
            recall: 300,
            ends: (1..=n_lists).map(|list| (list * recipe.per_list).min(n_items) as u32).collect(),
            biases: (0..n_lists).map(|_| rng.random_range(0..600)).collect(),
            centers: (0..n_lists * recipe.dimensions).map(|_| rng.random_range(-60..60)).collect(),
        };
        index::write(&encoded).expect("a golden index is sound")
    });
    let weights = std::array::from_fn(|level| (level * level / 4) as u16);
    let rows: Vec<Vec<neighbors::Entry>> = (0..n_items as u32)
        .map(|row| {
            let mut entries: Vec<neighbors::Entry> =
                (0..recipe.per_row).map(|_| (rng.random_range(0..n_items as u32), rng.random())).collect();
            entries.sort_unstable();
            entries.dedup_by_key(|entry| entry.0);
            entries.retain(|entry| entry.0 != row);
            entries
        })
        .collect();
    sections.push((SectionKind::Neighbors, neighbors::write(&weights, &rows).expect("golden rows are sound")));
    let columns = [(attributes::POPULARITY, 256), (attributes::REPURCHASE_DAYS, 3), (attributes::TRENDING, 256)];
    let columns = columns.map(|(name, end)| attributes::Encoded {
        name: name.to_owned(),
        values: (0..n_items).map(|_| rng.random_range(0..end)).collect(),
        dictionary: Vec::new(),
    });
    let mut columns = columns.to_vec();
    if recipe.ruled {
        let mut column = |name: &str, last: u32, words: &[&str]| attributes::Encoded {
            name: name.to_owned(),
            values: (0..n_items).map(|_| rng.random_range(0..=last)).collect(),
            dictionary: words.iter().map(|word| (*word).to_owned()).collect(),
        };
        columns.push(column(attributes::BRAND, 3, &["acme", "bora", "cleo"]));
        columns.push(column(attributes::CATEGORY, 3, &["hats", "shoes", "shoes > boots"]));
        columns.push(column(attributes::FLAGS, 3, &[]));
        columns.push(column(attributes::PRICE_BAND, 5, &[]));
        columns.sort_by(|a, b| a.name.cmp(&b.name));
    }
    let columns = attributes::write(n_items, &columns).expect("golden attributes are sound");
    sections.push((SectionKind::Attributes, columns));
    if recipe.ruled {
        let contexts =
            [("season", "q1", [-40, 25, 127]), ("season", "q3", [90, 0, -128]), ("device", "mobile", [3, -7, 11])];
        let contexts = contexts.map(|(name, word, tilts)| ((name.to_owned(), word.to_owned()), tilts.to_vec()));
        let priors = priors::Encoded { n_categories: 3, popular: 1500, session: 700, contexts: contexts.to_vec() };
        sections.push((SectionKind::Priors, priors::write(&priors).expect("golden priors are sound")));
    }
    if recipe.trees > 0 {
        let trees: Vec<Vec<Node>> = (0..recipe.trees).map(|_| tree(rng)).collect();
        sections.push((SectionKind::Ranker, ranker::write(N_FEATURES, &trees).expect("golden trees are sound")));
    }
    if recipe.ruled {
        let file = RuleFile::from_toml("golden", RULES).expect("golden rules are rules");
        sections.push((SectionKind::Rules, compile(&file).expect("golden rules can be compiled").section));
    }
    sections.extend(index.map(|section| (SectionKind::Index, section)));
    container::write(&sections)
}

/// Two splits, three leaves. Thresholds lie where most features do.
fn tree(rng: &mut ChaCha8Rng) -> Vec<Node> {
    let mut value = || rng.random_range(-900..900);
    let leaf = |value| Node { feature: 0, skip: 0, threshold: 0, value };
    let (leaves, inner) = ([value(), value(), value()].map(leaf), value());
    let mut split = |skip, value| {
        let feature = rng.random_range(0..N_FEATURES as u8);
        Node { feature, skip, threshold: *[-1, 0, 1, 4, 40, 200, 300].choose(rng).expect("not empty"), value }
    };
    vec![split(2, 0), leaves[0], split(2, inner), leaves[1], leaves[2]]
}

fn blend(recipe: &Recipe, surface: &str, neighbors: u16, strength: u16) -> Blend {
    let mut history_by_kind = [0; EventKind::N_WEIGHED];
    history_by_kind[EventKind::Purchase as usize] = -3000;
    history_by_kind[EventKind::AddToCart as usize] = 500;
    Blend {
        surface: surface.to_owned(),
        embedding: 1024,
        embedding_of_known: 900,
        neighbors,
        neighbors_by_place: vec![1024, 800, 600, 400, 200],
        bias: 900,
        popularity: if recipe.per_list > 0 { 0 } else { 3 },
        history_by_place: vec![2000, 1500, -100],
        history_by_times: vec![-50, 300, 450],
        history_of_last: vec![700, 350],
        history_by_kind,
        base_range: 8192,
        strength,
    }
}

fn cases(recipe: &Recipe, model: &Model, rng: &mut ChaCha8Rng) -> Vec<Case> {
    let mut cases = Vec::new();
    for number in 0..60 {
        let events = events(recipe, rng, number);
        let case = Case {
            name: format!("{} {number}", recipe.name),
            model: recipe.name.to_owned(),
            events: events.clone(),
            ..Case::default()
        };
        if number % 3 == 2 {
            cases.push(Case { recommend: Some(recommend(recipe, rng, number)), ..case });
        } else {
            cases.push(Case { rerank: Some(rerank(recipe, rng, number)), ..case });
        }
    }
    // A token carries a session elsewhere.
    let by_token = |name: &str, token: String, rerank| Case {
        name: format!("{} {name}", recipe.name),
        model: recipe.name.to_owned(),
        token: Some(token),
        rerank: Some(rerank),
        ..Case::default()
    };
    let session = run::session(model, &events(recipe, rng, 9));
    cases.push(by_token("by token", token::encode(model, &session), rerank(recipe, rng, 1)));
    for (at, number) in [2, 14, 5, 26, 12, 17, 20, 32, 29].into_iter().enumerate() {
        let mut events = events(recipe, rng, number);
        for kind in [EventKind::NotInterested, EventKind::LessLikeThis, EventKind::LessLikeThis] {
            let (item, minutes) = (rng.random_range(0..recipe.n_items), rng.random_range(0..300));
            let item_id = Some(item_id(item));
            events.push(EventShape { kind, item_id, query: None, timestamp: NOW - minutes * MINUTE });
        }
        let name = format!("averse {number}");
        let (rerank, recommend) = (rerank(recipe, rng, number), recommend(recipe, rng, number));
        cases.push(match at % 3 {
            0 => by_token(&name, token::encode(model, &run::session(model, &events)), rerank),
            other => Case {
                name: format!("{} {name}", recipe.name),
                model: recipe.name.to_owned(),
                events,
                rerank: (other == 1).then_some(rerank),
                recommend: (other == 2).then_some(recommend),
                ..Case::default()
            },
        });
    }
    let listed = rerank(recipe, rng, 0);
    for (name, token) in tokens(recipe, model).into_iter().filter(|_| ["small", "ruled"].contains(&recipe.name)) {
        cases.push(by_token(&format!("by {name} token"), token, listed.clone()));
    }
    cases
}

/// Tokens that are to be read in part, or not at all.
fn tokens(recipe: &Recipe, model: &Model) -> Vec<(&'static str, String)> {
    let token = |items: &[usize], age: i64| {
        let view = |(&item, minutes): (&usize, i64)| EventShape {
            kind: EventKind::View,
            item_id: Some(item_id(item)),
            query: None,
            timestamp: NOW - age - minutes * MINUTE,
        };
        // As the log of another model, which marks nothing, would have it.
        let events = items.iter().zip(0..).map(view);
        token::encode(model, &events.map(|shape| run::event(&shape)).collect())
    };
    let (sound, unknown) = (token(&[1, 2], 0), recipe.n_items);
    let sensitive: Vec<usize> = (0..recipe.n_items).filter(|&item| model.sensitive()(item as u32)).collect();
    let mut tokens = vec![
        ("an empty", token(&[], 0)),
        ("an expired", token(&[1, 2], 31 * 24 * 60 * MINUTE)),
        ("a coming", token(&[1, 2], -31 * 24 * 60 * MINUTE)),
        ("a foreign", token(&[unknown, unknown + 1], 0)),
        ("a partly foreign", token(&[1, unknown], 0)),
        ("a cut", sound[..sound.len() - 4].to_owned()),
        ("a changed", sound.replace(&sound[20..22], if &sound[20..22] == "AA" { "BB" } else { "AA" })),
        ("an old", FIRST_VERSION.to_owned()),
        ("no", "not a token!".to_owned()),
    ];
    if let Some(&first) = sensitive.first() {
        let open = (0..recipe.n_items).find(|item| !sensitive.contains(item)).expect("not all are sensitive");
        tokens.push(("a sensitive", token(&[first], 0)));
        tokens.push(("a partly sensitive", token(&[first, open], 0)));
    }
    tokens
}

/// As a release wrote it whose tokens are no longer read.
const FIRST_VERSION: &str = "ATmtxAEZmEHGV7FJxgBw_BzjFhPtSrMhQIhASfCKhQv5S3Bdzl92CqxpXExAX_Mm4ZdDWqGCQIIt_lNldn645RCeOHpMk6Z48vVQBGw2aJd-yfwPQw";

/// Sessions of 0 to 30 events; some items are unknown to the model, some events have none, some come out of order.
fn events(recipe: &Recipe, rng: &mut ChaCha8Rng, number: usize) -> Vec<EventShape> {
    const LENGTHS: [usize; 10] = [3, 0, 1, 2, 5, 8, 30, 12, 4, 20];
    let length = LENGTHS[number % LENGTHS.len()];
    (0..length)
        .map(|_| {
            let kind = *EventKind::ALL[..EventKind::N_WEIGHED].choose(rng).expect("there are kinds");
            // Some of an earlier visit.
            let oldest_hours = if rng.random_bool(0.5) { 72 } else { 6 };
            let timestamp = NOW - rng.random_range(0..oldest_hours * 60) * MINUTE - rng.random_range(0..MINUTE);
            if !kind.has_item() {
                return EventShape { kind, item_id: None, query: Some("warm socks/any".to_owned()), timestamp };
            }
            let item = rng.random_range(0..recipe.n_items + recipe.n_items / 8);
            EventShape { kind, item_id: Some(item_id(item)), query: None, timestamp }
        })
        .collect()
}

fn rerank(recipe: &Recipe, rng: &mut ChaCha8Rng, number: usize) -> Rerank {
    let length = [10, 1, 24, 0, 48, 200][number % 6];
    // Beyond the model's items, and some twice.
    let candidates: Vec<String> =
        (0..length).map(|_| item_id(rng.random_range(0..recipe.n_items + recipe.n_items / 10))).collect();
    let pinned = (number % 5 == 3).then(|| {
        let mut slots: Vec<u32> = (0..length as u32).collect();
        let mut pins = vec![None; length];
        for pin in pins.iter_mut().step_by(7) {
            *pin = Some(slots.swap_remove(rng.random_range(0..slots.len())));
        }
        pins
    });
    let surface = if number % 4 == 1 { "cart" } else { "search" };
    Rerank {
        page: PageShape { diversity: (number % 4 == 2).then_some(0.4), ..page(recipe, surface, number) },
        base: (number % 3 == 1).then(|| (0..length).map(|_| f64::from(rng.next_u32()) / 1e7).collect()),
        prices: (recipe.trees > 0).then(|| {
            (0..length).map(|_| rng.random_bool(0.9).then(|| f64::from(rng.random_range(5..400)) / 2.0)).collect()
        }),
        strength: [None, Some(1.0), Some(0.25), Some(0.0), None][number % 5],
        max_shift: number.is_multiple_of(4).then_some(3),
        candidates,
        pinned,
        ..Rerank::default()
    }
}

fn recommend(recipe: &Recipe, rng: &mut ChaCha8Rng, number: usize) -> Recommend {
    let mut some = |count: usize| (0..count).map(|_| item_id(rng.random_range(0..recipe.n_items))).collect();
    let surface = if number % 2 == 1 { "cart" } else { "home" };
    Recommend {
        page: PageShape { diversity: (number % 4 == 2).then_some(0.3), ..page(recipe, surface, number) },
        limit: [10, 1, 30, 25][number % 4],
        seeds: (number % 9 == 5).then(|| some(2)),
        basis: (number / 3 % 8).checked_sub(1).map(|basis| Basis::ALL[basis].name().to_owned()),
        exclude: number.is_multiple_of(2).then(|| some(4)),
        threshold: (number % 15 == 14).then_some(0.5),
    }
}

fn page(recipe: &Recipe, surface: &str, number: usize) -> PageShape {
    let context = context(recipe, number);
    PageShape { surface: surface.to_owned(), context, now: NOW, ..PageShape::default() }
}

/// Words that the model knows and words that it does not.
fn context(recipe: &Recipe, number: usize) -> BTreeMap<String, String> {
    let words: &[(&str, &str)] = match number % 7 {
        _ if !recipe.ruled => &[],
        2 => &[("season", "q1")],
        4 => &[("device", "mobile"), ("season", "q3")],
        5 => &[("device", "desktop"), ("season", "q3")],
        _ => &[],
    };
    words.iter().map(|(name, word)| ((*name).to_owned(), (*word).to_owned())).collect()
}
