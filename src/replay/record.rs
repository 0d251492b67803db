use super::State;
use super::trace::{Numbers, Order, RecommendRecord, Request, RerankRecord, Trace};
use crate::model::{Model, Rules};
use crate::rank::{Basis, Overlay, Page, Ranking, RecommendRequest, Recommendations, RerankRequest, Share};
use crate::session::{Lens, Session};

impl Trace {
    /// Writes down how a list was ordered. `candidates` are the ids of `request.rows`.
    pub fn of_ranking(
        model: &Model,
        session: &Session,
        request: &RerankRequest,
        candidates: &[String],
        ranking: &Ranking,
    ) -> Trace {
        let overlays = request.page.overlays.iter().map(|overlay| {
            let known = |&value: &i32| Some(value).filter(|&value| value != Overlay::NOT_KNOWN);
            (overlay.name.to_owned(), Numbers::List(overlay.values.iter().map(known).collect()))
        });
        let rerank = RerankRecord {
            candidates: candidates.to_vec(),
            base: request.base.map(<[f64]>::to_vec),
            prices: request.prices.iter().map(|&price| Some(price).filter(|price| price.is_finite())).collect(),
            strength: request.strength.map(Share::value),
            keep_first: request.keep_first,
            pinned: request.pinned.to_vec(),
            max_shift: request.max_shift,
        };
        let asked = Request { overlays: overlays.collect(), rerank: Some(rerank), ..of_page(session, &request.page) };
        let order = Order::Indices(ranking.placed.iter().map(|placed| placed.from).collect());
        let scores = ranking.placed.iter().map(|placed| placed.parts.score()).collect();
        Trace::new(model, request.page.rules, session, asked, order, scores)
    }

    /// Writes down what was found.
    pub fn of_recommendations(
        model: &Model,
        session: &Session,
        request: &RecommendRequest,
        found: &Recommendations,
    ) -> Trace {
        let ids = |rows: &[u32]| -> Vec<String> { rows.iter().map(|&row| model.ids().id(row)).collect() };
        let overlays = request.page.overlays.iter().map(|overlay| {
            let known = overlay.values.iter().zip(0..).filter(|&(&value, _)| value != Overlay::NOT_KNOWN);
            let by_item = known.map(|(&value, row)| (model.ids().id(row), value)).collect();
            (overlay.name.to_owned(), Numbers::ByItem(by_item))
        });
        let recommend = RecommendRecord {
            limit: request.limit,
            seeds: request.seeds.map(ids),
            basis: request.basis.map(|basis| Basis::name(basis).to_owned()),
            exclude: ids(request.exclude),
            threshold: request.threshold.value(),
        };
        let asked =
            Request { overlays: overlays.collect(), recommend: Some(recommend), ..of_page(session, &request.page) };
        let order = Order::Items(found.items.iter().map(|item| model.ids().id(item.row)).collect());
        let scores = found.items.iter().map(|item| item.parts.score()).collect();
        Trace::new(model, request.page.rules, session, asked, order, scores)
    }

    fn new(
        model: &Model,
        rules: Option<&Rules>,
        session: &Session,
        request: Request,
        order: Order,
        scores: Vec<i32>,
    ) -> Trace {
        let state = State::of(session);
        Trace { v: 1, model: model.id(), rules: rules.map(Rules::id), state, request, order, scores: Some(scores) }
    }
}

/// What every request of a page says, but for its overlays.
fn of_page(session: &Session, page: &Page) -> Request {
    Request {
        surface: page.surface.to_owned(),
        placement: page.placement.to_owned(),
        now: page.now_ms,
        gift: page.lens.gift,
        without: places(session, page.lens),
        diversity: page.diversity.map(Share::value),
        discovery: page.discovery.map(Share::value),
        broaden: page.broaden.value(),
        seed: page.seed,
        context: page.context.iter().map(|&(name, word)| (name.to_owned(), word.to_owned())).collect(),
        ..Request::default()
    }
}

/// Where the events that a lens leaves out stand in the log.
fn places(session: &Session, lens: Lens) -> Vec<u32> {
    let places = (0..).zip(session.log()).filter(|(_, (id, _))| lens.without.contains(id));
    places.map(|(place, _)| place).collect()
}
