//! What holds for every input: models of any content, sessions, requests, rules and bytes.

mod models;
mod rules;
mod sessions;

use models::{CONTEXT, N_ITEMS, NOW, event, events, index_section, model_bytes, ranker_section, rows, session, share};
use proptest::prelude::*;
use reshelve::format::container::{self, SectionKind};
use reshelve::model::Model;
use reshelve::rank::{
    Basis, Overlay, Page, RecommendRequest, RerankRequest, Scratch, Share, UNKNOWN_ROW, contributions, recommend,
    rerank,
};
use reshelve::replay::{Trace, Verdict, verify};
use reshelve::session::{EventId, Lens, Profile, Segment, Session, TurnedDown, affinities, token};
use sessions::{history, is_repeat, unwanted};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn rerank_is_a_permutation_and_holds_pins(
        bytes in model_bytes(),
        events in events(),
        rows in rows(),
        scores in prop::option::of(prop::collection::vec(-1e300..1e300, 50)),
        prices in prop::option::of(prop::collection::vec(any::<f64>(), 50)),
        strength in prop::option::of(share()),
        variety in (prop::option::of(share()), prop::option::of(share()), share(), any::<u32>()),
        keep_first in prop::option::of(0usize..60),
        pins in prop::collection::vec(prop::option::weighted(0.2, 0u32..50), 50),
        max_shift in prop::option::of(0usize..60),
        surface in prop::sample::select(vec!["search", "cart"]),
        explain in any::<bool>(),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        let session = session(&model, events);
        let pinned = &pins[..rows.len()];
        let base = scores.as_ref().map(|scores| &scores[..rows.len()]);
        let prices = prices.as_ref().map_or(&[][..], |prices| &prices[..rows.len()]);
        let (diversity, discovery, broaden, seed) = variety;
        let page = Page { surface, diversity, discovery, broaden, seed, ..Page::at(NOW) };
        let request = RerankRequest { page, rows: &rows, base, prices, strength, keep_first, pinned, max_shift };
        let mut scratch = Scratch::default();
        let Ok(ranking) = rerank(&model, &session, &request, explain, &mut scratch) else {
            // Only pins can be wrong here: off the list, or two in one slot.
            let mut slots: Vec<u32> = pinned.iter().flatten().copied().collect();
            slots.sort_unstable();
            let is_double = slots.windows(2).any(|pair| pair[0] == pair[1]);
            prop_assert!(is_double || slots.last().is_some_and(|&slot| slot as usize >= rows.len()));
            return Ok(());
        };
        let mut from: Vec<usize> = ranking.placed.iter().map(|placed| placed.from).collect();
        for (index, slot) in pinned.iter().enumerate() {
            if let Some(slot) = slot {
                prop_assert_eq!(from[*slot as usize], index);
            }
        }
        let is_taken = |index: usize| pinned.contains(&Some(index as u32));
        for index in (0..keep_first.unwrap_or(0).min(rows.len())).filter(|&index| pinned[index].is_none() && !is_taken(index)) {
            prop_assert_eq!(from[index], index, "the first ones are left alone");
        }
        for (slot, placed) in ranking.placed.iter().enumerate().filter(|_| explain) {
            prop_assert_eq!(placed.path.place, slot, "without rules the last stage is the end of the path");
        }
        let again = rerank(&model, &session, &request, explain, &mut scratch).unwrap();
        prop_assert_eq!(&again, &ranking, "the scratch is clean after use");
        from.sort_unstable();
        prop_assert_eq!(from, (0..rows.len()).collect::<Vec<_>>());
    }

    #[test]
    fn strength_zero_keeps_the_incoming_order_and_others_that_of_the_scores(
        bytes in model_bytes(), events in events(), rows in rows(), strength in share(),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        let session = session(&model, events);
        let request = |strength| RerankRequest { page: Page::at(NOW), rows: &rows, strength: Some(strength), ..RerankRequest::default() };
        let zero = rerank(&model, &session, &request(Share::default()), false, &mut Scratch::default()).unwrap();
        prop_assert!(zero.placed.iter().enumerate().all(|(slot, placed)| slot == placed.from));
        let some = rerank(&model, &session, &request(strength), false, &mut Scratch::default()).unwrap();
        let scores: Vec<i32> = some.placed.iter().filter(|placed| !placed.fixed).map(|placed| placed.parts.score()).collect();
        prop_assert!(some.outcome.name() == "unchanged" || scores.is_sorted_by(|a, b| a >= b));
    }

    /// Whatever the model holds and the strength that is asked for.
    #[test]
    fn one_event_does_not_turn_a_list_around(
        bytes in model_bytes(), event in event(), rows in prop::collection::vec(0..N_ITEMS as u32, 2..50), strength in share(),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        prop_assume!(model.ranker().is_none());
        // An aversion may: it says that the item is to go.
        prop_assume!(!event.kind.is_aversion());
        // Rounding each of five parts down can cost that many steps of 1/1024; a list's range must not be less.
        prop_assume!(model.metadata().blends[0].base_range >= 1024 * 5);
        let session = session(&model, [event]);
        let request = RerankRequest { page: Page::at(NOW), rows: &rows, strength: Some(strength), ..RerankRequest::default() };
        let ranking = rerank(&model, &session, &request, false, &mut Scratch::default()).unwrap();
        let slot_of = |from| ranking.placed.iter().position(|placed| placed.from == from).unwrap();
        prop_assert!(slot_of(0) < slot_of(rows.len() - 1));
    }

    #[test]
    fn contributions_add_up_to_the_score(
        bytes in model_bytes(), section in ranker_section(), events in events(), rows in rows(),
        prices in prop::collection::vec(0.0..1e6, 50),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        let mut sections: Vec<(SectionKind, Vec<u8>)> = model.sections().iter()
            .map(|section| (section.kind.unwrap(), model.to_bytes()[section.range.clone()].to_vec()))
            .filter(|(kind, _)| *kind != SectionKind::Ranker)
            .collect();
        sections.push((SectionKind::Ranker, section));
        let model = Model::from_bytes(container::write(&sections)).unwrap();
        let session = session(&model, events);
        let prices = &prices[..rows.len()];
        let request = RerankRequest { page: Page::at(NOW), rows: &rows, prices, strength: Some(Share::ONE), ..RerankRequest::default() };
        let ranking = rerank(&model, &session, &request, false, &mut Scratch::default()).unwrap();
        let contributions = contributions(&model, &session, &request, &mut Scratch::default()).unwrap();
        for placed in ranking.placed.iter().filter(|placed| rows[placed.from] != UNKNOWN_ROW) {
            if ranking.outcome.name() != "unchanged" {
                let learned = placed.parts.score() - placed.parts.aversion;
                prop_assert_eq!(learned, contributions[placed.from].iter().sum::<i32>());
            }
        }
    }

    #[test]
    fn recommend_gives_what_was_asked_for(
        bytes in model_bytes(),
        events in events(),
        limit in 1usize..40,
        seeds in prop::option::of(prop::collection::vec(0..N_ITEMS as u32, 0..4)),
        exclude in prop::collection::vec(0..N_ITEMS as u32, 0..6),
        basis in prop::sample::select(Basis::ALL.to_vec()),
        variety in (prop::option::of(share()), prop::option::of(share()), share(), any::<u32>()),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        let session = session(&model, events);
        let (diversity, discovery, broaden, seed) = variety;
        let request = RecommendRequest {
            page: Page { surface: "home", diversity, discovery, broaden, seed, ..Page::at(NOW) },
            limit, seeds: seeds.as_deref(), basis: Some(basis), exclude: &exclude, threshold: Share::default(),
        };
        let found = recommend(&model, &session, &request, true, &mut Scratch::default()).unwrap();
        let mut rows: Vec<u32> = found.items.iter().map(|item| item.row).collect();
        rows.sort_unstable();
        rows.dedup();
        prop_assert_eq!(rows.len(), found.items.len(), "no item twice");
        let mut refused: Vec<u32> = seeds.unwrap_or_default().into_iter().chain(exclude).chain(unwanted(&model, &session)).collect();
        refused.sort_unstable();
        refused.dedup();
        prop_assert!(rows.iter().all(|row| !refused.contains(row)));
        prop_assert_eq!(rows.len(), limit.min(N_ITEMS - refused.len()), "filled to the asked length");
    }

    /// With room for every item each is scored; with less, only what can still get in.
    #[test]
    fn a_short_block_is_the_beginning_of_the_whole_order(
        bytes in model_bytes(), events in events(), limit in 1usize..N_ITEMS, gift in any::<bool>(),
        seeds in prop::option::of(prop::collection::vec(0..N_ITEMS as u32, 0..4)),
        exclude in prop::collection::vec(0..N_ITEMS as u32, 0..6),
        basis in prop::sample::select(Basis::ALL.into_iter().filter(|&basis| basis != Basis::Discovery).collect::<Vec<_>>()),
        context in prop::bool::ANY.prop_map(|known| if known { &CONTEXT[..] } else { &[] }),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        let session = session(&model, events);
        let all = RecommendRequest {
            page: Page { surface: "home", lens: Lens { gift, without: &[] }, context, ..Page::at(NOW) },
            limit: N_ITEMS, seeds: seeds.as_deref(), basis: Some(basis), exclude: &exclude, ..Default::default()
        };
        let mut scratch = Scratch::default();
        let mut whole = recommend(&model, &session, &all, false, &mut scratch).unwrap().items;
        let short = recommend(&model, &session, &RecommendRequest { limit, ..all }, false, &mut scratch).unwrap().items;
        whole.truncate(limit);
        prop_assert_eq!(short, whole);
    }

    /// An index leaves out what is far, and nothing else changes: blocks are as long, no item comes twice, each has the score
    /// that it has without, and where all lists are looked through, so are the items.
    #[test]
    fn an_index_only_leaves_out(
        bytes in model_bytes(), section in index_section(), events in events(), limit in 1usize..N_ITEMS,
        basis in prop::sample::select(vec![Basis::Session, Basis::Similar, Basis::Together]),
        diversity in prop::option::weighted(0.2, share()),
        exclude in prop::collection::vec(0..N_ITEMS as u32, 0..6),
    ) {
        let bare = Model::from_bytes(bytes).unwrap();
        prop_assume!(bare.embeddings().is_some());
        let indexed = Model::from_bytes(bare.with_sections([(SectionKind::Index, section)])).unwrap();
        let session = session(&bare, events);
        let page = Page { surface: "home", diversity, ..Page::at(NOW) };
        let request = RecommendRequest { page, limit, basis: Some(basis), exclude: &exclude, ..Default::default() };
        let of = |model, limit| {
            recommend(model, &session, &RecommendRequest { limit, ..request }, false, &mut Scratch::default()).unwrap().items
        };
        let (exact, found) = (of(&bare, limit), of(&indexed, limit));
        prop_assert_eq!(exact.len(), found.len());
        let index = indexed.index().unwrap();
        if index.probes() == index.n_lists() {
            prop_assert_eq!(&exact, &found);
        }
        let all = of(&bare, N_ITEMS);
        for (at, item) in found.iter().enumerate() {
            prop_assert!(found[..at].iter().all(|other| other.row != item.row));
            let same = all.iter().find(|other| other.row == item.row).unwrap();
            prop_assert!(same.parts == item.parts || same.basis != item.basis);
        }
    }

    #[test]
    fn a_forgotten_event_never_was(
        bytes in model_bytes(), events in history(), at in any::<prop::sample::Index>(), gift in any::<bool>(),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        let at = at.index(events.len());
        let mut session = Session::default();
        let names: Vec<_> = events.iter().map(|event| session.record(&model, event.clone())).collect();
        let Ok(name) = names[at] else {
            // What was turned down left no trace.
            let never = models::session(&model, events.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, event)| event.clone()));
            prop_assert!(session.log() == never.log());
            return Ok(());
        };
        let left_out = answers(&model, &session, Lens { gift, without: &[name] });
        prop_assert!(session.forget(name));
        prop_assert!(!session.forget(name));
        // Its repeats were the same event.
        let is_left = |n: usize| n != at && !(names[n] == Err(TurnedDown::Repeat) && is_repeat(&events[at], &events[n]));
        let never = models::session(&model, (0..events.len()).filter(|&n| is_left(n)).map(|n| events[n].clone()));
        prop_assert!(session.events().eq(never.events()));
        prop_assert_eq!(token::encode(&model, &session), token::encode(&model, &never));
        prop_assert_eq!(session.is_personal(&model), never.is_personal(&model));
        let forgotten = answers(&model, &session, Lens { gift, without: &[] });
        prop_assert_eq!(&forgotten, &answers(&model, &never, Lens { gift, without: &[] }));
        prop_assert_eq!(&left_out, &forgotten);
    }

    /// What is done for a gift and what is not are two shoppers.
    #[test]
    fn gifts_stand_apart(bytes in model_bytes(), events in events(), gift in any::<bool>()) {
        let model = Model::from_bytes(bytes).unwrap();
        let both = models::session(&model, events.iter().cloned());
        let one = models::session(&model, events.iter().filter(|event| event.gift == gift).cloned());
        let none = Session::default();
        let lens = Lens { gift, without: &[] };
        prop_assert_eq!(answers(&model, &both, lens), answers(&model, &one, lens));
        let other = Lens { gift: !gift, without: &[] };
        prop_assert_eq!(answers(&model, &one, other), answers(&model, &none, other));
        if !gift {
            prop_assert_eq!(token::encode(&model, &both), token::encode(&model, &one));
        }
    }

    /// What is written down and read again gives the same answer to the bit.
    #[test]
    fn traces_replay(
        bytes in model_bytes(), events in events(), rows in rows(), gift in any::<bool>(),
        scores in prop::option::of(prop::collection::vec(-1e300..1e300, 50)),
        prices in prop::option::of(prop::collection::vec(any::<f64>(), 50)),
        (strength, diversity, discovery) in (prop::option::of(share()), prop::option::of(share()), prop::option::of(share())),
        (broaden, seed) in (share(), any::<u32>()),
        max_shift in prop::option::of(0usize..60),
        stock in prop::collection::vec(prop_oneof![Just(i32::MIN), -3..4i32], 50),
        left_out in prop::collection::vec(0u32..40, 0..3),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        let session = session(&model, events);
        let without: Vec<EventId> = left_out.into_iter().map(EventId).collect();
        let (lens, n) = (Lens { gift, without: &without }, rows.len());
        let prices = prices.as_ref().map_or(&[][..], |prices| &prices[..n]);
        let overlays = [Overlay { name: "stock", values: &stock[..n] }];
        let page = Page { surface: "cart", diversity, discovery, broaden, seed, lens, overlays: &overlays, ..Page::at(NOW) };
        let request = RerankRequest {
            page, rows: &rows, base: scores.as_ref().map(|scores| &scores[..n]), prices, strength, max_shift, ..RerankRequest::default()
        };
        let mut scratch = Scratch::default();
        let ranking = rerank(&model, &session, &request, false, &mut scratch).unwrap();
        let id = |&row: &u32| if row == UNKNOWN_ROW { "nothing".to_owned() } else { model.ids().id(row) };
        let candidates: Vec<String> = rows.iter().map(id).collect();
        let ranked = Trace::of_ranking(&model, &session, &request, &candidates, &ranking);
        let page = Page { surface: "home", overlays: &[], ..page };
        let request = RecommendRequest { page, limit: 7, exclude: &[1], ..RecommendRequest::default() };
        let found = recommend(&model, &session, &request, false, &mut scratch).unwrap();
        let found = Trace::of_recommendations(&model, &session, &request, &found);
        for trace in [ranked, found] {
            let text = serde_json::to_string(&trace).unwrap();
            let read = Trace::read_all(&text).unwrap();
            prop_assert_eq!(verify(&model, &[], &read[0], &mut scratch).unwrap(), Verdict::Same, "{}", text);
        }
    }

    #[test]
    fn affinities_count_the_shoppers_events(bytes in model_bytes(), events in events()) {
        let model = Model::from_bytes(bytes).unwrap();
        let session = session(&model, events);
        let profile = Profile::of_session(&model, session.as_seen(Lens::default()), NOW);
        let affinities = affinities(&model, &profile);
        prop_assert!(affinities.is_sorted_by(|a, b| a.weight >= b.weight));
        for affinity in &affinities {
            let column = model.attributes().unwrap().column(affinity.column).unwrap();
            let touches = || profile.touches().iter().filter(|t| t.weight > 0 && column.value(t.row) == affinity.value);
            prop_assert!(touches().all(|touch| column.word(touch.row) == affinity.word));
            let flags = model.attributes().unwrap().column("flags");
            let is_open = |row| flags.is_none_or(|flags| flags.value(row) & 2 == 0);
            prop_assert_eq!(affinity.n_events as usize, touches().filter(|touch| is_open(touch.row)).count());
            let weight: u32 = touches().filter(|touch| is_open(touch.row)).map(|touch| u32::from(touch.weight)).sum();
            prop_assert_eq!(affinity.weight, weight);
        }
        let known = profile.touches().iter().filter(|touch| touch.weight > 0).count();
        prop_assert!(affinities.iter().all(|affinity| affinity.n_events as usize <= known));
    }

    #[test]
    fn a_flipped_bit_is_refused(bytes in model_bytes(), at in any::<prop::sample::Index>(), bit in 0..8) {
        let mut bytes = bytes;
        let at = at.index(bytes.len());
        bytes[at] ^= 1u8 << bit;
        let code = Model::from_bytes(bytes).unwrap_err().code();
        prop_assert!(code == "ERR_MODEL_FORMAT" || code == "ERR_MODEL_VERSION");
    }

    #[test]
    fn a_cut_or_lengthened_file_is_refused(bytes in model_bytes(), at in any::<prop::sample::Index>(), more in 1usize..40) {
        prop_assert_eq!(Model::from_bytes(bytes[..at.index(bytes.len())].to_vec()).unwrap_err().code(), "ERR_MODEL_FORMAT");
        let longer = [bytes, vec![0; more]].concat();
        prop_assert_eq!(Model::from_bytes(longer).unwrap_err().code(), "ERR_MODEL_FORMAT");
    }

    /// Damage behind sound checksums: whatever is accepted can be used.
    #[test]
    fn no_section_makes_it_panic(
        bytes in model_bytes(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        events in events(),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        let mut sections: Vec<(SectionKind, Vec<u8>)> = model.sections().iter()
            .map(|section| (section.kind.unwrap(), model.to_bytes()[section.range.clone()].to_vec()))
            .collect();
        for (at, byte) in damage {
            let (_, section) = &mut sections[at.index(model.sections().len())];
            let at = at.index(section.len());
            section[at] = byte;
        }
        let Ok(model) = Model::from_bytes(container::write(&sections)) else { return Ok(()) };
        let session = session(&model, events);
        let rows: Vec<u32> = (0..model.n_items() as u32).collect();
        let page = Page { context: &CONTEXT, ..Page::at(NOW) };
        let request = RerankRequest { page, rows: &rows, strength: Some(Share::ONE), ..RerankRequest::default() };
        rerank(&model, &session, &request, true, &mut Scratch::default()).unwrap();
        for basis in [Basis::Session, Basis::Together] {
            let request = RecommendRequest { page, limit: 5, basis: Some(basis), ..RecommendRequest::default() };
            let found = recommend(&model, &session, &request, true, &mut Scratch::default()).unwrap();
            for item in found.items {
                model.ids().id(item.row);
            }
        }
        if let Some(attributes) = model.attributes() {
            for (_, column) in attributes.iter() {
                (0..model.n_items() as u32).for_each(|row| assert!(column.word(row).is_none_or(|word| word.len() < 1 << 20)));
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Model::from_bytes(bytes.clone()).is_err());
        let framed = [&container::MAGIC[..], &bytes].concat();
        prop_assert!(Model::from_bytes(framed).is_err());
        let sections = container::write(&[(SectionKind::Metadata, bytes.clone()), (SectionKind::Ids, bytes)]);
        let _ = Model::from_bytes(sections);
    }
}

/// Everything that is computed from a session.
pub(crate) fn answers(model: &Model, session: &Session, lens: Lens) -> impl PartialEq + std::fmt::Debug + use<> {
    let seen = session.as_seen(lens);
    let profile = Profile::of_session(model, seen, NOW);
    let affinities = format!("{:?}", affinities(model, &profile));
    let rows: Vec<u32> = (0..model.n_items() as u32).collect();
    let page = Page { lens, ..Page::at(NOW) };
    let request = RerankRequest { page, rows: &rows, ..RerankRequest::default() };
    let ranking = rerank(model, session, &request, true, &mut Scratch::default()).unwrap();
    let found = [Basis::Session, Basis::Recent, Basis::Again].map(|basis| {
        let request = RecommendRequest { page, limit: 8, basis: Some(basis), ..RecommendRequest::default() };
        recommend(model, session, &request, true, &mut Scratch::default()).unwrap()
    });
    (profile, affinities, Segment::of(seen, NOW), ranking, found)
}
