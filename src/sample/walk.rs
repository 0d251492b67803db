//! One session: a walk through the shelves on a mission.

use super::assortment::Assortment;
use super::dice::Dice;
use super::missions::MISSIONS;
use super::range::kind_index;
use super::shoppers::{Taste, suitable};
use crate::session::EventKind;

/// One line of the log, before it gets dirty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LogEvent {
    /// Since the log began.
    pub(super) seconds: u32,
    pub(super) kind: EventKind,
    /// Nothing for a search.
    pub(super) item: Option<u32>,
    /// What was typed, for a search; otherwise empty.
    pub(super) query: &'static str,
    /// Pieces, where that means something; otherwise 0.
    pub(super) quantity: u32,
}

/// Most events that a session plans; the purchase at its end comes on top, an event an item.
const MOST_EVENTS: usize = 18;

/// The tables that all walks use.
pub(super) struct Paths {
    /// For each mission, its kinds by index with their weights.
    kits: Vec<Vec<(usize, u32)>>,
    /// For each kind, the kinds that go with it, by index.
    goes_with: Vec<Vec<usize>>,
}

impl Paths {
    pub(super) fn new() -> Paths {
        let kits = MISSIONS
            .iter()
            .map(|mission| mission.kit.iter().map(|&(code, weight)| (kind_index(code), weight)).collect());
        let goes_with = super::range::all_kinds()
            .into_iter()
            .map(|kind| kind.goes_with.iter().map(|code| kind_index(code)).collect());
        Paths { kits: kits.collect(), goes_with: goes_with.collect() }
    }
}

/// What a shopper carries from one session into the next.
#[derive(Default)]
pub(super) struct Memory {
    /// Items looked at, oldest first, each once, the newest 24.
    seen: Vec<u32>,
    pub(super) cart: Vec<u32>,
    /// Bought lately, and not yet returned.
    pub(super) bought: Vec<u32>,
}

impl Memory {
    const MOST_SEEN: usize = 24;

    fn notice(&mut self, item: u32) {
        self.seen.retain(|&other| other != item);
        if self.seen.len() == Self::MOST_SEEN {
            self.seen.remove(0);
        }
        self.seen.push(item);
    }

    /// One of the items seen, the last ones more often, but not `current`.
    fn recall(&self, current: Option<u32>, dice: &mut Dice) -> Option<u32> {
        let back = dice.streak(700, 8) as usize;
        self.seen.iter().rev().filter(|&&item| Some(item) != current).nth(back).copied()
    }
}

/// A session on its way.
pub(super) struct Walk<'a> {
    pub(super) store: &'a Assortment,
    pub(super) paths: &'a Paths,
    pub(super) taste: &'a Taste,
    /// Index of the mission.
    pub(super) mission: usize,
    pub(super) memory: &'a mut Memory,
    pub(super) dice: &'a mut Dice,
    pub(super) events: &'a mut Vec<LogEvent>,
    /// Of the next event, since the log began.
    pub(super) seconds: u32,
}

impl Walk<'_> {
    /// Walks until the session is over.
    pub(super) fn run(mut self) {
        let first_event = self.events.len();
        let n_visits = if self.dice.chance(130) { 1 } else { 2 + self.dice.streak(890, 19) };
        let mut visits: Vec<u32> = Vec::with_capacity(n_visits as usize);
        let mut current = None;
        let mut carted = false;
        while visits.len() < n_visits as usize && self.events.len() - first_event < MOST_EVENTS {
            let (item, kind) = match current {
                None => self.begin(),
                Some(item) => self.go_on(item, carted),
            };
            self.log(kind, Some(item), 0);
            self.memory.notice(item);
            visits.push(item);
            carted = self.consider(item, &visits);
            current = Some(item);
        }
        self.check_out();
    }

    fn day(&self) -> u32 {
        self.seconds / super::calendar::DAY
    }

    /// The first item of a session, and how the shopper came to it.
    fn begin(&mut self) -> (u32, EventKind) {
        let draw = self.dice.below(1000);
        if draw < 280
            && let Some(item) = self.memory.recall(None, self.dice)
        {
            return (item, EventKind::View);
        }
        if draw < 580 {
            return self.search();
        }
        (self.of_mission(), EventKind::View)
    }

    /// The next item after `item`.
    fn go_on(&mut self, item: u32, carted: bool) -> (u32, EventKind) {
        let next = if carted && self.dice.chance(800) {
            self.complement(item)
        } else {
            match self.dice.below(1000) {
                0..400 => self.substitute(item),
                400..540 => self.suiting(self.store.items[item as usize].shelf),
                540..680 => self.memory.recall(Some(item), self.dice),
                680..800 => self.complement(item),
                800..870 => return self.search(),
                870..970 => Some(self.of_mission()),
                // Something that simply caught the eye.
                _ => {
                    let shelf = self.dice.below(self.store.shelves.len() as u32) as usize;
                    Some(self.store.shelves[shelf].draw(self.dice))
                }
            }
        };
        match next {
            Some(next) if next != item && self.store.items[next as usize].first_day <= self.day() => {
                (next, EventKind::View)
            }
            _ => (self.of_mission(), EventKind::View),
        }
    }

    /// A neighbor on the shelf.
    fn substitute(&mut self, item: u32) -> Option<u32> {
        let mut look = || {
            let steps = 1 + self.dice.streak(560, 7) as i32;
            self.store.beside(item, if self.dice.chance(500) { steps } else { -steps })
        };
        // Of three that are near, the one that is popular and suits.
        let near = [look(), look(), look()].into_iter().filter(|&other| other != item);
        let next = near.max_by_key(|&other| self.appeal(other))?;
        let day = self.day();
        self.store.items[next as usize].is_noticed(day, self.dice).then_some(next)
    }

    /// What stands opposite, on the shelf of a kind that goes with this one, or right beside that.
    fn complement(&mut self, item: u32) -> Option<u32> {
        let kind = self.store.shelves[self.store.items[item as usize].shelf].kind_index;
        let others = &self.paths.goes_with[kind];
        let n_others = others.len() as u32;
        let other = others[self.dice.weighted((0..n_others).map(|place| n_others + 1 - place))];
        let department = self.store.items[item as usize].department.unwrap_or(self.taste.department);
        let opposite = self.store.opposite(item, self.store.shelf_of(other, department));
        let near = [0, *self.dice.pick(&[0, 1, -1, 2]), *self.dice.pick(&[0, 3, -2, -3])];
        near.map(|steps| self.store.beside(opposite, steps)).into_iter().max_by_key(|&other| self.appeal(other))
    }

    /// Popularity, raised by how well the item suits.
    fn appeal(&self, item: u32) -> u64 {
        let item = &self.store.items[item as usize];
        let suit = u64::from(self.taste.suit(item)) + 2;
        item.weight * suit * suit * suit
    }

    fn suiting(&mut self, shelf: usize) -> Option<u32> {
        let day = self.day();
        suitable(self.store, self.taste, shelf, day, self.dice)
    }

    /// The shelf of a kind of the mission.
    fn shelf_of_mission(&mut self) -> usize {
        let kit = &self.paths.kits[self.mission];
        let (kind, _) = kit[self.dice.weighted(kit.iter().map(|(_, weight)| *weight))];
        self.store.shelf_of(kind, self.taste.department)
    }

    fn of_mission(&mut self) -> u32 {
        loop {
            let shelf = self.shelf_of_mission();
            if let Some(item) = self.suiting(shelf) {
                return item;
            }
        }
    }

    /// Types what they look for, and clicks on something that was found.
    fn search(&mut self) -> (u32, EventKind) {
        loop {
            let shelf = self.shelf_of_mission();
            if let Some(item) = self.suiting(shelf) {
                let query = self.dice.pick(self.store.shelves[shelf].kind.queries);
                let seconds = self.seconds;
                self.events.push(LogEvent { seconds, kind: EventKind::Search, item: None, query, quantity: 0 });
                self.seconds += self.dice.between(3, 25);
                return (item, EventKind::Click);
            }
        }
    }

    /// Wish list or cart? The better it suits, and the more often it was looked at, the sooner. Whether it went into the cart.
    fn consider(&mut self, item: u32, visits: &[u32]) -> bool {
        let suit = self.taste.suit(&self.store.items[item as usize]);
        let again = visits.iter().filter(|&&other| other == item).count() as u32 - 1;
        let keen = suit * suit / 2 + 60 * again;
        if self.memory.cart.contains(&item) {
            return false;
        }
        if self.dice.chance(keen) {
            let cheap = self.store.items[item as usize].price_cents < 3_000;
            let quantity = if cheap && self.dice.chance(400) { self.dice.between(2, 4) } else { 1 };
            self.log(EventKind::AddToCart, Some(item), quantity);
            self.memory.cart.push(item);
            return true;
        }
        if self.dice.chance(keen / 3) {
            self.log(EventKind::Wishlist, Some(item), 0);
        }
        false
    }

    /// Buys what is in the cart, or takes something out, or leaves it for another day.
    fn check_out(&mut self) {
        if self.memory.cart.is_empty() {
            return;
        }
        if self.dice.chance(150) {
            let place = self.dice.below(self.memory.cart.len() as u32) as usize;
            let item = self.memory.cart.remove(place);
            self.log(EventKind::RemoveFromCart, Some(item), 1);
        }
        if self.dice.chance(520) {
            self.seconds += self.dice.between(40, 200);
            for item in std::mem::take(&mut self.memory.cart) {
                let quantity = self.quantity_in_cart(item);
                self.events.push(LogEvent {
                    seconds: self.seconds,
                    kind: EventKind::Purchase,
                    item: Some(item),
                    query: "",
                    quantity,
                });
                self.memory.bought.push(item);
            }
        }
    }

    /// The pieces that the item last went into the cart with.
    fn quantity_in_cart(&self, item: u32) -> u32 {
        let added = |event: &&LogEvent| event.kind == EventKind::AddToCart && event.item == Some(item);
        self.events.iter().rev().find(added).map_or(1, |event| event.quantity)
    }

    fn log(&mut self, kind: EventKind, item: Option<u32>, quantity: u32) {
        self.events.push(LogEvent { seconds: self.seconds, kind, item, query: "", quantity });
        // Mostly a glance, sometimes a thorough reading.
        self.seconds += if self.dice.chance(250) { self.dice.between(40, 200) } else { self.dice.between(5, 40) };
    }
}
