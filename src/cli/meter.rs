use std::fmt;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::train::Watch;
use crate::train::input::Progress;

/// Progress on a terminal: how much, how fast, how long still. Silent where standard error is no terminal. Dropped, it leaves
/// nothing there.
pub(super) struct Meter {
    bar: ProgressBar,
}

const READING: &str =
    "{prefix:<24} {bar:24} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {msg}  {eta} left";
const READING_ON: &str = "{prefix:<24} {spinner} {decimal_bytes}  {decimal_bytes_per_sec}  {msg}";
const COUNTING: &str = "{prefix:<24} {bar:24} {human_pos}/{human_len}  {rate}  {eta} left";

impl Meter {
    pub(super) fn new() -> Meter {
        Meter { bar: ProgressBar::new(0) }
    }

    fn start(&self, template: &str, prefix: &str, total: Option<u64>) {
        let style = ProgressStyle::with_template(template).expect("the template is one of those above");
        let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
            // A bar that cannot be drawn is no reason to stop.
            let _ = write!(out, "{:.0}/s", state.per_sec());
        };
        self.bar.set_style(style.with_key("rate", rate));
        self.bar.set_prefix(prefix.to_owned());
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
        self.bar.reset();
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Meter {
    fn set_total(&self, total_bytes: Option<u64>) {
        self.start(if total_bytes.is_some() { READING } else { READING_ON }, "read", total_bytes);
    }

    fn advance(&self, bytes_read: u64, rows_read: u64) {
        self.bar.set_position(bytes_read);
        self.bar.set_message(format!("{rows_read} rows"));
    }
}

impl Watch for Meter {
    fn begin(&self, name: &str, total: u64) {
        self.start(COUNTING, name, Some(total));
    }

    fn advance(&self, done: u64) {
        self.bar.set_position(done);
    }
}
