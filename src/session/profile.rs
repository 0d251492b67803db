use alloc::vec;
use alloc::vec::Vec;

use super::{EventKind, Seen};
use crate::format::metadata::{Decay, ONE};
use crate::lists::Gather;
use crate::model::Model;

/// Largest component of the session vector: so fine that next to nothing is lost by rounding it, and so small that the
/// squares of 256 of them, and their products with int8 added to a bias, stay within 32 bits.
const COMPONENT_MAX: i64 = 4095;

/// One of the shopper's events with an item that the model knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touch {
    /// The item.
    pub row: u32,
    /// What was done.
    pub kind: EventKind,
    /// How much the event says of what the shopper came for, by its kind and age, in 1/1024.
    pub weight: u16,
    /// How many events of some weight are newer; 0 for all that is in a cart.
    pub place: usize,
}

impl Touch {
    /// Whether it is the newest that says anything of what the shopper came for, or as new.
    pub fn is_newest(&self) -> bool {
        self.place == 0 && self.weight > 0
    }
}

/// What scoring reads of a session: its events with known items, and their mix in the space of embeddings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    touches: Vec<Touch>,
    vector: Vec<i16>,
    norm: u32,
}

impl Profile {
    /// The profile of a session at a time. Impressions, aversions and events without an item do not enter.
    pub fn of_session(model: &Model, session: Seen, now_ms: i64) -> Profile {
        let ids = model.ids();
        let decay = &model.metadata().decay;
        let known = session.events().rev().filter(|event| event.kind.may_interest()).filter_map(|event| {
            let row = ids.row(event.item.as_ref()?.hash)?;
            Some((row, event.kind, weight(decay, event.kind, now_ms.saturating_sub(event.timestamp_ms))))
        });
        Profile::new(model, known)
    }

    /// The profile of someone who has just viewed these items, the last one last.
    pub fn of_rows(model: &Model, rows: &[u32]) -> Profile {
        Profile::new(model, rows.iter().rev().map(|&row| (row, EventKind::View, ONE as u16)))
    }

    /// The profile of a cart with these items, the one put in last at the end: all count alike.
    pub fn of_cart(model: &Model, rows: &[u32]) -> Profile {
        let touch = |&row: &u32| Touch { row, kind: EventKind::AddToCart, weight: ONE as u16, place: 0 };
        Profile::of_touches(model, rows.iter().rev().map(touch).gather())
    }

    /// The same session, without what tends to come next: to compare with what is alike.
    pub(crate) fn standing(&self, model: &Model) -> Profile {
        let (vector, norm) = session_vector(model, &self.touches, false);
        Profile { touches: self.touches.clone(), vector, norm }
    }

    /// From events newest first.
    fn new(model: &Model, newest_first: impl Iterator<Item = (u32, EventKind, u16)>) -> Profile {
        let mut place = 0;
        let mut touches = Vec::new();
        for (row, kind, weight) in newest_first {
            touches.push(Touch { row, kind, weight, place });
            place += usize::from(weight > 0);
        }
        Profile::of_touches(model, touches)
    }

    fn of_touches(model: &Model, touches: Vec<Touch>) -> Profile {
        let (vector, norm) = session_vector(model, &touches, true);
        Profile { touches, vector, norm }
    }

    /// The events with known items, newest first.
    pub fn touches(&self) -> &[Touch] {
        &self.touches
    }

    /// The session vector; empty if no event has weight or the model has no embeddings.
    pub fn vector(&self) -> &[i16] {
        &self.vector
    }

    /// Length of the session vector, rounded down.
    pub fn norm(&self) -> u32 {
        self.norm
    }
}

/// How much an event says of what the shopper came for, in 1/1024; an aversion as much as the kind that says most.
pub(super) fn weight(decay: &Decay, kind: EventKind, age_ms: i64) -> u16 {
    // An event from the future has the age of a new one: clocks differ.
    let age_minutes = age_ms.max(0) / 60_000;
    let by_age = decay.by_age.iter().find(|entry| i64::from(entry.max_age_minutes) >= age_minutes);
    let by_age = by_age.map_or(0, |entry| u32::from(entry.weight));
    let by_kind = decay.by_kind.get(kind as usize).or(decay.by_kind.iter().max()).copied().unwrap_or(0);
    let weight = (u32::from(by_kind) * by_age) >> 10;
    weight.min(u32::from(u16::MAX)) as u16
}

/// Σ place weight · event weight · embedding, and the transition of the newest events if asked for, scaled so that its largest
/// component is [`COMPONENT_MAX`]; and its length.
fn session_vector(model: &Model, touches: &[Touch], moves_on: bool) -> (Vec<i16>, u32) {
    let Some(embeddings) = model.embeddings() else { return (Vec::new(), 0) };
    let mut sums = vec![0i64; embeddings.dimensions()];
    for touch in touches {
        if moves_on && touch.is_newest() {
            embeddings.add_transition(touch.row, touch.kind.is_choice(), touch.weight, &mut sums);
        }
        let weight = i64::from(embeddings.place_weight(touch.place)) * i64::from(touch.weight);
        if weight > 0 {
            for (sum, &component) in sums.iter_mut().zip(embeddings.vector(touch.row)) {
                *sum += weight * i64::from(component);
            }
        }
    }
    let largest = sums.iter().map(|sum| sum.abs()).max().unwrap_or(0);
    if largest == 0 {
        return (Vec::new(), 0);
    }
    let vector: Vec<i16> = sums.iter().map(|&sum| divide_rounded(sum * COMPONENT_MAX, largest) as i16).collect();
    let squared: u32 = vector.iter().map(|&component| i32::from(component).pow(2) as u32).sum();
    (vector, squared.isqrt())
}

/// Rounds half away from zero, so that a negated numerator gives the negated quotient.
fn divide_rounded(numerator: i64, denominator: i64) -> i64 {
    (numerator + numerator.signum() * (denominator / 2)) / denominator
}
