//! A handful of named shoppers, with whose eyes one can look at the store.

use serde::Serialize;

use super::assortment::{Assortment, Department};
use super::colors::Family;
use super::range::kind_index;
use super::shoppers::Taste;
use crate::session::EventKind::{self, AddToCart, Click, Purchase, View, Wishlist};

/// A named shopper, as `shoppers.json` has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Persona {
    id: &'static str,
    name: &'static str,
    headline: &'static str,
    description: &'static str,
    /// Oldest first.
    events: Vec<PersonaEvent>,
}

/// An event in the shape of the JavaScript API, without a time. Where `days_ago` is missing it belongs to this visit.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PersonaEvent {
    #[serde(rename = "type")]
    kind: EventKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days_ago: Option<u32>,
}

/// One thing that a persona did.
enum Step {
    Search(&'static str),
    /// An event with the item of a kind that suits the persona best, or second best, …: counted from 0.
    With(EventKind, &'static str, usize),
    /// So many days ago they bought one of what everyone buys again of a kind, counted from 0.
    Bought(u32, &'static str, usize),
}

struct Script {
    id: &'static str,
    name: &'static str,
    headline: &'static str,
    description: &'static str,
    taste: Taste,
    steps: &'static [Step],
}

use Step::{Bought, Search, With};

const SCRIPTS: [Script; 6] = [
    Script {
        id: "mara",
        name: "Mara",
        headline: "Weekend trekker",
        description: "Two nights, one valley, as little weight as possible. Buys the good one, once.",
        taste: Taste { looks: [6, 0, 3, 0, 2], level: 4, family: Family::Blue, department: Department::Women },
        steps: &[
            Search("light tent"),
            With(Click, "tn", 0),
            With(View, "tn", 1),
            With(View, "tk", 0),
            With(View, "tn", 0),
            With(AddToCart, "tn", 0),
            With(View, "sb", 0),
            With(View, "mt", 0),
            With(Wishlist, "sb", 0),
        ],
    },
    Script {
        id: "jonas",
        name: "Jonas",
        headline: "City commuter",
        description: "Twelve kilometers by bicycle, in whatever falls from the sky. Dark colors, please.",
        taste: Taste { looks: [6, 2, 1, 2, 0], level: 3, family: Family::Dark, department: Department::Men },
        steps: &[
            Search("waterproof jacket"),
            With(Click, "rj", 0),
            With(View, "rj", 1),
            With(View, "cy", 0),
            With(View, "cy", 1),
            With(AddToCart, "cy", 0),
            With(View, "bo", 0),
            With(View, "rj", 0),
        ],
    },
    Script {
        id: "aiko",
        name: "Aiko",
        headline: "Makes a home",
        description: "Has the keys since Monday and owns a mattress and a plant. Quiet shapes, warm light.",
        taste: Taste { looks: [0, 0, 3, 6, 1], level: 3, family: Family::Pale, department: Department::Women },
        steps: &[
            With(View, "pd", 0),
            With(View, "pd", 1),
            Search("table lamp"),
            With(Click, "tl", 0),
            With(AddToCart, "tl", 0),
            With(View, "bu", 0),
            With(View, "ac", 0),
            With(View, "wt", 0),
            With(Wishlist, "ac", 0),
            With(View, "mg", 0),
        ],
    },
    Script {
        id: "brandt",
        name: "The Brandts",
        headline: "Five in one tent",
        description: "Three children, one estate car, every second weekend by the lake. It must be cheerful and not dear.",
        taste: Taste { looks: [0, 6, 3, 0, 0], level: 1, family: Family::Warm, department: Department::Women },
        steps: &[
            Bought(41, "hs", 0),
            Bought(24, "fu", 0),
            Search("family tent"),
            With(Click, "ft", 0),
            With(View, "ft", 1),
            With(AddToCart, "ft", 0),
            With(View, "ss", 0),
            With(AddToCart, "ss", 0),
            With(View, "cc", 0),
            With(View, "la", 0),
            With(View, "em", 0),
            With(AddToCart, "em", 0),
        ],
    },
    Script {
        id: "edith",
        name: "Edith",
        headline: "Walks every day",
        description: "The same seven miles in all weathers, wool next to the skin, and tea from a flask at the top.",
        taste: Taste { looks: [0, 0, 2, 1, 6], level: 3, family: Family::Earth, department: Department::Women },
        steps: &[
            Bought(44, "hs", 0),
            Bought(38, "hs", 1),
            With(View, "hb", 0),
            With(View, "hb", 1),
            With(Purchase, "hb", 0),
            With(View, "hs", 0),
            Search("wool sweater"),
            With(Click, "ws", 0),
            With(View, "ws", 1),
            With(View, "fk", 0),
            With(AddToCart, "hs", 0),
        ],
    },
    Script {
        id: "nils",
        name: "Nils",
        headline: "First flat, small budget",
        description: "Student, second floor, a kitchen with one ring. Yellow would be good.",
        taste: Taste { looks: [1, 6, 2, 0, 0], level: 1, family: Family::Warm, department: Department::Men },
        steps: &[
            Search("mug"),
            With(Click, "mg", 0),
            With(View, "mg", 1),
            With(View, "tl", 0),
            With(AddToCart, "mg", 0),
            With(View, "cy", 0),
            With(View, "kt", 0),
        ],
    },
];

/// Finds the personas' items in this store.
pub(super) fn personas(store: &Assortment) -> Vec<Persona> {
    SCRIPTS
        .iter()
        .map(|script| Persona {
            id: script.id,
            name: script.name,
            headline: script.headline,
            description: script.description,
            events: script.steps.iter().map(|step| event(step, &script.taste, store)).collect(),
        })
        .collect()
}

fn event(step: &Step, taste: &Taste, store: &Assortment) -> PersonaEvent {
    let of = |kind| PersonaEvent { kind, item_id: None, query: None, days_ago: None };
    match *step {
        Search(query) => PersonaEvent { query: Some(query), ..of(EventKind::Search) },
        With(kind, code, place) => {
            PersonaEvent { item_id: Some(best(store, taste, code, place).to_owned()), ..of(kind) }
        }
        Bought(days_ago, code, place) => {
            let staples = store.staples(kind_index(code));
            let item = staples.get(place).or(staples.last());
            let item = item.map_or_else(|| best(store, taste, code, place), |&item| &store.items[item as usize].id);
            PersonaEvent { item_id: Some(item.to_owned()), days_ago: Some(days_ago), ..of(Purchase) }
        }
    }
}

/// The id of the item of a kind that suits at this place; the last one where the shelf is shorter. Of one product, only
/// the color that suits best counts.
fn best<'a>(store: &'a Assortment, taste: &Taste, code: &str, place: usize) -> &'a str {
    let shelf = &store.shelves[store.shelf_of(kind_index(code), taste.department)];
    let mut items: Vec<_> = store.items[shelf.start as usize..(shelf.start + shelf.len) as usize]
        .iter()
        .filter(|item| item.first_day == 0)
        .collect();
    items.sort_by_key(|item| std::cmp::Reverse(taste.suit(item)));
    let mut products: Vec<&str> = Vec::new();
    let mut found = "";
    for item in items {
        let product = item.product_id();
        if products.contains(&product) {
            continue;
        }
        found = &item.id;
        if products.len() == place {
            break;
        }
        products.push(product);
    }
    found
}
