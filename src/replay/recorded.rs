use super::trace::{Request, Trace};
use crate::model::Model;
use crate::session::{Event, Session};
use crate::train::Sessions;

/// A request that was made, or that would have come next, and the session that it came from.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The session.
    pub session: Session,
    /// The request.
    pub request: Request,
}

impl Recorded {
    /// That of a trace, as the model lets it be.
    pub fn of_trace(model: &Model, trace: &Trace) -> Recorded {
        Recorded { session: trace.state.session(model).0, request: trace.request.clone() }
    }
}

/// The sessions of a log, at most so many of them, evenly spread; of each what its next page would ask for in every
/// block. Blocks of product pages start from the item that the session ends with.
pub fn of_sessions<'a>(
    sessions: &'a Sessions,
    most: usize,
    blocks: &'a [Request],
) -> impl Iterator<Item = Recorded> + 'a {
    let taken = sessions.len().min(most);
    (0..taken).flat_map(move |place| {
        let events = sessions.session(place * sessions.len() / taken);
        let id = |item: u32| sessions.item_ids[item as usize].clone();
        let session: Session =
            events.iter().map(|event| Event::new(event.kind, id(event.item), event.timestamp_ms)).collect();
        blocks.iter().map(move |block| {
            let mut request = block.clone();
            if let (Some(last), Some(block)) = (events.last(), &mut request.recommend) {
                request.now = last.timestamp_ms;
                block.seeds = (request.surface == "product").then(|| vec![id(last.item)]);
            }
            Recorded { session: session.clone(), request }
        })
    })
}
