use alloc::collections::BinaryHeap;
use alloc::vec::Vec;

/// What sorts everything in the runtime: every kind of sort would be shipped, so there is one. Two numbers are packed into
/// one, which is compared at once.
type Heap = BinaryHeap<i64>;

fn packed(first: i32, second: u32) -> i64 {
    i64::from(first) << 32 | i64::from(second)
}

fn unpacked(pair: i64) -> (i32, u32) {
    ((pair >> 32) as i32, pair as u32)
}

/// Sorts pairs by their first number, then by their second. O(n log n).
pub fn sorted(pairs: impl Iterator<Item = (i32, u32)>) -> Vec<(i32, u32)> {
    let mut list = Vec::with_capacity(pairs.size_hint().0);
    for (first, second) in pairs {
        list.push(packed(first, second));
    }
    sort(list)
}

/// Apart from [`sorted`], so that there is one of it for all iterators.
#[inline(never)]
fn sort(pairs: Vec<i64>) -> Vec<(i32, u32)> {
    Heap::from(pairs).into_sorted_vec().into_iter().map(unpacked).collect()
}

/// Keeps the best `limit` of the scored rows it is offered. Equal scores: the lower row is better.
#[derive(Debug)]
pub struct Top {
    limit: usize,
    /// The worst of those kept is on top. Of all bits turned over the order of scores is turned over.
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
            Some(&worst) if self.kept.len() == self.limit => packed(!score, row) < worst,
            _ => self.limit > 0,
        }
    }

    /// What a score must be at least for [`Top::offer`] to keep its row. O(1).
    pub fn least(&self) -> i32 {
        match self.kept.peek() {
            Some(&worst) if self.kept.len() == self.limit => !unpacked(worst).0,
            _ => i32::MIN,
        }
    }

    /// Offers a row, each at most once. O(log limit).
    pub fn offer(&mut self, score: i32, row: u32) {
        if !self.wants(score, row) {
            return;
        }
        if self.kept.len() < self.limit {
            self.kept.push(packed(!score, row));
        } else if let Some(mut worst) = self.kept.peek_mut() {
            *worst = packed(!score, row);
        }
    }

    /// The rows kept and their scores, best first.
    pub fn into_sorted(self) -> Vec<(i32, u32)> {
        let mut best_first = sort(self.kept.into_vec());
        best_first.iter_mut().for_each(|(score, _)| *score = !*score);
        best_first
    }
}

#[cfg(test)]
mod tests {
    use core::cmp::Reverse;

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
