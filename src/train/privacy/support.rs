//! How many different people are behind what a log says.

use super::Privacy;
use crate::train::Sessions;

/// The indexes of the sessions, those of one visitor side by side, each visitor's oldest first.
pub(in crate::train) fn by_visitor(sessions: &Sessions) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sessions.len()).collect();
    order.sort_by_key(|&index| sessions.visitors[index]);
    order
}

/// The sessions with at most so many events of each visitor, the newest. How many were left out is what the lengths differ
/// by.
pub(in crate::train) fn bounded(sessions: Sessions, max_events: usize) -> Sessions {
    let n_visitors = sessions.visitors.iter().max().map_or(0, |&last| last as usize + 1);
    let mut left = vec![max_events; n_visitors];
    // The newest sessions take their part first.
    let mut skipped = vec![0; sessions.len()];
    for index in (0..sessions.len()).rev() {
        let left = &mut left[sessions.visitors[index] as usize];
        let kept = sessions.session(index).len().min(*left);
        skipped[index] = sessions.session(index).len() - kept;
        *left -= kept;
    }
    if skipped.iter().all(|&skipped| skipped == 0) {
        return sessions;
    }
    let mut bounded = Sessions { item_ids: sessions.item_ids.clone(), starts: vec![0], ..Sessions::default() };
    for (index, skipped) in skipped.into_iter().enumerate() {
        let kept = &sessions.session(index)[skipped..];
        if !kept.is_empty() {
            bounded.events.extend(kept);
            bounded.starts.push(bounded.events.len());
            bounded.visitors.push(sessions.visitors[index]);
            bounded.contexts.extend(sessions.contexts.get(index).cloned());
        }
    }
    Sessions { has_dates: sessions.has_dates, ..bounded }
}

/// Distinct visitors of each item.
pub(in crate::train) fn visitors_of_items(sessions: &Sessions) -> Vec<u32> {
    let mut counts = vec![0; sessions.item_ids.len()];
    let mut last = vec![None; sessions.item_ids.len()];
    for index in by_visitor(sessions) {
        let visitor = Some(sessions.visitors[index]);
        for event in sessions.session(index) {
            let item = event.item as usize;
            counts[item] += u32::from(last[item] != visitor);
            last[item] = visitor;
        }
    }
    counts
}

/// How many visitors are asked for by the data's size: a fifth of what an item has on average, rounded down, within the
/// bounds of [`Privacy`]. Items with so few that they are left aside in any case do not count: a few of them more or less
/// decide nothing.
pub(in crate::train) fn least_visitors(visitors_of_items: &[u32]) -> u32 {
    let counted = || visitors_of_items.iter().filter(|&&visitors| visitors >= Privacy::MIN_VISITORS);
    let sum: u64 = counted().map(|&visitors| u64::from(visitors)).sum();
    let fifth = sum / counted().count().max(1) as u64 / 5;
    u32::try_from(fifth).unwrap_or(u32::MAX).clamp(Privacy::MIN_VISITORS, Privacy::USUAL_VISITORS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(lists: &[(u32, &[u32])]) -> Sessions {
        Sessions::of_views(5, lists.iter().copied())
    }

    #[test]
    fn one_visitor_counts_once() {
        let log = sessions(&[(0, &[0, 1, 0]), (1, &[1]), (0, &[1, 2])]);
        assert_eq!(visitors_of_items(&log), [1, 2, 1, 0, 0]);
    }

    #[test]
    fn the_newest_events_are_kept() {
        let log = sessions(&[(0, &[0, 1]), (1, &[4]), (0, &[2, 3, 0])]);
        let check = |max_events: usize, expected: &[(u32, &[u32])]| {
            let (found, expected) = (bounded(log.clone(), max_events), sessions(expected));
            assert_eq!(
                (found.events, found.starts, found.visitors),
                (expected.events, expected.starts, expected.visitors)
            );
        };
        check(5, &[(0, &[0, 1]), (1, &[4]), (0, &[2, 3, 0])]);
        check(4, &[(0, &[1]), (1, &[4]), (0, &[2, 3, 0])]);
        check(2, &[(1, &[4]), (0, &[3, 0])]);
    }

    #[test]
    fn more_data_ask_for_more_visitors() {
        let check = |visitors: &[u32], expected: u32| assert_eq!(least_visitors(visitors), expected, "{visitors:?}");
        check(&[], 3);
        check(&[1, 2, 1], 3);
        check(&[40, 0, 60], 10);
        check(&[19, 20, 2, 2, 2], 3);
        check(&[20, 21], 4);
        check(&[5000], 20);
    }
}
