//! How a reader says how far it is.

/// Receives the progress of reading. Every method may do nothing.
pub trait Progress {
    /// The bytes of all files together, as they lie on the disk; `None` where standard input makes that unknown.
    /// Called once, before the first row.
    fn set_total(&self, total_bytes: Option<u64>);

    /// How many bytes (as they lie on the disk) and rows have been read so far, all files together. Never goes back;
    /// called every few thousand rows and at the end.
    fn advance(&self, bytes_read: u64, rows_read: u64);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn set_total(&self, _total_bytes: Option<u64>) {}

    fn advance(&self, _bytes_read: u64, _rows_read: u64) {}
}
