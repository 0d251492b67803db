use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Keeps the best `limit` of the scored rows it is offered. Equal scores: the lower row is better.
#[derive(Debug)]
pub struct Top {
    limit: usize,
    /// The worst of those kept is on top.
    kept: BinaryHeap<(Reverse<i32>, u32)>,
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
