use super::cooccurrence::NeighborOptions;
use super::embedding::EmbeddingOptions;

/// How a model is learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Seed of everything random. Default 1.
    pub seed: u64,
    /// Milliseconds since the Unix epoch that the model states as its time. Default: the newest event's.
    pub created_at_ms: Option<i64>,
    /// Learn no embedding, but neighbor rows and attributes alone: fast, and right for logs of few events an item.
    pub rows_only: bool,
    /// How much of what a slot by itself does to clicks is taken out of them when a ranker is learned: 0 learns what is
    /// clicked in lists as they were shown, 1 what would be if every slot were looked at. Default 0.
    pub position_correction: f64,
    /// The embedding.
    pub embedding: EmbeddingOptions,
    /// The neighbor rows.
    pub neighbors: NeighborOptions,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            seed: 1,
            created_at_ms: None,
            rows_only: false,
            position_correction: 0.0,
            embedding: EmbeddingOptions::default(),
            neighbors: NeighborOptions::default(),
        }
    }
}
