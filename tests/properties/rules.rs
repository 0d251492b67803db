//! Whatever the model, the session and the rules: what the rules say holds. They are read here once more, from the
//! conditions as people write them, by strings and without any of the compiled form.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use reshelve::format::rules::VariableKind;
use reshelve::model::{Model, Rules};
use reshelve::rank::{
    Basis, Overlay, Page, Parts, RecommendRequest, RerankRequest, Scratch, Share, UNKNOWN_ROW, recommend, rerank,
};
use reshelve::rules::{
    Answer, Boost, Cap, Comparison, Expression, Filter, Incompatible, ItemSet, Pin, Placement, Question, Quota,
    Relation, Reserve, RuleFile, compile,
};
use reshelve::session::{EventKind, Lens, Segment, Session};

use super::models::{N_ITEMS, NOW, events, item_id, model_bytes, rows, session, share};

/// What says nothing of interest.
const NO_TOUCH: [EventKind; 3] = [EventKind::Impression, EventKind::NotInterested, EventKind::LessLikeThis];

const SURFACES: [&str; 3] = ["cart", "home", "search"];

/// Conditions on items: every column, an overlay, the request, and what nobody knows.
const OF_ITEM: [&str; 37] = [
    "brand == 'acme'",
    "brand != 'bora'",
    "brand in ['Čapek', 'unheard of', 'd']",
    "category under 'shoes/boots'",
    "category under 'shoes'",
    "category == 'shoes > boots'",
    "category != 'shoes'",
    "brand > 1",
    "price_band <= 2",
    "price_band != 3",
    "price_band",
    "popularity == 'x'",
    "popularity >= 100",
    "adult",
    "sensitive",
    "stock > 0",
    "stock in [-3, 1, 2]",
    "stock",
    "item in ['item 3', 'item 5', 'item 99']",
    "nothing <= 3",
    "surface == 'cart'",
    "audience == 'new'",
    "segment == 'new'",
    "brand in bought",
    "category in cart",
    "price_band in touched(1)",
    "brand in seeds",
    "item in bought(2)",
    "item in cart",
    "item in seeds",
    "'item 3' in touched",
    "'item 99' in seeds",
    "brand == favourite",
    "brand != favourite",
    "item != favourite",
    "category under landing",
    "popularity == landing",
];
const OF_REQUEST: [&str; 10] = [
    "surface == 'cart'",
    "surface in ['home', 'search']",
    "audience == 'new'",
    "audience != 'new'",
    "segment != 'new'",
    "touched > 3",
    "placement == 'feed'",
    "'item 3' in cart",
    "not 'item 4' in touched(3)",
    "'item 5' in bought",
];

/// A text of comparisons joined in any way.
fn condition(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    let one = prop::sample::select(of).prop_map(str::to_owned);
    one.prop_recursive(3, 8, 2, |part| {
        prop_oneof![
            (part.clone(), part.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (part.clone(), part.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            part.prop_map(|part| format!("not ({part})")),
        ]
    })
}

/// Conditions that often concern no item in common.
fn of_some() -> impl Strategy<Value = String> {
    let simple = prop::sample::select(&["brand == 'acme'", "brand == 'bora'", "brand == 'd'", "price_band == 1"][..]);
    prop_oneof![simple.prop_map(str::to_owned), condition(&OF_ITEM)]
}

fn when() -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.3, condition(&OF_REQUEST))
}

fn surfaces() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(&SURFACES[..]).prop_map(str::to_owned), 0..3)
}

/// Some words of the request, or none.
fn context() -> impl Strategy<Value = BTreeMap<&'static str, &'static str>> {
    prop_oneof![
        Just(BTreeMap::new()),
        prop::collection::btree_map(
            prop::sample::select(vec!["audience", "favourite", "landing"]),
            prop::sample::select(vec!["new", "acme", "Čapek", "item 3", "shoes", "shoes > boots", "nowhere"]),
            0..4,
        ),
    ]
}

prop_compose! {
    fn rule_file()(
        filters in prop::collection::vec((condition(&OF_ITEM), any::<bool>(), when(), surfaces()), 0..3),
        pins in prop::collection::vec((0..N_ITEMS + 2, 1u32..14, when(), surfaces()), 0..4),
        reserves in prop::collection::vec((condition(&OF_ITEM), 1u32..14, when(), surfaces()), 0..3),
        caps in prop::collection::vec(
            (
                1u32..4,
                prop::option::of(1u32..20),
                prop::option::of(prop::sample::select(vec!["brand", "category", "price_band", "stock", "nothing"])),
                condition(&OF_ITEM),
                when(),
                surfaces(),
            ),
            0..3,
        ),
        quotas in prop::collection::vec((of_some(), 1u32..5, 1u32..14, when(), surfaces()), 0..4),
        boosts in prop::collection::vec(
            (
                condition(&OF_ITEM),
                prop::option::of(prop::sample::select(vec!["brand", "popularity", "price_band", "stock", "nothing"])),
                prop_oneof![-4000i32..=4000, -40..40],
                prop::option::weighted(0.3, 1u32..20),
                when(),
                surfaces(),
            ),
            0..4,
        ),
        incompatible in prop::collection::vec(prop::collection::vec(0..N_ITEMS + 2, 2..4), 0..2),
        placement in prop::option::of(condition(&OF_ITEM)),
        answer in prop::option::of((condition(&OF_ITEM), prop::option::of(0u32..=4000))),
    ) -> RuleFile {
        let name = |kind: &str, number: usize| format!("{kind} {number}");
        RuleFile {
            overlays: vec!["stock".to_owned()],
            context: ["audience", "favourite", "landing"].map(str::to_owned).to_vec(),
            filter: filters.into_iter().enumerate().map(|(at, (of, keeps, when, surfaces))| {
                let (keep, drop) = if keeps { (Some(of), None) } else { (None, Some(of)) };
                Filter { name: name("f", at), keep, drop, when, surfaces }
            }).collect(),
            pin: pins.into_iter().enumerate().map(|(at, (item, rank, when, surfaces))| {
                Pin { name: name("p", at), item: item_id(item), rank, when, surfaces }
            }).collect(),
            reserve: reserves.into_iter().enumerate().map(|(at, (of, rank, when, surfaces))| {
                Reserve { name: name("r", at), rank, of, when, surfaces }
            }).collect(),
            cap: caps.into_iter().enumerate().map(|(at, (at_most, first, per, of, when, surfaces))| {
                let of = (per.is_none() || at % 2 == 0).then_some(of);
                Cap { name: name("c", at), at_most, first, per: per.map(str::to_owned), of, when, surfaces }
            }).collect(),
            quota: quotas.into_iter().enumerate().map(|(at, (of, at_least, first, when, surfaces))| {
                Quota { name: name("q", at), at_least, first, of, when, surfaces }
            }).collect(),
            boost: boosts.into_iter().enumerate().map(|(at, (of, per, by, among, when, surfaces))| {
                let of = (per.is_none() || at % 2 == 0).then_some(of);
                Boost { name: name("b", at), of, per: per.map(str::to_owned), by, among, when, surfaces }
            }).collect(),
            incompatible: incompatible.into_iter().enumerate().map(|(at, items)| {
                Incompatible { name: name("i", at), items: items.into_iter().map(item_id).collect() }
            }).collect(),
            placement: placement.into_iter().map(|of| {
                Placement { name: "feed".to_owned(), of: Some(of), ..Placement::default() }
            }).collect(),
            question: answer.into_iter().map(|(of, by)| {
                let other = Answer { name: "never".to_owned(), of: "item != 'item 1'".to_owned(), by: None };
                let answer = vec![other, Answer { name: "ever".to_owned(), of, by }];
                Question { name: "what".to_owned(), answer }
            }).collect(),
            ..RuleFile::default()
        }
    }
}

/// What is known of a name.
#[derive(PartialEq)]
enum Known {
    Number(i32),
    Word(String),
}

/// The request as a careful reader of the rules sees it.
struct Reader<'a> {
    model: &'a Model,
    session: &'a Session,
    seeds: &'a [u32],
    surface: &'a str,
    placement: &'a str,
    context: &'a [(&'a str, &'a str)],
    stock: Option<&'a [i32]>,
}

impl Reader<'_> {
    fn word(&self, name: &str) -> Option<&str> {
        match name {
            "surface" => Some(self.surface),
            "placement" => Some(self.placement),
            "segment" => Some(Segment::of(self.session.as_seen(Lens::default()), NOW).name()),
            _ => self.context.iter().find(|(known, _)| *known == name).map(|(_, word)| *word),
        }
    }

    /// The ids of a set's items: its story from the beginning.
    fn items(&self, set: &ItemSet) -> BTreeSet<String> {
        let mut items = BTreeSet::new();
        if set.kind == VariableKind::Seeds {
            return self.seeds.iter().map(|&row| self.model.ids().id(row)).collect();
        }
        for event in self.session.events() {
            let Some(item) = &event.item else { continue };
            let age_ms = i128::from(NOW) - i128::from(event.timestamp_ms);
            if set.days > 0 && age_ms > i128::from(set.days) * 86_400_000 {
                continue;
            }
            match (set.kind, event.kind) {
                (VariableKind::Cart, EventKind::AddToCart) | (VariableKind::Bought, EventKind::Purchase) => {
                    items.insert(item.id.clone());
                }
                (VariableKind::Cart, EventKind::RemoveFromCart | EventKind::Purchase)
                | (VariableKind::Bought, EventKind::Return) => {
                    items.remove(&item.id);
                }
                (VariableKind::TouchedItems, kind) if !NO_TOUCH.contains(&kind) => {
                    items.insert(item.id.clone());
                }
                _ => (),
            }
        }
        items
    }

    fn known(&self, name: &str, index: usize, row: u32) -> Option<Known> {
        match name {
            "surface" | "placement" | "segment" | "audience" => {
                return self.word(name).map(|word| Known::Word(word.to_owned()));
            }
            "touched" => {
                let touches = |kind| !NO_TOUCH.contains(&kind);
                let touched = self.session.events().filter(|event| event.item.is_some() && touches(event.kind));
                return Some(Known::Number(touched.count() as i32));
            }
            "item" if row != UNKNOWN_ROW => return Some(Known::Word(self.model.ids().id(row))),
            "stock" if self.stock.is_some() => {
                return self.stock.map(|stock| stock[index]).filter(|&stock| stock != i32::MIN).map(Known::Number);
            }
            _ => (),
        }
        let column =
            self.model.attributes()?.column(if matches!(name, "adult" | "sensitive") { "flags" } else { name })?;
        if row == UNKNOWN_ROW {
            return None;
        }
        let value = column.value(row) as i32;
        match name {
            "adult" => Some(Known::Number(value & 1)),
            "sensitive" => Some(Known::Number(value & 2)),
            "price_band" if value == 0 => None,
            _ if column.n_words() > 0 => Some(Known::Word(column.word(row)?.to_owned())),
            _ => Some(Known::Number(value)),
        }
    }

    fn asks(&self, Comparison { name, relation, .. }: &Comparison, index: usize, row: u32) -> bool {
        let path = |text: &str| if text.contains('>') { text.to_owned() } else { text.replace('/', " > ") };
        if let Relation::Holds(item, set) = relation {
            return self.items(set).contains(item);
        }
        match (self.known(name, index, row), relation) {
            (known @ Some(_), Relation::Among(set)) => {
                let rows = self.items(set).into_iter().filter_map(|item| self.model.row(&item));
                rows.into_iter().any(|row| self.known(name, index, row) == known)
            }
            (Some(Known::Word(word)), Relation::IsGiven(given)) => self.word(given) == Some(&word),
            (Some(Known::Word(word)), Relation::IsNotGiven(given)) => {
                self.word(given).is_some_and(|other| other != word)
            }
            (Some(Known::Word(word)), Relation::UnderGiven(given)) => {
                self.word(given).is_some_and(|top| word == top || word.starts_with(&format!("{top} > ")))
            }
            (Some(Known::Number(number)), Relation::IsSet) => number != 0,
            (Some(Known::Number(number)), Relation::Within(low, high)) => *low <= number && number <= *high,
            (Some(Known::Number(number)), Relation::Outside(low, high)) => number < *low || number > *high,
            (Some(Known::Number(number)), Relation::OneOf(numbers)) => numbers.contains(&number),
            (Some(Known::Word(word)), Relation::Is(words)) => words.contains(&word),
            (Some(Known::Word(word)), Relation::IsNot(other)) => word != *other,
            (Some(Known::Word(word)), Relation::Under(top)) => {
                word == path(top) || word.starts_with(&(path(top) + " > "))
            }
            _ => false,
        }
    }

    fn holds(&self, expression: &Expression, index: usize, row: u32) -> bool {
        match expression {
            Expression::All(parts) => parts.iter().all(|part| self.holds(part, index, row)),
            Expression::Any(parts) => parts.iter().any(|part| self.holds(part, index, row)),
            Expression::Not(inner) => !self.holds(inner, index, row),
            Expression::Comparison(comparison) => self.asks(comparison, index, row),
        }
    }

    fn says(&self, text: &str, index: usize, row: u32) -> bool {
        self.holds(&Expression::parse(text).unwrap(), index, row)
    }

    fn applies(&self, when: &Option<String>, surfaces: &[String]) -> bool {
        let on_surface = surfaces.is_empty() || surfaces.iter().any(|surface| surface == self.surface);
        on_surface && when.as_ref().is_none_or(|when| self.says(when, usize::MAX, UNKNOWN_ROW))
    }

    fn bars(&self, file: &RuleFile, index: usize, row: u32) -> bool {
        let cart = self.items(&ItemSet { kind: VariableKind::Cart, days: 0 });
        let id = (row != UNKNOWN_ROW).then(|| self.model.ids().id(row));
        let clashes = |Incompatible { items, .. }: &Incompatible| {
            id.as_ref()
                .is_some_and(|id| items.contains(id) && items.iter().any(|other| other != id && cart.contains(other)))
        };
        let is_elsewhere = |placement: &Placement| {
            placement.name == self.placement && !self.says(placement.of.as_ref().unwrap(), index, row)
        };
        file.incompatible.iter().any(clashes)
            || file.placement.iter().any(is_elsewhere)
            || file.filter.iter().filter(|rule| self.applies(&rule.when, &rule.surfaces)).any(|rule| {
                match (&rule.keep, &rule.drop) {
                    (Some(keep), _) => !self.says(keep, index, row),
                    (_, drop) => self.says(drop.as_ref().unwrap(), index, row),
                }
            })
    }

    /// What the shopper's newest answer adds: of all that they may have answered, the files know two.
    fn answers(&self, file: &RuleFile, index: usize, row: u32) -> i32 {
        let given = self.session.events().filter(|event| event.kind == EventKind::Answer);
        let mut newest = given.filter_map(|event| event.query.as_ref());
        let is_answer = |query: &&String| query.starts_with("what/");
        let Some(newest) = newest.rfind(is_answer) else { return 0 };
        let answers = file.question.iter().flat_map(|question| &question.answer);
        let given = answers.filter(|answer| newest.as_str() == format!("what/{}", answer.name));
        let says = given.filter(|answer| self.says(&answer.of, index, row));
        says.map(|answer| answer.by.unwrap_or(1000) as i32 * 1024 / 1000).sum()
    }

    /// `score` is the candidate's without boosts, `nth_best` what that of the n-th best is.
    fn boost(&self, file: &RuleFile, index: usize, row: u32, score: i32, nth_best: &dyn Fn(usize) -> i32) -> i32 {
        let boosts = file.boost.iter().filter(|rule| self.applies(&rule.when, &rule.surfaces));
        let boosts = boosts.filter(|rule| {
            rule.of.as_ref().is_none_or(|of| self.says(of, index, row))
                && rule.among.is_none_or(|among| score >= nth_best(among as usize))
        });
        let worth = |rule: &Boost| match rule.per.as_ref().map(|per| self.known(per, index, row)) {
            None => i64::from(rule.by * 1024 / 1000),
            Some(Some(Known::Number(number))) => i64::from(rule.by * 1024 / 1000) * i64::from(number),
            Some(_) => 0,
        };
        boosts.map(worth).sum::<i64>().clamp(-4096, 4096) as i32
    }

    /// Looks at the quotas of a block. `slots` has the candidates of its slots with whether they were given them, `left`
    /// are all that might have stood there and do not. A quota may fall short in two cases alone: the last slot that
    /// would have helped went to another one that fell short, or caps refused it to all that were left. Without caps,
    /// quotas that concern no candidate in common are all met if there is room for them.
    fn check_quotas(&self, file: &RuleFile, slots: &[(usize, u32, bool)], left: &[(usize, u32)]) -> Result<(), String> {
        let quotas: Vec<&Quota> = file.quota.iter().filter(|rule| self.applies(&rule.when, &rule.surfaces)).collect();
        let fits = |quota: &Quota, index, row| self.says(&quota.of, index, row);
        let deadline = |quota: &Quota| (quota.first as usize).min(slots.len());
        let standing = |quota: &Quota, end: usize| {
            slots[..deadline(quota).min(end)].iter().filter(|(index, row, _)| fits(quota, *index, *row)).count()
        };
        let free = |end: usize| slots[..end].iter().filter(|(_, _, is_held)| !is_held).count();
        // All that could have been placed, and how many of them a quota could hope for.
        let movable: Vec<(usize, u32)> = slots
            .iter()
            .filter(|(_, _, is_held)| !is_held)
            .map(|&(index, row, _)| (index, row))
            .chain(left.iter().copied())
            .collect();
        let held_in = |quota: &Quota| {
            let first = slots[..deadline(quota)].iter();
            first.filter(|(index, row, is_held)| *is_held && fits(quota, *index, *row)).count()
        };
        let possible = |quota: &Quota| {
            let there = movable.iter().filter(|(index, row)| fits(quota, *index, *row)).count();
            (quota.at_least as usize).min(held_in(quota) + there)
        };
        let is_disjoint =
            |a: &Quota, b: &Quota| !movable.iter().any(|&(index, row)| fits(a, index, row) && fits(b, index, row));
        let no_caps = !file.cap.iter().any(|cap| self.applies(&cap.when, &cap.surfaces));
        let all_disjoint = quotas.iter().enumerate().all(|(at, a)| quotas[..at].iter().all(|b| is_disjoint(a, b)));
        let needed = |quota: &Quota| possible(quota) - held_in(quota).min(possible(quota));
        let there_is_room = quotas.iter().all(|by| {
            let before = quotas.iter().filter(|quota| deadline(quota) <= deadline(by));
            before.map(|quota| needed(quota)).sum::<usize>() <= free(deadline(by))
        });
        for quota in &quotas {
            if standing(quota, usize::MAX) >= possible(quota) {
                continue;
            }
            if no_caps && all_disjoint && there_is_room {
                return Err(format!("{quota:?} could have been met"));
            }
            let Some(last) = (0..deadline(quota)).rev().find(|&slot| !slots[slot].2) else { continue };
            let (index, row, _) = slots[last];
            let helps_another = quotas.iter().any(|other| {
                last < deadline(other)
                    && fits(other, index, row)
                    && standing(other, last) + held_behind(slots, other, last, &fits, deadline(other)) < possible(other)
            });
            let mut counts = Counts(file, BTreeMap::new());
            for (slot, &(index, row, is_held)) in slots.iter().enumerate() {
                if is_held || slot < last {
                    counts.add(&self.groups(file, index, row), slot);
                }
            }
            let behind = slots[last..].iter().filter(|(_, _, is_held)| !is_held).map(|&(index, row, _)| (index, row));
            let mut might = behind.chain(left.iter().copied()).filter(|&(index, row)| fits(quota, index, row));
            if !helps_another && !might.all(|(index, row)| counts.refuse(&self.groups(file, index, row), last)) {
                return Err(format!("{quota:?} was not helped at slot {last}"));
            }
        }
        Ok(())
    }

    /// The groups that a candidate is counted in: cap and value.
    fn groups(&self, file: &RuleFile, index: usize, row: u32) -> Vec<(usize, String)> {
        let group = |(at, cap): (usize, &Cap)| {
            let counts =
                self.applies(&cap.when, &cap.surfaces) && cap.of.as_ref().is_none_or(|of| self.says(of, index, row));
            let value = match &cap.per {
                None => Some(String::new()),
                Some(per) => self.known(per, index, row).map(|known| match known {
                    Known::Number(number) => number.to_string(),
                    Known::Word(word) => word,
                }),
            };
            value.filter(|_| counts).map(|value| (at, value))
        };
        file.cap.iter().enumerate().filter_map(group).collect()
    }
}

fn bare_score(parts: &Parts) -> i32 {
    parts.score() - parts.boost
}

/// How many candidates that were given their slots count for a quota from a slot on.
fn held_behind(
    slots: &[(usize, u32, bool)],
    quota: &Quota,
    from: usize,
    fits: &dyn Fn(&Quota, usize, u32) -> bool,
    end: usize,
) -> usize {
    let held = slots[from..end].iter().filter(|(_, _, is_held)| *is_held);
    held.filter(|(index, row, _)| fits(quota, *index, *row)).count()
}

/// How many of each group stand in the slots that its cap is for.
struct Counts<'a>(&'a RuleFile, BTreeMap<(usize, String), u32>);

impl Counts<'_> {
    fn counts_at(&self, cap: usize, slot: usize) -> bool {
        self.0.cap[cap].first.is_none_or(|first| slot < first as usize)
    }

    fn add(&mut self, groups: &[(usize, String)], slot: usize) {
        for group in groups {
            if self.counts_at(group.0, slot) {
                *self.1.entry(group.clone()).or_default() += 1;
            }
        }
    }

    fn refuse(&self, groups: &[(usize, String)], slot: usize) -> bool {
        groups.iter().any(|group| {
            self.counts_at(group.0, slot) && self.1.get(group).copied().unwrap_or(0) >= self.0.cap[group.0].at_most
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn rules_hold_in_a_list(
        bytes in model_bytes(),
        file in rule_file(),
        events in events(),
        rows in rows(),
        scores in prop::option::of(prop::collection::vec(-1e3..1e3, 50)),
        stock in prop::option::of(prop::collection::vec(prop_oneof![-3..4i32, Just(i32::MIN)], 50)),
        context in context(),
        is_placed in any::<bool>(),
        surface in prop::sample::select(&SURFACES[..]),
        (strength, diversity, discovery) in (prop::option::of(share()), share(), prop::option::of(share())),
        max_shift in prop::option::of(0usize..60),
        pins in prop::collection::vec(prop::option::weighted(0.05, 0u32..50), 50),
        in_model in any::<bool>(),
    ) {
        let compiled = compile(&file).unwrap();
        let mut model = Model::from_bytes(bytes).unwrap();
        if in_model {
            let sections = [(reshelve::format::container::SectionKind::Rules, compiled.section.clone())];
            model = Model::from_bytes(model.with_sections(sections)).unwrap();
        }
        let rules = Rules::from_bytes(&model, &compiled.to_file()).unwrap();
        let session = session(&model, events);
        let n = rows.len();
        let stock = stock.as_ref().map(|stock| &stock[..n]);
        let overlays: Vec<Overlay> = stock.iter().map(|values| Overlay { name: "stock", values }).collect();
        let placement = if is_placed && !file.placement.is_empty() { "feed" } else { "" };
        let context: Vec<(&str, &str)> = context.iter().map(|(name, word)| (*name, *word)).collect();
        let mut taken = BTreeSet::new();
        let pinned: Vec<Option<u32>> =
            pins[..n].iter().map(|pin| pin.filter(|&slot| (slot as usize) < n && taken.insert(slot))).collect();
        let page = Page {
            surface,
            placement,
            diversity: Some(diversity),
            discovery,
            rules: (!in_model).then_some(&rules),
            context: &context,
            overlays: &overlays,
            ..Page::at(NOW)
        };
        let request = RerankRequest {
            page,
            rows: &rows,
            base: scores.as_ref().map(|scores| &scores[..n]),
            strength,
            pinned: &pinned,
            max_shift,
            ..RerankRequest::default()
        };
        let ranking = rerank(&model, &session, &request, true, &mut Scratch::default()).unwrap();
        // What was done for a gift does not count.
        let own: Session = session.events().filter(|event| !event.gift).cloned().collect();
        let reader = Reader { model: &model, session: &own, seeds: &[], surface, placement, context: &context, stock };

        let order: Vec<usize> = ranking.placed.iter().map(|placed| placed.from).collect();
        let mut sorted = order.clone();
        sorted.sort_unstable();
        prop_assert!(sorted.into_iter().eq(0..n), "a permutation");

        let barred: Vec<usize> = (0..n).filter(|&index| reader.bars(&file, index, rows[index])).collect();
        let m = n - barred.len();
        prop_assert_eq!(&order[m..], &barred[..], "what is barred stands last, as it came in");
        prop_assert!(ranking.placed.iter().enumerate().all(|(slot, placed)| placed.barred == (slot >= m)));

        let known = ranking.placed[..m].iter().filter(|placed| rows[placed.from] != UNKNOWN_ROW);
        let mut bare: Vec<i32> = known.map(|placed| bare_score(&placed.parts)).collect();
        bare.sort_unstable_by(|a, b| b.cmp(a));
        for placed in &ranking.placed[..m] {
            let score = bare_score(&placed.parts);
            let expected = match rows[placed.from] {
                UNKNOWN_ROW => 0,
                row => reader.boost(&file, placed.from, row, score, &|n| bare.get(n - 1).copied().unwrap_or(i32::MIN)),
            };
            prop_assert_eq!(placed.parts.boost, expected);
            // Of an answer as much as the strength allows.
            let most = reader.answers(&file, placed.from, rows[placed.from]);
            prop_assert!((0..=most).contains(&placed.parts.answers));
        }

        // Pins: the request's, then the rules'.
        let mut held: BTreeMap<usize, usize> = BTreeMap::new();
        for (index, slot) in pinned.iter().enumerate() {
            if let Some(slot) = slot.filter(|&slot| (slot as usize) < m && !barred.contains(&index)) {
                held.insert(slot as usize, index);
            }
        }
        for pin in file.pin.iter().filter(|pin| reader.applies(&pin.when, &pin.surfaces)) {
            let is_item = |&index: &usize| rows[index] != UNKNOWN_ROW && model.ids().id(rows[index]) == pin.item;
            let first = (0..n).filter(|index| !barred.contains(index)).find(is_item);
            let slot = pin.rank as usize - 1;
            if let Some(index) = first
                && slot < m && !held.contains_key(&slot) && !held.values().any(|&other| other == index)
            {
                held.insert(slot, index);
            }
        }
        for (&slot, &index) in &held {
            prop_assert_eq!(order[slot], index, "pinned");
        }

        // Reserved slots hold one of those they are for, unless all of them are held elsewhere.
        for reserve in file.reserve.iter().filter(|rule| reader.applies(&rule.when, &rule.surfaces)) {
            let slot = reserve.rank as usize - 1;
            if slot >= m || held.contains_key(&slot) {
                continue;
            }
            let fits = |&index: &usize| reader.says(&reserve.of, index, rows[index]);
            if fits(&order[slot]) {
                held.insert(slot, order[slot]);
            } else {
                let left = order[..m].iter().filter(|index| !held.values().any(|other| other == *index));
                prop_assert_eq!(left.copied().find(fits), None, "reserved");
            }
        }

        // Caps: who stands where one refuses it does so because all that are left are refused there.
        let groups: Vec<_> = (0..n).map(|index| reader.groups(&file, index, rows[index])).collect();
        let mut counts = Counts(&file, BTreeMap::new());
        held.iter().for_each(|(&slot, &index)| counts.add(&groups[index], slot));
        for slot in 0..m {
            if held.contains_key(&slot) {
                continue;
            }
            if counts.refuse(&groups[order[slot]], slot) {
                let later = (slot + 1..m).filter(|later| !held.contains_key(later));
                prop_assert!(later.map(|later| order[later]).all(|index| counts.refuse(&groups[index], slot)), "capped");
            }
            counts.add(&groups[order[slot]], slot);
        }
        let slots: Vec<(usize, u32, bool)> =
            (0..m).map(|slot| (order[slot], rows[order[slot]], held.contains_key(&slot))).collect();
        prop_assert_eq!(reader.check_quotas(&file, &slots, &[]), Ok(()));
    }

    #[test]
    fn rules_hold_in_recommendations(
        bytes in model_bytes(),
        file in rule_file(),
        events in events(),
        limit in 1usize..30,
        seeds in prop::option::of(prop::collection::vec(0..N_ITEMS as u32, 0..4)),
        exclude in prop::collection::vec(0..N_ITEMS as u32, 0..6),
        basis in prop::sample::select(Basis::ALL.to_vec()),
        (diversity, discovery) in (prop_oneof![Just(Share::default()), share()], prop::option::of(share())),
        stock in prop::option::of(prop::collection::vec(prop_oneof![-3..4i32, Just(i32::MIN)], N_ITEMS)),
        context in context(),
        is_placed in any::<bool>(),
        surface in prop::sample::select(&SURFACES[..]),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        let rules = Rules::from_bytes(&model, &compile(&file).unwrap().to_file()).unwrap();
        let session = session(&model, events);
        let stock = stock.as_deref();
        let overlays: Vec<Overlay> = stock.iter().map(|values| Overlay { name: "stock", values }).collect();
        let placement = if is_placed && !file.placement.is_empty() { "feed" } else { "" };
        let context: Vec<(&str, &str)> = context.iter().map(|(name, word)| (*name, *word)).collect();
        let page = Page {
            surface, placement, diversity: Some(diversity), discovery, rules: Some(&rules), context: &context, overlays: &overlays,
            ..Page::at(NOW)
        };
        let request = RecommendRequest {
            page, limit, seeds: seeds.as_deref(), basis: Some(basis), exclude: &exclude, ..RecommendRequest::default()
        };
        let found = recommend(&model, &session, &request, true, &mut Scratch::default()).unwrap();
        let from = seeds.as_deref().unwrap_or_default();
        // What was done for a gift does not count.
        let own: Session = session.events().filter(|event| !event.gift).cloned().collect();
        let reader = Reader { model: &model, session: &own, seeds: from, surface, placement, context: &context, stock };

        let unwanted = own.events().filter(|event| event.kind == EventKind::NotInterested);
        let unwanted = unwanted.filter_map(|event| model.row(&event.item.as_ref()?.id));
        let refused: Vec<u32> = seeds.clone().unwrap_or_default().into_iter().chain(exclude.clone()).chain(unwanted).collect();
        let may = |row: u32| !refused.contains(&row) && !reader.bars(&file, row as usize, row);
        let shown: Vec<u32> = found.items.iter().map(|item| item.row).collect();
        prop_assert!(shown.len() <= limit);
        prop_assert_eq!(shown.iter().collect::<BTreeSet<_>>().len(), shown.len(), "no item twice");
        prop_assert!(shown.iter().all(|&row| may(row)), "nothing barred");
        // What the filters alone leave, by the same basis.
        let filters = RuleFile {
            overlays: file.overlays.clone(), context: file.context.clone(), filter: file.filter.clone(),
            incompatible: file.incompatible.clone(), placement: file.placement.clone(), question: file.question.clone(), ..RuleFile::default()
        };
        let filters = Rules::from_bytes(&model, &compile(&filters).unwrap().to_file()).unwrap();
        for item in &found.items {
            // What is different is found by the session's scores.
            let basis = if item.basis == Basis::Discovery { Basis::Session } else { item.basis };
            let page = Page { diversity: None, discovery: None, rules: Some(&filters), ..page };
            let all = RecommendRequest { page, limit: N_ITEMS, basis: Some(basis), ..request };
            let all = recommend(&model, &session, &all, true, &mut Scratch::default()).unwrap().items;
            let mut scores = all.iter().filter(|other| other.basis == basis).map(|other| other.parts.score());
            let scores: Vec<i32> = scores.by_ref().collect();
            let nth_best = |n: usize| scores.get(n - 1).copied().unwrap_or(i32::MIN);
            let score = bare_score(&item.parts);
            prop_assert_eq!(item.parts.answers, reader.answers(&file, item.row as usize, item.row));
            prop_assert_eq!(item.parts.boost, reader.boost(&file, item.row as usize, item.row, score, &nth_best));
        }

        let mut held: BTreeMap<usize, u32> = BTreeMap::new();
        for pin in file.pin.iter().filter(|pin| reader.applies(&pin.when, &pin.surfaces)) {
            let (slot, row) = (pin.rank as usize - 1, model.row(&pin.item));
            if let Some(row) = row.filter(|&row| may(row))
                && slot < limit && !held.contains_key(&slot) && !held.values().any(|&other| other == row)
            {
                held.insert(slot, row);
            }
        }
        for (at, reserve) in file.reserve.iter().enumerate() {
            let slot = reserve.rank as usize - 1;
            if !reader.applies(&reserve.when, &reserve.surfaces) || slot >= limit || held.contains_key(&slot) {
                continue;
            }
            let number = (file.filter.len() + file.incompatible.len() + file.pin.len() + at) as u16;
            let fits = |row: u32| reader.says(&reserve.of, row as usize, row);
            match found.items.iter().find(|item| item.rule == Some(number)) {
                Some(item) => {
                    prop_assert!(fits(item.row) && !held.values().any(|&other| other == item.row));
                    held.insert(slot, item.row);
                }
                None => {
                    let mut left = (0..N_ITEMS as u32).filter(|&row| may(row) && !held.values().any(|&other| other == row));
                    prop_assert!(!left.any(fits), "reserved");
                }
            }
        }
        // Every item in the slot that was meant for it; where items run out, those behind move up.
        let mut free = shown.iter().copied().filter(|row| !held.values().any(|other| other == row));
        let mut slots: BTreeMap<usize, u32> = held.clone();
        let mut next = None;
        for slot in (0..limit).filter(|slot| !held.contains_key(slot)) {
            match free.next() {
                Some(row) => drop(slots.insert(slot, row)),
                None => {
                    next = Some(slot);
                    break;
                }
            }
        }
        prop_assert!(slots.values().eq(&shown), "held slots are held");

        let groups = |row: u32| reader.groups(&file, row as usize, row);
        let mut counts = Counts(&file, BTreeMap::new());
        held.iter().for_each(|(&slot, &row)| counts.add(&groups(row), slot));
        for (&slot, &row) in slots.iter().filter(|(slot, _)| !held.contains_key(slot)) {
            prop_assert!(!counts.refuse(&groups(row), slot), "capped");
            counts.add(&groups(row), slot);
        }
        let block: Vec<(usize, u32, bool)> =
            shown.iter().map(|&row| (row as usize, row, held.values().any(|&other| other == row))).collect();
        let left: Vec<(usize, u32)> =
            (0..N_ITEMS as u32).filter(|&row| may(row) && !shown.contains(&row)).map(|row| (row as usize, row)).collect();
        if shown.len() == limit {
            prop_assert_eq!(reader.check_quotas(&file, &block, &left), Ok(()));
        }
        if let Some(slot) = next {
            let mut left = (0..N_ITEMS as u32).filter(|&row| may(row) && !shown.contains(&row));
            prop_assert!(left.all(|row| counts.refuse(&groups(row), slot)), "filled as far as the rules allow");
        }
    }

    /// Damage behind sound checksums: whatever is accepted can be used.
    #[test]
    fn no_rules_make_it_panic(
        bytes in model_bytes(),
        file in rule_file(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let mut section = compile(&file).unwrap().section;
        for (at, byte) in damage {
            let at = at.index(section.len());
            section[at] = byte;
        }
        let model = Model::from_bytes(bytes).unwrap();
        let file = model.with_sections([(reshelve::format::container::SectionKind::Rules, section)]);
        let Ok(model) = Model::from_bytes(file) else { return Ok(()) };
        let rows: Vec<u32> = (0..N_ITEMS as u32).chain([UNKNOWN_ROW]).collect();
        let page = Page { surface: "cart", ..Page::default() };
        let request = RerankRequest { page, rows: &rows, ..RerankRequest::default() };
        let ranking = rerank(&model, &Session::default(), &request, false, &mut Scratch::default()).unwrap();
        prop_assert_eq!(ranking.placed.iter().map(|placed| placed.from).collect::<BTreeSet<_>>().len(), rows.len());
        let request = RecommendRequest { page, limit: 9, ..RecommendRequest::default() };
        recommend(&model, &Session::default(), &request, false, &mut Scratch::default()).unwrap();
    }
}
