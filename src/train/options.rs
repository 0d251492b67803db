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
            embedding: EmbeddingOptions::default(),
            neighbors: NeighborOptions::default(),
        }
    }
}
