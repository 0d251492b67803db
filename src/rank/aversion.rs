//! What the shopper does not want: an item that they are not interested in comes last, and what is like an item that they
//! want less of sinks.

use alloc::vec::Vec;

use super::diversify::Likeness;
use crate::format::attributes::Column;
use crate::format::embeddings::Embeddings;
use crate::kernels;
use crate::lists::{Gather, has};
use crate::model::Model;
use crate::session::{EventKind, Seen};

/// What an item costs that is like the one to have less of in everything: 8 logits, as much as separates the first of an
/// incoming order from the last.
const MOST: i32 = 8 * 1024;
/// What an item costs that is not wanted: more than all other parts together can bring.
const REFUSED: i32 = 1 << 30;
/// So many of the newest items to have less of count.
const MAX_SOURCES: usize = 8;

/// A shopper's aversions.
pub(super) struct Aversion<'a> {
    embeddings: Option<Embeddings<'a>>,
    likeness: Likeness,
    columns: [Option<Column<'a>>; 2],
    /// Rows of items that are not wanted, the newest first.
    pub(super) refused: Vec<u32>,
    /// Items to have less of, the newest first.
    sources: Vec<Source>,
}

struct Source {
    row: u32,
    /// Its embedding, if there are any.
    vector: Vec<i16>,
    tags: [u32; 2],
}

impl<'a> Aversion<'a> {
    /// Those of a session with items that the model knows. O(events).
    pub(super) fn new(model: &'a Model, session: Seen) -> Aversion<'a> {
        let rows = |kind: EventKind, most: usize| {
            let mut rows = Vec::new();
            for event in session.events().rev().filter(|event| event.kind == kind) {
                let row = event.row(model);
                rows.extend(row.filter(|row| rows.len() < most && !has(&rows, row)));
            }
            rows
        };
        let (refused, sources) =
            (rows(EventKind::NotInterested, usize::MAX), rows(EventKind::LessLikeThis, MAX_SOURCES));
        let embeddings = model.embeddings();
        let vector = |row| embeddings.map_or_else(Vec::new, |embeddings| kernels::widened(embeddings.vector(row)));
        let columns = if sources.is_empty() { [None; 2] } else { Likeness::columns(model) };
        let source = |row| Source { row, vector: vector(row), tags: Likeness::tags(&columns, row) };
        let sources = sources.into_iter().map(source).gather();
        Aversion { embeddings, likeness: Likeness::new(model), columns, refused, sources }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.refused.is_empty() && self.sources.is_empty()
    }

    /// What aversions add to an item's score, 0 or less, in 1/1024 of a logit: the square of its greatest likeness to an
    /// item to have less of, so that the somewhat alike pay little. O(dimensions) for each of these.
    pub(super) fn of(&self, row: u32) -> i32 {
        self.strongest(row).0
    }

    /// The event behind that.
    pub(super) fn event(&self, row: u32) -> Option<(u32, EventKind)> {
        self.strongest(row).1
    }

    fn strongest(&self, row: u32) -> (i32, Option<(u32, EventKind)>) {
        if has(&self.refused, &row) {
            return (-REFUSED, Some((row, EventKind::NotInterested)));
        }
        let mut most = (0, None);
        let tags = Likeness::tags(&self.columns, row);
        for source in &self.sources {
            let dot = self.embeddings.map_or(0, |all| kernels::dot(&source.vector, all.vector(row)));
            let likeness = self.likeness.of(dot, source.tags, tags);
            // The newest of equals.
            if likeness > most.0 {
                most = (likeness, Some((source.row, EventKind::LessLikeThis)));
            }
        }
        (-((most.0 * most.0) >> 10) * (MOST >> 10), most.1)
    }
}
