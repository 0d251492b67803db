//! Answers a case with the native runtime.

use std::collections::BTreeMap;
use std::path::Path;

use reshelve::model::Model;
use reshelve::rank::{
    Basis, ContextWord, Page, Reason, RecommendRequest, RerankRequest, Scratch, Share, UNKNOWN_ROW, recommend, rerank,
};
use reshelve::session::{Event, Session, token};

use super::make::NOW;
use super::shape::{Case, EventShape, Expect, PageShape, ReasonShape, Recommend, Rerank, Restored};

pub(crate) fn load(path: &Path) -> Model {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Model::from_bytes(bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn answer(model: &Model, case: &Case) -> Expect {
    let (session, restored) = match &case.token {
        Some(token) => restore(model, token),
        None => (session(model, &case.events), None),
    };
    let expect = match (&case.rerank, &case.recommend) {
        (Some(request), None) => answer_rerank(model, &session, request),
        (None, Some(request)) => answer_recommend(model, &session, request),
        _ => panic!("{} asks for one thing", case.name),
    };
    Expect { restored, ..expect }
}

pub(crate) fn session(model: &Model, events: &[EventShape]) -> Session {
    let mut session = Session::default();
    for shape in events {
        // What is turned down, is turned down everywhere.
        let _ = session.record(model, event(shape));
    }
    session
}

fn restore(model: &Model, text: &str) -> (Session, Option<Restored>) {
    let (session, lost) = token::decode(model, text, NOW, token::MAX_AGE_MS);
    let events = session.events().len();
    let outcome = match lost {
        None => "whole",
        Some(_) if events > 0 => "partial",
        Some(_) => "refused",
    };
    let restored = Restored { outcome: outcome.to_owned(), reason: lost.map(|lost| lost.name().to_owned()), events };
    (session, Some(restored))
}

pub(crate) fn event(shape: &EventShape) -> Event {
    match &shape.item_id {
        Some(item_id) => Event::new(shape.kind, item_id.as_str(), shape.timestamp),
        None => Event::of_words(shape.kind, shape.query.clone().unwrap_or_default(), shape.timestamp),
    }
}

fn context(words: &BTreeMap<String, String>) -> Vec<ContextWord<'_>> {
    words.iter().map(|(name, word)| (name.as_str(), word.as_str())).collect()
}

fn share(value: Option<f64>) -> Option<Share> {
    value.map(|value| Share::new(value).expect("golden shares are from 0 to 1"))
}

fn page<'a>(shape: &'a PageShape, context: &'a [ContextWord]) -> Page<'a> {
    Page {
        surface: &shape.surface,
        placement: shape.placement.as_deref().unwrap_or_default(),
        diversity: share(shape.diversity),
        discovery: share(shape.discovery),
        broaden: share(shape.broaden).unwrap_or_default(),
        seed: shape.seed.unwrap_or_default(),
        context,
        ..Page::at(shape.now)
    }
}

fn answer_rerank(model: &Model, session: &Session, request: &Rerank) -> Expect {
    let rows: Vec<u32> = request.candidates.iter().map(|id| model.row(id).unwrap_or(UNKNOWN_ROW)).collect();
    let prices = request.prices.as_deref().unwrap_or_default();
    let prices: Vec<f64> = prices.iter().map(|price| price.unwrap_or(f64::NAN)).collect();
    let ranking = rerank(
        model,
        session,
        &RerankRequest {
            page: page(&request.page, &context(&request.page.context)),
            rows: &rows,
            base: request.base.as_deref(),
            prices: &prices,
            strength: share(request.strength),
            pinned: request.pinned.as_deref().unwrap_or_default(),
            max_shift: request.max_shift,
            keep_first: request.keep_first,
        },
        true,
        &mut Scratch::default(),
    )
    .expect("golden requests are sound");
    Expect {
        outcome: ranking.outcome.name().to_owned(),
        reason: ranking.outcome.unchanged().map(|reason| reason.name().to_owned()),
        order: Some(ranking.placed.iter().map(|placed| placed.from).collect()),
        items: None,
        bases: None,
        parts: ranking.placed.iter().map(|placed| placed.parts.values()).collect(),
        penalties: ranking.placed.iter().map(|placed| placed.penalty).collect(),
        restored: None,
        reasons: ranking.placed.iter().map(|placed| reason(model, placed.reason)).collect(),
    }
}

fn answer_recommend(model: &Model, session: &Session, request: &Recommend) -> Expect {
    let rows = |ids: &[String]| ids.iter().filter_map(|id| model.row(id)).collect::<Vec<u32>>();
    let seeds = request.seeds.as_deref().map(rows);
    let exclude = rows(request.exclude.as_deref().unwrap_or_default());
    let found = recommend(
        model,
        session,
        &RecommendRequest {
            page: page(&request.page, &context(&request.page.context)),
            limit: request.limit,
            seeds: seeds.as_deref(),
            basis: request.basis.as_deref().map(|name| Basis::from_name(name).expect("a basis")),
            exclude: &exclude,
            threshold: share(request.threshold).unwrap_or_default(),
        },
        true,
        &mut Scratch::default(),
    )
    .expect("golden requests are sound");
    Expect {
        outcome: found.outcome.name().to_owned(),
        reason: found.outcome.unchanged().map(|reason| reason.name().to_owned()),
        order: None,
        items: Some(found.items.iter().map(|item| model.ids().id(item.row)).collect()),
        bases: Some(found.items.iter().map(|item| item.basis.name().to_owned()).collect()),
        parts: found.items.iter().map(|item| item.parts.values()).collect(),
        penalties: found.items.iter().map(|item| item.penalty).collect(),
        restored: None,
        reasons: found.items.iter().map(|item| reason(model, item.reason)).collect(),
    }
}

fn reason(model: &Model, reason: Reason) -> ReasonShape {
    ReasonShape {
        code: reason.code.name().to_owned(),
        item_id: reason.event.map(|(row, _)| model.ids().id(row)),
        event_type: reason.event.map(|(_, kind)| kind),
    }
}
