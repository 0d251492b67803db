//! Whatever the model, the session and the rules: what the rules say holds. They are read here once more, from the
//! conditions as people write them, by strings and without any of the compiled form.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use reshelve::model::{Model, Rules};
use reshelve::rank::{Basis, Overlay, RecommendRequest, RerankRequest, Scratch, Share, UNKNOWN_ROW, recommend, rerank};
use reshelve::rules::{Boost, Cap, Comparison, Expression, Filter, Pin, Relation, Reserve, RuleFile, compile};
use reshelve::session::{EventKind, Lens, Segment, Session};

use super::models::{N_ITEMS, NOW, events, item_id, model_bytes, rows, share};

const SURFACES: [&str; 3] = ["cart", "home", "search"];

/// Conditions on items: every column, an overlay, the request, and what nobody knows.
const OF_ITEM: [&str; 23] = [
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
    "device == 'phone'",
    "segment == 'new'",
];
const OF_REQUEST: [&str; 6] = [
    "surface == 'cart'",
    "surface in ['home', 'search']",
    "device == 'phone'",
    "device != 'phone'",
    "segment != 'new'",
    "touched > 3",
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

fn when() -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.3, condition(&OF_REQUEST))
}

fn surfaces() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(&SURFACES[..]).prop_map(str::to_owned), 0..3)
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
        boosts in prop::collection::vec((condition(&OF_ITEM), -4000i32..=4000, when(), surfaces()), 0..4),
    ) -> RuleFile {
        let name = |kind: &str, number: usize| format!("{kind} {number}");
        RuleFile {
            overlays: vec!["stock".to_owned()],
            context: vec!["device".to_owned()],
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
            boost: boosts.into_iter().enumerate().map(|(at, (of, by, when, surfaces))| {
                Boost { name: name("b", at), of: Some(of), per: None, among: None, by, when, surfaces }
            }).collect(),
            ..RuleFile::default()
        }
    }
}

/// What is known of a name.
enum Known {
    Number(i32),
    Word(String),
}

/// The request as a careful reader of the rules sees it.
struct Reader<'a> {
    model: &'a Model,
    surface: &'a str,
    device: Option<&'a str>,
    segment: &'static str,
    stock: Option<&'a [i32]>,
    touched: i32,
}

impl Reader<'_> {
    fn known(&self, name: &str, index: usize, row: u32) -> Option<Known> {
        match name {
            "surface" => return Some(Known::Word(self.surface.to_owned())),
            "device" => return Some(Known::Word(self.device?.to_owned())),
            "segment" => return Some(Known::Word(self.segment.to_owned())),
            "touched" => return Some(Known::Number(self.touched)),
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
        match (self.known(name, index, row), relation) {
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
        file.filter.iter().filter(|rule| self.applies(&rule.when, &rule.surfaces)).any(|rule| {
            match (&rule.keep, &rule.drop) {
                (Some(keep), _) => !self.says(keep, index, row),
                (_, drop) => self.says(drop.as_ref().unwrap(), index, row),
            }
        })
    }

    fn boost(&self, file: &RuleFile, index: usize, row: u32) -> i32 {
        let boosts = file.boost.iter().filter(|rule| self.applies(&rule.when, &rule.surfaces));
        let boosts = boosts.filter(|rule| self.says(rule.of.as_ref().unwrap(), index, row));
        boosts.map(|rule| rule.by * 1024 / 1000).sum::<i32>().clamp(-4096, 4096)
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
        device in prop::option::of(prop::sample::select(vec!["phone", "desk"])),
        surface in prop::sample::select(&SURFACES[..]),
        (strength, diversity) in (prop::option::of(share()), share()),
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
        let session: Session = events.into_iter().collect();
        let n = rows.len();
        let stock = stock.as_ref().map(|stock| &stock[..n]);
        let overlays: Vec<Overlay> = stock.iter().map(|values| Overlay { name: "stock", values }).collect();
        let context: Vec<(&str, &str)> = device.iter().map(|device| ("device", *device)).collect();
        let mut taken = BTreeSet::new();
        let pinned: Vec<Option<u32>> =
            pins[..n].iter().map(|pin| pin.filter(|&slot| (slot as usize) < n && taken.insert(slot))).collect();
        let request = RerankRequest {
            surface,
            rows: &rows,
            base: scores.as_ref().map(|scores| &scores[..n]),
            strength,
            diversity: Some(diversity),
            pinned: &pinned,
            max_shift,
            now_ms: NOW,
            rules: (!in_model).then_some(&rules),
            context: &context,
            overlays: &overlays,
            ..RerankRequest::default()
        };
        let ranking = rerank(&model, &session, &request, true, &mut Scratch::default()).unwrap();
        let seen = session.as_seen(Lens::default());
        let touched = seen.events().filter(|event| event.item.is_some() && event.kind != EventKind::Impression).count();
        let segment = Segment::of(seen, NOW).name();
        let reader = Reader { model: &model, surface, device, segment, stock, touched: touched as i32 };

        let order: Vec<usize> = ranking.placed.iter().map(|placed| placed.from).collect();
        let mut sorted = order.clone();
        sorted.sort_unstable();
        prop_assert!(sorted.into_iter().eq(0..n), "a permutation");

        let barred: Vec<usize> = (0..n).filter(|&index| reader.bars(&file, index, rows[index])).collect();
        let m = n - barred.len();
        prop_assert_eq!(&order[m..], &barred[..], "what is barred stands last, as it came in");
        prop_assert!(ranking.placed.iter().enumerate().all(|(slot, placed)| placed.barred == (slot >= m)));

        for placed in &ranking.placed[..m] {
            let expected = if rows[placed.from] == UNKNOWN_ROW { 0 } else { reader.boost(&file, placed.from, rows[placed.from]) };
            prop_assert_eq!(placed.parts.boost, expected);
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
        diversity in prop_oneof![Just(Share::default()), share()],
        stock in prop::option::of(prop::collection::vec(prop_oneof![-3..4i32, Just(i32::MIN)], N_ITEMS)),
        device in prop::option::of(prop::sample::select(vec!["phone", "desk"])),
        surface in prop::sample::select(&SURFACES[..]),
    ) {
        let model = Model::from_bytes(bytes).unwrap();
        let rules = Rules::from_bytes(&model, &compile(&file).unwrap().to_file()).unwrap();
        let session: Session = events.into_iter().collect();
        let stock = stock.as_deref();
        let overlays: Vec<Overlay> = stock.iter().map(|values| Overlay { name: "stock", values }).collect();
        let context: Vec<(&str, &str)> = device.iter().map(|device| ("device", *device)).collect();
        let request = RecommendRequest {
            surface, limit, seeds: seeds.as_deref(), basis: Some(basis), exclude: &exclude, diversity: Some(diversity), now_ms: NOW,
            rules: Some(&rules), context: &context, overlays: &overlays, ..RecommendRequest::default()
        };
        let found = recommend(&model, &session, &request, true, &mut Scratch::default()).unwrap();
        let seen = session.as_seen(Lens::default());
        let touched = seen.events().filter(|event| event.item.is_some() && event.kind != EventKind::Impression).count();
        let segment = Segment::of(seen, NOW).name();
        let reader = Reader { model: &model, surface, device, segment, stock, touched: touched as i32 };

        let refused: Vec<u32> = seeds.clone().unwrap_or_default().into_iter().chain(exclude.clone()).collect();
        let may = |row: u32| !refused.contains(&row) && !reader.bars(&file, row as usize, row);
        let shown: Vec<u32> = found.items.iter().map(|item| item.row).collect();
        prop_assert!(shown.len() <= limit);
        prop_assert_eq!(shown.iter().collect::<BTreeSet<_>>().len(), shown.len(), "no item twice");
        prop_assert!(shown.iter().all(|&row| may(row)), "nothing barred");
        for item in &found.items {
            prop_assert_eq!(item.parts.boost, reader.boost(&file, item.row as usize, item.row));
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
            let number = (file.filter.len() + file.pin.len() + at) as u16;
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
        let request = RerankRequest { rows: &rows, surface: "cart", ..RerankRequest::default() };
        let ranking = rerank(&model, &Session::default(), &request, false, &mut Scratch::default()).unwrap();
        prop_assert_eq!(ranking.placed.iter().map(|placed| placed.from).collect::<BTreeSet<_>>().len(), rows.len());
        let request = RecommendRequest { limit: 9, surface: "cart", ..RecommendRequest::default() };
        recommend(&model, &Session::default(), &request, false, &mut Scratch::default()).unwrap();
    }
}
