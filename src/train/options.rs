use super::embedding::EmbeddingOptions;
use super::neighbors::NeighborOptions;
use super::privacy::Privacy;
use super::verdict::Level;

/// How a model is learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Seed of everything random. Default 1.
    pub seed: u64,
    /// Milliseconds since the Unix epoch that the model states as its time. Default: the end of the newest event's hour.
    pub created_at_ms: Option<i64>,
    /// What the model is made of. Default: what the [`Verdict`](super::Verdict) says.
    pub level: Option<Level>,
    /// Most bytes that the file may have for an item: what is given here shapes the embedding and the rows. Default: no
    /// limit, and the shapes below.
    pub bytes_per_item: Option<usize>,
    /// How much of what a slot by itself does to clicks is taken out of them when a ranker is learned: 0 learns what is
    /// clicked in lists as they were shown, 1 what would be if every slot were looked at. Default 0.
    pub position_correction: f64,
    /// How the people behind the log are protected.
    pub privacy: Privacy,
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
            level: None,
            bytes_per_item: None,
            position_correction: 0.0,
            privacy: Privacy::default(),
            embedding: EmbeddingOptions::default(),
            neighbors: NeighborOptions::default(),
        }
    }
}
