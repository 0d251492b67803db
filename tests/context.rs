//! What is known of a request before its shopper, from a log to the answer.
#![cfg(feature = "train")]

use reshelve::format::FormatError;
use reshelve::format::attributes;
use reshelve::format::container::SectionKind;
use reshelve::format::priors::{self, Encoded};
use reshelve::model::Model;
use reshelve::rank::{
    Basis, ContextWord, Page, Parts, ReasonCode, RecommendRequest, RerankRequest, Scratch, recommend, rerank,
};
use reshelve::session::{Event, EventKind, Session};
use reshelve::train::{Catalog, CatalogItem, Context, ContextWorth, Interaction, Options, Sessions, Unwatched, learn};

const ITEMS: [(&str, &str); 4] = [("boots", "outside"), ("lamp", "home"), ("mug", "home"), ("tent", "outside")];

/// In the first season nearly all look for what is for outside, in the third for what is for home; boots come before
/// tents, mugs before lamps.
fn log(first: &str, third: &str) -> Sessions {
    let contexts = [first, third].map(|word| Context::from([("season".to_owned(), word.to_owned())]));
    let mut log = Sessions { starts: vec![0], ..Sessions::default() };
    log.item_ids = ITEMS.map(|(id, _)| id.to_owned()).to_vec();
    for number in 0..2000usize {
        let season = number % 2;
        let usual = if season == 0 { [0, 3] } else { [2, 1] };
        let other = if season == 0 { 2 } else { 0 };
        let item = if number % 10 < 2 { other } else { usual[usize::from(number % 3 == 0)] };
        log.events.push(Interaction { item, kind: EventKind::View, timestamp_ms: number as i64 });
        log.starts.push(log.events.len());
        log.visitors.push(number as u32);
        log.contexts.push(contexts[season].clone());
    }
    log
}

fn catalog() -> Catalog {
    let item = |(id, category): (&str, &str)| CatalogItem {
        id: id.to_owned(),
        category: vec![category.to_owned()],
        ..CatalogItem::default()
    };
    Catalog { items: ITEMS.map(item).to_vec(), ..Catalog::default() }
}

fn learned(log: &Sessions) -> (Model, Option<ContextWorth>) {
    let learned = learn(log, Some(&catalog()), &Options::default(), &Unwatched).unwrap();
    (Model::from_bytes(learned.bytes).unwrap(), learned.context)
}

fn popular(model: &Model, context: &[ContextWord], basis: Basis) -> Vec<(String, Parts)> {
    let page = Page { context, ..Page::default() };
    let request = RecommendRequest { page, limit: 4, basis: Some(basis), ..RecommendRequest::default() };
    let found = recommend(model, &Session::default(), &request, true, &mut Scratch::default()).unwrap();
    let told = |item: &reshelve::rank::Recommended| {
        let (code, is_popular) = (item.reason.code, item.parts.popularity >= 128 * 32);
        let expected = if is_popular { ReasonCode::Popular } else { ReasonCode::StoreOrder };
        assert_eq!((item.basis, code), (Basis::Popular, expected), "never a guess who it is");
        (model.ids().id(item.row), item.parts)
    };
    found.items.iter().map(told).collect()
}

#[test]
fn what_is_popular_depends_on_the_season() {
    let (model, worth) = learned(&log("q1", "q3"));
    let worth = worth.unwrap();
    assert!(worth.popular_weight > 0, "{worth:?}");
    assert!(worth.tilted.1 > worth.popularity.1, "{worth:?}");
    assert_eq!((worth.contexts, worth.categories), (2, 2));
    let ids = |context: &[ContextWord]| {
        let of_popular: Vec<String> = popular(&model, context, Basis::Popular).into_iter().map(|(id, _)| id).collect();
        let of_session: Vec<String> = popular(&model, context, Basis::Session).into_iter().map(|(id, _)| id).collect();
        assert_eq!(of_popular, of_session);
        of_popular.join(" ")
    };
    let (outside, home) = (ids(&[("season", "q1")]), ids(&[("season", "q3")]));
    assert!(outside.starts_with("boots"), "{outside}");
    assert!(home.starts_with("mug"), "{home}");
    let plain = ids(&[]);
    assert_eq!(ids(&[("season", "q2"), ("q1", "season"), ("weather", "rain")]), plain);
    let tilted = popular(&model, &[("season", "q1")], Basis::Popular);
    let untilted = popular(&model, &[], Basis::Popular);
    for (id, parts) in &tilted {
        let (_, before) = untilted.iter().find(|(other, _)| other == id).unwrap();
        assert_eq!(Parts { popularity: before.popularity, ..*parts }, *before, "the tilt is part of the popularity");
    }
}

#[test]
fn what_does_not_pay_is_left_out() {
    // Everyone says the same word, so that it tells nothing; or what is said has nothing to do with what is looked for.
    let same = log("q1", "q1");
    let mut unrelated = log("q1", "q3");
    let words = [unrelated.contexts[0].clone(), unrelated.contexts[1].clone()];
    for (number, context) in unrelated.contexts.iter_mut().enumerate() {
        *context = words[number / 30 % 2].clone();
    }
    for log in [same, unrelated] {
        let (model, worth) = learned(&log);
        assert!(model.priors().is_none(), "{worth:?}");
    }
}

/// The model with a section of priors.
fn with_priors(model: &Model, encoded: &Encoded) -> Result<Model, FormatError> {
    Model::from_bytes(model.with_sections([(SectionKind::Priors, priors::write(encoded)?)]))
}

fn encoded(popular: u16, session: u16, home: i8, outside: i8) -> Encoded {
    let contexts = vec![(("device".to_owned(), "mobile".to_owned()), vec![home, outside])];
    Encoded { n_categories: 2, popular, session, contexts }
}

#[test]
fn tilts_are_added_by_weight() {
    let (model, _) = learned(&log("q1", "q1"));
    let rows = ITEMS.map(|(id, _)| model.row(id).unwrap());
    let session: Session = [Event::new(EventKind::View, "boots", 0)].into_iter().collect();
    let parts = |model: &Model, context: &[ContextWord]| {
        let request = RerankRequest {
            page: Page { context, ..Page::default() },
            rows: &rows,
            strength: Some(reshelve::rank::Share::ONE),
            ..RerankRequest::default()
        };
        let mut placed = rerank(model, &session, &request, false, &mut Scratch::default()).unwrap().placed;
        placed.sort_by_key(|placed| placed.from);
        placed.iter().map(|placed| placed.parts).collect::<Vec<Parts>>()
    };
    let check = |popular_weight: u16, session_weight: u16, home: i8, outside: i8, found: [i32; 2], beside: [i32; 2]| {
        let tilted = with_priors(&model, &encoded(popular_weight, session_weight, home, outside)).unwrap();
        let context = [("device", "mobile")];
        let before = popular(&model, &context, Basis::Popular);
        for (id, parts) in popular(&tilted, &context, Basis::Popular) {
            let (_, before) = before.iter().find(|(other, _)| *other == id).unwrap();
            let is_outside = ["boots", "tent"].contains(&id.as_str());
            assert_eq!(parts.popularity - before.popularity, found[usize::from(is_outside)], "{id}");
        }
        // A request is not blended beyond what the evidence bears: the tilt may be smaller, but never of the other sign.
        for (((id, category), with), without) in ITEMS.iter().zip(parts(&tilted, &context)).zip(parts(&tilted, &[])) {
            let expected = beside[usize::from(*category == "outside")];
            let gain = with.popularity - without.popularity;
            assert!(expected.signum() * gain >= 0 || expected == 0, "{id}: {gain} for {expected}");
        }
    };
    check(1024, 0, 64, -64, [1024, -1024], [0, 0]);
    check(512, 1024, 64, -64, [512, -512], [1024, -1024]);
    check(0, 1024, 127, -128, [0, 0], [2032, -2048]);
    check(65_535, 65_535, -128, 127, [-131_070, 130_046], [-131_070, 130_046]);
}

#[test]
fn priors_are_of_the_models_categories() {
    let (model, _) = learned(&log("q1", "q1"));
    let mut three = encoded(1, 1, 1, 1);
    three.n_categories = 3;
    three.contexts[0].1.push(0);
    let error = with_priors(&model, &three).unwrap_err();
    assert_eq!(error.code(), "ERR_MODEL_FORMAT");
    assert!(error.to_string().contains("it has 3 categories and the attributes have 2"), "{error}");
    let popularity = attributes::Encoded { name: "popularity".to_owned(), values: vec![1; 4], dictionary: Vec::new() };
    let section = attributes::write(4, &[popularity]).unwrap();
    let bare = Model::from_bytes(model.with_sections([(SectionKind::Attributes, section)])).unwrap();
    assert!(with_priors(&bare, &encoded(1, 1, 1, 1)).is_err());
}
