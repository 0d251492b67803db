//! The last stage: who stands where, whatever the scores say.

use alloc::vec;
use alloc::vec::Vec;

use super::RequestError;
use crate::lists::Gather;

/// Puts candidates into slots.
///
/// - `by_score`: the candidates that are free to move, best first.
/// - `fixed`: for each candidate the slot it must have, if any. Every candidate is either in `by_score` or fixed.
/// - `max_shift`: most slots a free candidate may end up away from its own, its own being its index.
///
/// Returns the candidate of every slot. Where fixed candidates stand in each other's slots, `max_shift` may be out of
/// reach for some; those move as little as the others allow. O(candidates + moves within `max_shift`).
pub(super) fn place(by_score: &[usize], fixed: &[Option<usize>], max_shift: usize) -> Vec<usize> {
    let n_candidates = fixed.len();
    let mut slots = vec![usize::MAX; n_candidates];
    for (candidate, slot) in fixed.iter().enumerate() {
        if let Some(slot) = *slot {
            slots[slot] = candidate;
        }
    }
    let free_slots: Vec<usize> = (0..n_candidates).filter(|&slot| slots[slot] == usize::MAX).gather();
    if max_shift >= n_candidates {
        for (&slot, &candidate) in free_slots.iter().zip(by_score) {
            slots[slot] = candidate;
        }
        return slots;
    }
    let mut best_first = vec![0; n_candidates];
    for (rank, &candidate) in by_score.iter().enumerate() {
        best_first[candidate] = rank;
    }
    // In incoming order, from the end: taking one moves only those before it. The invariant: giving the slots that are left
    // to `left` in order respects `max_shift`.
    let mut left: Vec<usize> = (0..n_candidates).rev().filter(|&candidate| fixed[candidate].is_none()).gather();
    for (index, &slot) in free_slots.iter().enumerate() {
        let first = left.len() - 1;
        // Taking the j-th of `left` moves those before it one free slot back, which each of them must be able to bear.
        let bears = |j: usize| free_slots[index + 1 + j] <= left[first - j] + max_shift;
        let mut choice = first;
        for at in (0..first).rev() {
            if !bears(first - at - 1) || left[at] > slot + max_shift {
                break;
            }
            if best_first[left[at]] < best_first[left[choice]] {
                choice = at;
            }
        }
        slots[slot] = left.remove(choice);
    }
    slots
}

/// Checks the slots that candidates are pinned to and merges them with the candidates that must keep their own.
///
/// `stay` candidates keep their own slot unless someone is pinned to it, in which case they are free: returned as the
/// second value, in incoming order.
pub(super) fn fix(
    pinned: &[Option<u32>],
    stay: impl Fn(usize) -> bool,
    n_candidates: usize,
) -> Result<(Vec<Option<usize>>, Vec<usize>), RequestError> {
    let mut fixed = vec![None; n_candidates];
    let mut taken = vec![false; n_candidates];
    for (index, slot) in pinned.iter().enumerate() {
        let Some(slot) = *slot else { continue };
        match taken.get_mut(slot as usize) {
            Some(taken) if !*taken => *taken = true,
            _ => return Err(RequestError::Pin { index, slot, n_candidates }),
        }
        fixed[index] = Some(slot as usize);
    }
    let mut displaced = Vec::new();
    for index in 0..n_candidates {
        if fixed[index].is_none() && stay(index) {
            if taken[index] {
                displaced.push(index);
            } else {
                taken[index] = true;
                fixed[index] = Some(index);
            }
        }
    }
    Ok((fixed, displaced))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(by_score: &[usize], fixed: &[Option<usize>], max_shift: usize, expected: &[usize]) {
        assert_eq!(place(by_score, fixed, max_shift), expected);
    }

    #[test]
    fn candidates_find_their_slots() {
        check(&[], &[], 0, &[]);
        check(&[2, 0, 1], &[None; 3], usize::MAX, &[2, 0, 1]);
        check(&[2, 0, 1], &[None; 3], 0, &[0, 1, 2]);
        check(&[2, 1, 0], &[None; 3], 1, &[1, 0, 2]);
        check(&[3, 2, 1, 0], &[None; 4], 2, &[2, 3, 0, 1]);
        check(&[2, 0], &[None, Some(1), None], usize::MAX, &[2, 1, 0]);
        check(&[2, 0], &[None, Some(1), None], 1, &[0, 1, 2]);
        check(&[2, 1], &[Some(2), None, None], usize::MAX, &[2, 1, 0]);
    }

    proptest! {
        #[test]
        fn it_is_a_permutation_within_the_shift(
            keys in prop::collection::vec(any::<u32>(), 0..40),
            stay in prop::collection::vec(any::<bool>(), 40),
            max_shift in 0usize..45,
        ) {
            let fixed: Vec<Option<usize>> = (0..keys.len()).map(|index| stay[index].then_some(index)).collect();
            let mut by_score: Vec<usize> = (0..keys.len()).filter(|&index| !stay[index]).collect();
            by_score.sort_by_key(|&index| (keys[index], index));
            let slots = place(&by_score, &fixed, max_shift);
            let mut sorted = slots.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..keys.len()).collect::<Vec<_>>());
            for (slot, &candidate) in slots.iter().enumerate() {
                let bound = if stay[candidate] { 0 } else { max_shift };
                prop_assert!(slot.abs_diff(candidate) <= bound);
            }
        }

        #[test]
        fn pins_hold_whatever_the_shift(
            keys in prop::collection::vec(any::<u32>(), 1..30),
            pins in prop::collection::vec(prop::option::of(0u32..30), 30),
            max_shift in 0usize..35,
        ) {
            if let Ok((fixed, displaced)) = fix(&pins[..keys.len()], |index| keys[index] % 3 == 0, keys.len()) {
                let mut by_score: Vec<usize> = (0..keys.len()).filter(|&index| fixed[index].is_none()).collect();
                by_score.sort_by_key(|&index| (keys[index], index));
                prop_assert!(displaced.iter().all(|index| by_score.contains(index)));
                let slots = place(&by_score, &fixed, max_shift);
                let mut sorted = slots.clone();
                sorted.sort_unstable();
                prop_assert_eq!(sorted, (0..keys.len()).collect::<Vec<_>>());
                for (index, pin) in pins[..keys.len()].iter().enumerate() {
                    if let Some(slot) = pin {
                        prop_assert_eq!(slots[*slot as usize], index);
                    }
                }
            }
        }
    }
}
