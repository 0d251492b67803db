//! What ranking costs natively: `cargo bench --bench rank`. Compare within one run alone.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reshelve::format::attributes::{self, BRAND, CATEGORY, POPULARITY, PRICE_BAND};
use reshelve::format::container::{self, SectionKind};
use reshelve::format::metadata::{AgeWeight, Blend, Decay, Metadata};
use reshelve::format::{embeddings, ids};
use reshelve::model::{Model, Rules};
use reshelve::rank::{Page, RecommendRequest, RerankRequest, Scratch, Share, recommend, rerank};
use reshelve::rules::{RuleFile, compile};
use reshelve::session::{Event, EventKind, Session};

const DIMENSIONS: usize = 64;
const NOW: i64 = 1_780_000_000_000;

/// Twenty rules of all kinds, as a store might have them.
fn rules(model: &Model) -> Rules {
    let mut text = String::from("overlays = [\"stock\"]\n");
    for (number, condition) in
        ["stock == 0", "brand == 'brand 7'", "category under 'category 3' and price_band == 5"].iter().enumerate()
    {
        text += &format!("[[filter]]\nname = \"filter {number}\"\ndrop = \"{condition}\"\n");
    }
    for number in 0..3 {
        text += &format!("[[pin]]\nname = \"pin {number}\"\nitem = \"item {number}\"\nrank = {}\n", 4 * number + 1);
        text += &format!(
            "[[reserve]]\nname = \"reserve {number}\"\nrank = {}\nwhere = \"price_band == {number}\"\n",
            4 * number + 3
        );
    }
    for (number, per) in ["brand", "category", "price_band"].iter().enumerate() {
        text +=
            &format!("[[cap]]\nname = \"cap {number}\"\nat_most = {}\nper = \"{per}\"\nfirst = 24\n", 3 + 4 * number);
    }
    for number in 0..8 {
        text += &format!(
            "[[boost]]\nname = \"boost {number}\"\nwhere = \"brand == 'brand {number}' or popularity > 200\"\nby = {}\n",
            100 * number - 350
        );
    }
    let file = RuleFile::from_toml("bench", &text).expect("the rules are rules");
    assert_eq!(file.n_rules(), 20);
    Rules::from_bytes(model, &compile(&file).expect("the rules can be compiled").to_file())
        .expect("compiled rules are sound")
}

fn model(n_items: usize) -> Model {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let metadata = Metadata {
        created_at_ms: NOW,
        decay: Decay {
            by_kind: [1024; EventKind::N_WEIGHED],
            by_age: vec![AgeWeight { max_age_minutes: 600, weight: 1024 }],
        },
        blends: vec![Blend {
            embedding: 1024,
            embedding_of_known: 1024,
            bias: 1024,
            popularity: 1,
            history_by_place: vec![2000, 1500],
            history_by_times: vec![0, 500],
            base_range: 8192,
            strength: 1024,
            ..Blend::default()
        }],
        ..Metadata::default()
    };
    let encoder = embeddings::Encoder {
        dimensions: DIMENSIONS,
        norm: 592,
        temperature: 11_000,
        by_place: vec![1024, 700, 500, 300, 200, 100],
        transition: (0..DIMENSIONS * DIMENSIONS).map(|_| (rng.next_u32() >> 24) as i8).collect(),
        transition_scale: 1500,
    };
    let vectors = embeddings::Encoded {
        encoder,
        biases: (0..n_items).map(|_| rng.random_range(-600..600)).collect(),
        vectors: (0..n_items * DIMENSIONS).map(|_| (rng.next_u32() >> 24) as i8).collect(),
    };
    let mut column = |name: &str, first: u32, n: u32, word: &str| attributes::Encoded {
        name: name.to_owned(),
        values: (0..n_items).map(|_| rng.random_range(first..=n)).collect(),
        dictionary: if word.is_empty() {
            Vec::new()
        } else {
            (0..n).map(|number| format!("{word} {number:03}")).collect()
        },
    };
    let columns = [
        column(BRAND, 0, 100, "brand"),
        column(CATEGORY, 1, 60, "category"),
        column(POPULARITY, 0, 255, ""),
        column(PRICE_BAND, 1, 5, ""),
    ];
    let item_ids: Vec<String> = (0..n_items).map(|item| format!("item {item}")).collect();
    let bytes = container::write(&[
        (SectionKind::Metadata, metadata.write().expect("the metadata is sound")),
        (SectionKind::Ids, ids::write(&item_ids).expect("the ids differ")),
        (SectionKind::Embeddings, embeddings::write(&vectors).expect("the embeddings are sound")),
        (SectionKind::Attributes, attributes::write(n_items, &columns).expect("the columns are sound")),
    ]);
    Model::from_bytes(bytes).expect("the model is sound")
}

fn session() -> Session {
    (0..20).map(|number| Event::new(EventKind::View, format!("item {}", 7 * number), NOW - number * 60_000)).collect()
}

fn reranking(criterion: &mut Criterion) {
    let model = model(20_000);
    let (rules, session, mut scratch) = (rules(&model), session(), Scratch::default());
    let mut group = criterion.benchmark_group("rerank");
    for n_candidates in [48, 200, 1000] {
        let rows: Vec<u32> = (0..n_candidates).map(|index| (index * 7919) % 20_000).collect();
        let bare = RerankRequest { page: Page::at(NOW), rows: &rows, ..RerankRequest::default() };
        let page = Page { diversity: Share::new(0.3), discovery: Share::new(0.2), ..bare.page };
        let varied = RerankRequest { page, ..bare };
        let ruled = RerankRequest { page: Page { rules: Some(&rules), ..bare.page }, ..bare };
        let full = RerankRequest { page: Page { rules: Some(&rules), ..page }, ..bare };
        group.throughput(Throughput::Elements(n_candidates.into()));
        for (name, request) in [("bare", bare), ("diverse", varied), ("ruled", ruled), ("whole pipeline", full)] {
            group.bench_with_input(BenchmarkId::new(name, n_candidates), &request, |bencher, request| {
                bencher.iter(|| rerank(&model, &session, black_box(request), false, &mut scratch).expect("sound"));
            });
        }
    }
}

fn recommending(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("recommend 20");
    for n_items in [10_000, 100_000] {
        let model = model(n_items);
        let (rules, session, mut scratch) = (rules(&model), session(), Scratch::default());
        let bare = RecommendRequest { page: Page::at(NOW), limit: 20, ..RecommendRequest::default() };
        let page = Page { diversity: Share::new(0.3), discovery: Share::new(0.2), rules: Some(&rules), ..bare.page };
        let full = RecommendRequest { page, ..bare };
        group.throughput(Throughput::Elements(n_items as u64));
        for (name, request) in [("bare", bare), ("whole pipeline", full)] {
            group.bench_with_input(BenchmarkId::new(name, n_items), &request, |bencher, request| {
                bencher.iter(|| recommend(&model, &session, black_box(request), false, &mut scratch).expect("sound"));
            });
        }
    }
}

criterion_group!(benches, reranking, recommending);
criterion_main!(benches);
