//! The columns as flags of the command line.

use super::{
    config::{Config, FileFormat},
    error::InputError,
};
use crate::session::EventKind;

/// What flags say about the log; each one wins over the configuration file.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[cfg_attr(feature = "cli", command(next_help_heading = "Input"))]
pub struct ColumnFlags {
    /// How the files are written: csv, tsv, jsonl or parquet [default: by content and name]
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    pub format: Option<FileFormat>,
    /// The column with the item ids
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    pub item_column: Option<String>,
    /// The column with the session ids
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    pub session_column: Option<String>,
    /// The column with the visitor ids; without a session column sessions are cut at gaps
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    pub visitor_column: Option<String>,
    /// The column with the timestamps; several make one: date,time or year,month,day
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME", value_delimiter = ','))]
    pub time_column: Vec<String>,
    /// The column with the event words, e.g. view or purchase
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    pub event_column: Option<String>,
    /// The column with the quantities; a negative one is a return
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    pub quantity_column: Option<String>,
    /// What every event without a word is, e.g. purchase [default: view]
    #[cfg_attr(feature = "cli", arg(long, value_name = "KIND", value_parser = parse_kind))]
    pub event_kind: Option<EventKind>,
    /// Minutes without an event that end a visitor's session [default: 30]
    #[cfg_attr(feature = "cli", arg(long, value_name = "MINUTES"))]
    pub gap_minutes: Option<f64>,
}

impl ColumnFlags {
    /// Puts what was said into `config`, and checks the whole.
    pub fn apply(&self, config: &mut Config) -> Result<(), InputError> {
        let columns = &mut config.columns;
        replace(&mut columns.item, &self.item_column);
        replace(&mut columns.session, &self.session_column);
        replace(&mut columns.visitor, &self.visitor_column);
        replace(&mut columns.event, &self.event_column);
        replace(&mut columns.quantity, &self.quantity_column);
        replace(&mut config.file.format, &self.format);
        if !self.time_column.is_empty() {
            columns.time = Some(self.time_column.clone());
        }
        if let Some(kind) = self.event_kind {
            config.events.default = kind;
        }
        if let Some(minutes) = self.gap_minutes {
            config.cleaning.gap_minutes = Some(minutes);
        }
        config.check()
    }
}

fn replace<T: Clone>(setting: &mut Option<T>, flag: &Option<T>) {
    if flag.is_some() {
        setting.clone_from(flag);
    }
}

#[cfg(feature = "cli")]
fn parse_kind(name: &str) -> Result<EventKind, String> {
    EventKind::from_name(name)
        .ok_or_else(|| format!("no such kind: use one of {}", EventKind::ALL.map(EventKind::name).join(", ")))
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use clap::Parser;

    use super::{ColumnFlags, EventKind, FileFormat};

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        flags: ColumnFlags,
    }

    #[test]
    fn flags_are_parsed() {
        let line =
            "x --format tsv --item-column sku --time-column year,month,day --event-kind purchase --gap-minutes 45";
        let flags = Command::try_parse_from(line.split(' ')).unwrap().flags;
        assert_eq!((flags.format, flags.item_column.as_deref()), (Some(FileFormat::Tsv), Some("sku")));
        assert_eq!(flags.time_column, ["year", "month", "day"]);
        assert_eq!((flags.event_kind, flags.gap_minutes), (Some(EventKind::Purchase), Some(45.0)));
        for (line, expected) in [
            ("x --format xml", "no format `xml`: use csv, tsv, jsonl or parquet"),
            ("x --event-kind look", "no such kind: use one of view, click, search,"),
        ] {
            let error = Command::try_parse_from(line.split(' ')).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
