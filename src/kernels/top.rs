use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// What sorts everything in the runtime: every kind of sort would be shipped, so there is one.
type Heap = BinaryHeap<(Reverse<i32>, u32)>;

/// Sorts pairs by their first number, then by their second. O(n log n).
pub fn sorted(pairs: impl Iterator<Item = (i32, u32)>) -> Vec<(i32, u32)> {
    // Of all bits turned over the order is turned over.
    let heap: Heap = pairs.map(|(key, value)| (Reverse(!key), value)).collect();
    heap.into_sorted_vec().into_iter().map(|(Reverse(key), value)| (!key, value)).collect()
}

/// Keeps the best `limit` of the scored rows it is offered. Equal scores: the lower row is better.
#[derive(Debug)]
pub struct Top {
    limit: usize,
    /// The worst of those kept is on top.
    kept: Heap,
}

impl Top {
    /// Keeps at most `limit` rows.
    pub fn new(limit: usize) -> Top {
        Top { limit, kept: BinaryHeap::with_capacity(limit.min(4096)) }
    }

    /// Whether [`Top::offer`] would keep this row. O(1).
    pub fn wants(&self, score: i32, row: u32) -> bool {
        match self.kept.peek() {
            Some(&worst) if self.kept.len() == self.limit => (Reverse(score), row) < worst,
            _ => self.limit > 0,
        }
    }

    /// What a score must be at least for [`Top::offer`] to keep its row. O(1).
    pub fn least(&self) -> i32 {
        match self.kept.peek() {
            Some(&(Reverse(score), _)) if self.kept.len() == self.limit => score,
            _ => i32::MIN,
        }
    }

    /// Offers a row, each at most once. O(log limit).
    pub fn offer(&mut self, score: i32, row: u32) {
        if !self.wants(score, row) {
            return;
        }
        if self.kept.len() == self.limit {
            self.kept.pop();
        }
        self.kept.push((Reverse(score), row));
    }

    /// The rows kept and their scores, best first.
    pub fn into_sorted(self) -> Vec<(i32, u32)> {
        self.kept.into_sorted_vec().into_iter().map(|(Reverse(score), row)| (score, row)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pairs_are_sorted(pairs in prop::collection::vec((any::<i32>(), any::<u32>()), 0..60)) {
            let mut expected = pairs.clone();
            expected.sort_unstable();
            prop_assert_eq!(super::sorted(pairs.into_iter()), expected);
        }

        #[test]
        fn it_is_the_head_of_the_sorted_list(scores in prop::collection::vec(-3i32..3, 0..60), limit in 0usize..70) {
            let mut top = Top::new(limit);
            for (&score, row) in scores.iter().zip(0..) {
                top.offer(score, row);
            }
            let mut sorted: Vec<(i32, u32)> = scores.iter().copied().zip(0..).collect();
            sorted.sort_by_key(|&(score, row)| (Reverse(score), row));
            sorted.truncate(limit);
            prop_assert_eq!(top.into_sorted(), sorted);
        }
    }
}
