//! A visitor's whole history.

use super::assortment::Assortment;
use super::calendar::{Calendar, DAY, N_DAYS};
use super::dice::Dice;
use super::missions::{MISSIONS, mission_index};
use super::shoppers::Shopper;
use super::walk::{LogEvent, Memory, Paths, Walk};
use crate::session::EventKind;

/// Most items that a bot reads.
const BOT_ITEMS: u32 = 400;

/// How many of the visitors are bots: the last ones by id.
pub(super) fn n_bots(n_visitors: u32) -> u32 {
    (n_visitors / 2_000).max(1)
}

/// Makes histories, one visitor at a time.
pub(super) struct Histories<'a> {
    store: &'a Assortment,
    paths: Paths,
    calendar: Calendar,
    seed: u64,
}

impl<'a> Histories<'a> {
    pub(super) fn new(store: &'a Assortment, seed: u64) -> Histories<'a> {
        Histories { store, paths: Paths::new(), calendar: Calendar::new(), seed }
    }

    /// Puts a shopper's events into `events`, oldest first, and returns the number of sessions. The same shopper of the
    /// same store does the same, however many others there are.
    pub(super) fn shopper(&self, number: u32, events: &mut Vec<LogEvent>) -> u32 {
        let dice = &mut Dice::new(self.seed, u64::from(number));
        let shopper = Shopper::draw(dice);
        let n_sessions = 1 + dice.streak(755, 40);
        let mut memory = Memory::default();
        let mut mission = None;
        let mut n_held = 0;
        for start in self.calendar.starts(n_sessions, dice) {
            // A session that would run into the one before is dropped: nobody is in a store twice at once.
            let free = events.last().map_or(0, |event: &LogEvent| event.seconds + 2_400);
            if start < free {
                continue;
            }
            n_held += 1;
            let week = start / (7 * DAY);
            if mission.is_none() || dice.chance(450) {
                mission = Some(draw_mission(&shopper, week, dice));
            }
            send_back(&mut memory, start, events, dice);
            let walk = Walk {
                store: self.store,
                paths: &self.paths,
                taste: &shopper.taste,
                mission: mission.expect("drawn before the first session"),
                memory: &mut memory,
                dice,
                events,
                seconds: start + 60,
            };
            walk.run();
        }
        n_held
    }

    /// Puts a bot's events into `events`: the catalog from front to back, an item a second.
    pub(super) fn bot(&self, number: u32, events: &mut Vec<LogEvent>) {
        let mut dice = Dice::new(self.seed, u64::from(number));
        let start = dice.below(N_DAYS) * DAY + dice.between(2, 4) * 3_600;
        let n_items = (self.store.items.len() as u32).min(BOT_ITEMS);
        events.extend((0..n_items).map(|item| LogEvent {
            seconds: start + item,
            kind: EventKind::View,
            item: Some(item),
            query: "",
            quantity: 0,
        }));
    }
}

/// What the shopper comes for, by type and season.
fn draw_mission(shopper: &Shopper, week: u32, dice: &mut Dice) -> usize {
    let last_week = N_DAYS / 7 - 1;
    let missions = shopper.kind.missions;
    let chosen = dice.weighted(missions.iter().map(|(name, weight)| {
        let (first, last) = MISSIONS[mission_index(name)].season;
        weight * (first * (last_week - week) + last * week)
    }));
    mission_index(missions[chosen].0)
}

/// One purchase in 25 is returned, when the shopper is next in the store.
fn send_back(memory: &mut Memory, seconds: u32, events: &mut Vec<LogEvent>, dice: &mut Dice) {
    for item in std::mem::take(&mut memory.bought) {
        if dice.chance(40) {
            events.push(LogEvent { seconds, kind: EventKind::Return, item: Some(item), query: "", quantity: 1 });
        }
    }
}
