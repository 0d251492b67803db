use super::Cases;
use crate::train::Sessions;

/// The sessions before an index to learn from, over the items that they hold, and every step of the others as cases.
/// Sessions overlap: steps that are older than the newest event to learn from are no cases.
///
/// Panics past [`Sessions::len`].
pub fn split(sessions: &Sessions, first_held_out: usize) -> (Sessions, Cases) {
    // Items that only the held-out sessions have are unknown when the model is learned.
    let older = sessions.part(0..first_held_out).without_unused_items();
    let mut cases = Cases::of_sessions(&sessions.part(first_held_out..sessions.len()));
    let newest_ms = older.newest_ms();
    cases.0.retain(|case| case.timestamp_ms >= newest_ms);
    (older, cases)
}

/// The index of the first of the newest sessions, a share of all rounded up.
pub fn newest(sessions: &Sessions, share: f64) -> usize {
    sessions.len() - ((sessions.len() as f64 * share).ceil() as usize).min(sessions.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::EventKind;
    use crate::train::Interaction;

    #[test]
    fn the_future_is_told_from_the_past() {
        let mut sessions = Sessions { starts: vec![0], ..Sessions::default() };
        sessions.item_ids = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        // The third began before the second ended.
        for (list, number) in
            [[(0, 1), (1, 2)], [(1, 5), (0, 6)], [(0, 4), (3, 5)], [(2, 8), (3, 9)]].into_iter().zip(0..)
        {
            let event = |(item, timestamp_ms)| Interaction { item, kind: EventKind::View, timestamp_ms };
            sessions.events.extend(list.map(event));
            sessions.starts.push(sessions.events.len());
            sessions.visitors.push(number);
        }
        assert_eq!(newest(&sessions, 0.3), 2);
        let (older, cases) = split(&sessions, 2);
        assert_eq!((older.len(), older.item_ids.as_slice()), (2, &["a".to_owned(), "b".to_owned()][..]));
        let targets: Vec<(&str, u32)> = cases.0.iter().map(|case| (case.target().as_str(), case.visitor)).collect();
        assert_eq!(targets, [("d", 3)], "the step at 5 is older than the event at 6");
    }
}
