use std::fmt;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::input::{InputArguments, check_stdin, read_items, read_log};
use super::meter::Meter;
use super::output;
use crate::eval::levels::{SizeFigures, measure_levels};
use crate::train::audit::Audit;
use crate::train::input::{CatalogReport, IntakeReport, Source};
use crate::train::{Level, Options, Privacy};

/// Share of the events from which on one visitor has too many, of so many visitors.
const REMARKABLE: f64 = 0.05;
const MANY_VISITORS: u64 = 100;

/// Say what is in a log and a catalog, what is wrong with them, and what they are enough for
///
/// `build` follows the verdict by itself.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The event log: one or several files, or - for standard input
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    events: Vec<Source>,
    /// The catalog: one or several files
    #[arg(long, value_name = "FILE", num_args = 1..)]
    catalog: Vec<Source>,
    #[command(flatten)]
    input: InputArguments,
    /// Build every level from so many sessions, and measure each on the newest tenth: takes minutes
    #[arg(long, value_name = "SESSIONS", value_delimiter = ',')]
    measure: Vec<usize>,
    /// Seed of what --measure builds
    #[arg(long, value_name = "N", default_value_t = Options::default().seed)]
    seed: u64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Everything that was found.
#[derive(Debug, Serialize)]
struct Findings {
    events: IntakeReport,
    catalog: Option<CatalogReport>,
    #[serde(flatten)]
    audit: Audit,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sizes: Vec<SizeFigures>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    check_stdin(arguments.events.iter().chain(&arguments.catalog))?;
    let config = arguments.input.config()?;
    let (sessions, events) = read_log(&arguments.events, &config)?;
    let (catalog, report) = read_items(&arguments.catalog, &config)?.unzip();
    let privacy = Privacy { noise: None, ..config.privacy.settled() };
    let audit = Audit::of(&sessions, catalog.as_ref(), &privacy);
    let options = Options { seed: arguments.seed, privacy, ..Options::default() };
    let sizes = measure_levels(&sessions, catalog.as_ref(), &arguments.measure, &options, &Meter::new())?;
    let findings = Findings { events, catalog: report, audit, sizes };
    if arguments.json { output::print_json(&findings) } else { output::print(&findings) }
}

/// A share for people.
struct Percent(f64);

impl fmt::Display for Percent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.1} %", 100.0 * self.0)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Findings { events, catalog, audit, sizes } = self;
        writeln!(formatter, "{}", events.to_string().trim_end())?;
        let kinds: Vec<String> =
            audit.events_by_kind.iter().map(|entry| format!("{} {}", entry.events, entry.kind)).collect();
        writeln!(formatter, "by kind: {}", kinds.join(", "))?;
        let few: Vec<String> = audit
            .items_with_few_events
            .iter()
            .map(|few| format!("{} fewer than {}", few.items, few.fewer_than))
            .collect();
        writeln!(formatter, "items by events: {}", few.join(", "))?;
        writeln!(
            formatter,
            "{} of the sessions have one event; {} of the events are about an item that the session has met before",
            Percent(audit.single_event_sessions),
            Percent(audit.repeats)
        )?;
        writeln!(
            formatter,
            "{} sessions of bots left aside; the longest session left has {} events, the busiest visitor {} of all, the most \
             frequent item {}",
            events.bot_sessions,
            audit.longest_session,
            Percent(audit.busiest_visitor),
            Percent(audit.most_frequent_item)
        )?;
        if audit.busiest_visitor > REMARKABLE && events.visitors > MANY_VISITORS {
            writeln!(
                formatter,
                "is the busiest visitor one person? What stands for people who are not known belongs into [file] missing, and \
                 robots out of the log"
            )?;
        }
        if let Some(catalog) = catalog {
            writeln!(formatter, "{}", catalog.to_string().trim_end())?;
        }
        if let Some(coverage) = &audit.coverage {
            writeln!(
                formatter,
                "{} items of the catalog have events, {} have none; {} items of the log are not in the catalog, with {} events",
                coverage.items_with_events,
                coverage.items_without_events,
                coverage.items_not_in_catalog,
                coverage.events_not_in_catalog
            )?;
            if coverage.events_not_in_catalog > events.rows_kept / 2 {
                writeln!(
                    formatter,
                    "most events are about items that the catalog lacks: are ids written alike in both?"
                )?;
            }
        }
        writeln!(formatter, "{}", audit.privacy)?;
        match &audit.obstacle {
            Some(obstacle) => write!(formatter, "verdict: no model can be built: {obstacle}")?,
            None => write!(formatter, "verdict: {}", audit.verdict)?,
        }
        if !sizes.is_empty() {
            write!(formatter, "\n{}", table(sizes))?;
        }
        Ok(())
    }
}

/// A row for each size: HR and MRR of two baselines and of every level. The level that the verdict chooses is starred.
fn table(sizes: &[SizeFigures]) -> String {
    let named = sizes.iter().map(|size| size.levels.as_slice()).max_by_key(|levels| levels.len()).unwrap_or_default();
    let mut lines = vec![format!(
        "{:>8} {:>8} {:>15} {:>15} {}",
        "sessions",
        "steps",
        "popularity",
        "last item",
        named.iter().map(|(level, ..)| format!("{:>24}", level.name())).collect::<String>()
    )];
    for size in sizes {
        let (Some(popularity), Some(last_item)) = (size.popularity, size.last_item) else {
            let (sessions, steps) = (size.sessions, size.verdict.evidence.steps);
            lines.push(format!(
                "{sessions:>8} {steps:>8} no item was met by visitors enough: nothing of it may be told"
            ));
            continue;
        };
        let pair = |(hr, mrr): (f64, f64)| format!("{hr:.4} {mrr:.4}");
        let levels = size.levels.iter().map(|&(level, hr, mrr): &(Level, f64, f64)| {
            let star = if level == size.verdict.level { "*" } else { " " };
            format!("{:>23}{star}", pair((hr, mrr)))
        });
        lines.push(format!(
            "{:>8} {:>8} {:>15} {:>15} {}",
            size.sessions,
            size.verdict.evidence.steps,
            pair(popularity),
            pair(last_item),
            levels.collect::<String>()
        ));
    }
    lines.join("\n")
}
