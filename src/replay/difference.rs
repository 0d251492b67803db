use std::collections::BTreeMap;

use serde::Serialize;

use super::answer::{ReplayError, Slot, answer};
use super::recorded::Recorded;
use crate::model::{Model, Rules};
use crate::rank::{RequestError, Scratch};

/// What a change of rules would have done to recorded sessions.
#[derive(Debug, Clone, Serialize)]
pub struct Differences {
    /// So many items are the first ones of a list.
    pub first: usize,
    /// Placement by placement, or surface by surface where there are no placements.
    pub blocks: Vec<BlockDifference>,
    /// The rules that had a say in the place of some item, by their names.
    pub rules: Vec<RuleDifference>,
}

/// What it would have done to the lists of a placement or a surface.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct BlockDifference {
    /// Name of the placement, or of the surface.
    pub block: String,
    /// Lists.
    pub lists: usize,
    /// Lists that are another one.
    pub changed: usize,
    /// Slots by which an item moves, on the mean of all items that both lists show; 0 if there is none.
    pub mean_move: f64,
    /// Most slots by which one moves.
    pub largest_move: usize,
    /// Items that are barred now.
    pub barred: usize,
    /// Items that are barred no more.
    pub unbarred: usize,
    /// Items that come to stand among the first ones.
    pub entered: usize,
    /// Items that stand there no more.
    pub left: usize,
    #[serde(skip)]
    moves: usize,
    #[serde(skip)]
    moved: usize,
}

/// In how many slots a rule had a say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleDifference {
    /// Kind and name.
    pub rule: String,
    /// Under the old rules.
    pub old: usize,
    /// Under the new rules.
    pub new: usize,
}

/// Rules with what people call them, by number.
pub type Named<'a> = (Option<&'a Rules>, &'a [String]);

impl Differences {
    /// Answers every request by the old and by the new rules. `first`: how many items of a list are the first ones.
    ///
    /// # Errors
    ///
    /// [`ReplayError`], with the number of the request.
    pub fn of(
        model: &Model,
        [old, new]: [Named; 2],
        recorded: impl Iterator<Item = Recorded>,
        first: usize,
    ) -> Result<Differences, (usize, ReplayError)> {
        let mut blocks: BTreeMap<String, BlockDifference> = BTreeMap::new();
        let mut rules: BTreeMap<String, [usize; 2]> = BTreeMap::new();
        let mut scratch = Scratch::default();
        for (number, Recorded { session, request }) in recorded.enumerate() {
            let mut slots = |(rules, _): Named| {
                match answer(model, rules, &session, &request, &mut scratch) {
                    // A placement that the change adds or takes away: there is no list without it.
                    Err(ReplayError::Request(RequestError::Placement)) => Ok(Vec::new()),
                    slots => slots.map_err(|error| (number, error)),
                }
            };
            let lists = [slots(old)?, slots(new)?];
            for (side, (list, (_, names))) in lists.iter().zip([old, new]).enumerate() {
                for rule in list.iter().filter_map(|slot| slot.rule) {
                    let name = names.get(usize::from(rule)).cloned().unwrap_or_else(|| format!("rule {rule}"));
                    rules.entry(name).or_default()[side] += 1;
                }
            }
            let named = [&request.placement, &request.surface].into_iter().find(|name| !name.is_empty());
            let block = named.map_or("any", |name| name).to_owned();
            let difference = BlockDifference { block: block.clone(), ..BlockDifference::default() };
            blocks.entry(block).or_insert(difference).add(&lists[0], &lists[1], first);
        }
        let rules = rules.into_iter().map(|(rule, [old, new])| RuleDifference { rule, old, new });
        let blocks = blocks.into_values().map(|block| {
            let mean_move = if block.moves > 0 { block.moved as f64 / block.moves as f64 } else { 0.0 };
            BlockDifference { mean_move, ..block }
        });
        Ok(Differences { first, blocks: blocks.collect(), rules: rules.collect() })
    }
}

impl BlockDifference {
    fn add(&mut self, old: &[Slot], new: &[Slot], first: usize) {
        let (old, new) = (places(old), places(new));
        self.lists += 1;
        self.changed += usize::from(old != new);
        let is_first =
            |place: Option<&Option<usize>>| place.is_some_and(|place| place.is_some_and(|place| place < first));
        for (item, &place) in &new {
            let before = old.get(item);
            if let (Some(place), Some(&Some(before))) = (place, before) {
                self.moves += 1;
                self.moved += place.abs_diff(before);
                self.largest_move = self.largest_move.max(place.abs_diff(before));
            }
            self.barred += usize::from(place.is_none() && before != Some(&None));
            self.entered += usize::from(is_first(Some(&place)) && !is_first(before));
        }
        for (item, &place) in &old {
            let after = new.get(item);
            self.unbarred += usize::from(place.is_none() && after != Some(&None));
            self.left += usize::from(is_first(Some(&place)) && !is_first(after));
        }
    }
}

/// The slot of every item, none if it is barred. A candidate is told by its index, as it may stand in a list twice.
fn places(slots: &[Slot]) -> BTreeMap<(Option<usize>, &str), Option<usize>> {
    let keys = slots.iter().map(|slot| (slot.from, slot.item_id.as_str()));
    keys.zip((0..).zip(slots).map(|(place, slot)| (!slot.barred).then_some(place))).collect()
}
