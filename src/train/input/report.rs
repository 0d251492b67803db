//! What became of every row.

use std::fmt;

use serde::{Serialize, Serializer};

/// Why a row is not among the sessions. Rows are asked in this order; the first reason counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reason {
    /// The line is broken, or a number in it is none.
    UnparsableLine,
    /// The event's word is none that is known, or is mapped to `ignore`.
    OtherEvent,
    /// A search: it has no item to learn from.
    Search,
    /// An item was shown, not chosen.
    Impression,
    /// An item was not wanted, or others like it.
    Aversion,
    /// The item id is empty.
    MissingItem,
    /// The item is listed in `[cleaning] ignored_items`.
    IgnoredItem,
    /// The session id is empty, or the visitor id where sessions are cut from visitors.
    MissingSession,
    /// There is no timestamp.
    MissingTimestamp,
    /// The timestamp cannot be understood.
    BadTimestamp,
    /// The date is before 1995, long after the rest of the log, or beyond the calendar.
    ClockSkew,
    /// The same row was there before, field by field.
    RepeatedRow,
    /// A return or a cancellation.
    Return,
    /// A purchase that was returned or cancelled later.
    CancelledPurchase,
    /// Part of a session that no person makes.
    Bot,
    /// The same page again within seconds.
    PageRefresh,
    /// The item has fewer events than `[cleaning] min_item_events`.
    RareItem,
}

impl Reason {
    /// Every reason, in the order in which rows are asked.
    pub const ALL: [Reason; 17] = [
        Reason::UnparsableLine,
        Reason::OtherEvent,
        Reason::Search,
        Reason::Impression,
        Reason::Aversion,
        Reason::MissingItem,
        Reason::IgnoredItem,
        Reason::MissingSession,
        Reason::MissingTimestamp,
        Reason::BadTimestamp,
        Reason::ClockSkew,
        Reason::RepeatedRow,
        Reason::Return,
        Reason::CancelledPurchase,
        Reason::Bot,
        Reason::PageRefresh,
        Reason::RareItem,
    ];

    /// The stable name, e.g. `repeated_row`.
    pub fn name(self) -> &'static str {
        match self {
            Reason::UnparsableLine => "unparsable_line",
            Reason::OtherEvent => "other_event",
            Reason::Search => "search",
            Reason::Impression => "impression",
            Reason::Aversion => "aversion",
            Reason::MissingItem => "missing_item",
            Reason::IgnoredItem => "ignored_item",
            Reason::MissingSession => "missing_session",
            Reason::MissingTimestamp => "missing_timestamp",
            Reason::BadTimestamp => "bad_timestamp",
            Reason::ClockSkew => "clock_skew",
            Reason::RepeatedRow => "repeated_row",
            Reason::Return => "return",
            Reason::CancelledPurchase => "cancelled_purchase",
            Reason::Bot => "bot",
            Reason::PageRefresh => "page_refresh",
            Reason::RareItem => "rare_item",
        }
    }

    /// The reason in a person's words.
    pub fn sentence(self) -> &'static str {
        match self {
            Reason::UnparsableLine => "the line is broken or a value in it cannot be understood",
            Reason::OtherEvent => "an event of another kind than those that are learned from",
            Reason::Search => "a search, which has no item to learn from",
            Reason::Impression => "an impression: shown, not chosen",
            Reason::Aversion => "an aversion: not wanted, which is no interest",
            Reason::MissingItem => "there is no item id",
            Reason::IgnoredItem => "an item that the configuration ignores",
            Reason::MissingSession => "there is no session or visitor id",
            Reason::MissingTimestamp => "there is no timestamp",
            Reason::BadTimestamp => "the timestamp cannot be understood",
            Reason::ClockSkew => "the date is before 1995 or long after the rest of the log",
            Reason::RepeatedRow => "exactly the same row was there before",
            Reason::Return => "a return or a cancellation",
            Reason::CancelledPurchase => "a purchase that was returned or cancelled later",
            Reason::Bot => "part of a session that no person makes",
            Reason::PageRefresh => "the same page again within seconds",
            Reason::RareItem => "an item with too few events",
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// How many rows were dropped for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Why.
    pub reason: Reason,
    /// How many rows.
    pub rows: u64,
    /// Why, in a person's words.
    pub sentence: &'static str,
}

/// Counts rows by reason.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally([u64; Reason::ALL.len()]);

impl Tally {
    pub(super) fn add(&mut self, reason: Reason) {
        self.0[reason as usize] += 1;
    }

    pub(super) fn of(&self, reason: Reason) -> u64 {
        self.0[reason as usize]
    }

    /// One entry for each of `reasons`, in their order, zeros too.
    pub(super) fn list(&self, reasons: &[Reason]) -> Vec<Dropped> {
        reasons.iter().map(|&reason| Dropped { reason, rows: self.of(reason), sentence: reason.sentence() }).collect()
    }

    /// Reasons that occurred, in one line, e.g. `missing_item 3, bot 120`.
    pub(super) fn summary(&self) -> String {
        let parts: Vec<String> = Reason::ALL
            .into_iter()
            .filter(|&reason| self.of(reason) > 0)
            .map(|reason| format!("{} {}", reason.name(), self.of(reason)))
            .collect();
        parts.join(", ")
    }
}

/// A row that cannot be understood, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// The file's name.
    pub file: String,
    /// 1-based; a header is line 1. In Parquet the number of the row, from 1.
    pub line: u64,
    /// The column, where one value is to blame.
    pub column: Option<String>,
    /// Its value, cut after 80 characters.
    pub value: Option<String>,
    /// What is wrong.
    pub problem: String,
}

impl Flaw {
    /// A flaw of a whole line.
    pub(super) fn of_line(file: &str, line: u64, problem: impl Into<String>) -> Flaw {
        Flaw { file: file.to_owned(), line, column: None, value: None, problem: problem.into() }
    }

    /// A flaw of one value.
    pub(super) fn of_value(file: &str, line: u64, column: &str, value: &str, problem: impl Into<String>) -> Flaw {
        let value = match value.char_indices().nth(80) {
            Some((end, _)) => format!("{}…", &value[..end]),
            None => value.to_owned(),
        };
        Flaw {
            file: file.to_owned(),
            line,
            column: Some(column.to_owned()),
            value: Some(value),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, line {}", self.file, self.line)?;
        if let Some(column) = &self.column {
            write!(formatter, ", column `{column}`")?;
        }
        if let Some(value) = &self.value {
            write!(formatter, ", value {value:?}")?;
        }
        write!(formatter, ": {}", self.problem)
    }
}

/// How many flaws are shown; the rest are only counted.
pub(super) const SHOWN_FLAWS: usize = 5;

/// Each flaw on a line of its own, after a line break; nothing for none.
pub(super) fn list_lines(flaws: &[Flaw]) -> String {
    flaws.iter().map(|flaw| format!("\n  {flaw}")).collect()
}

/// One file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The path as it was given, or `standard input`.
    pub file: String,
    /// `csv`, `tsv`, `jsonl` or `parquet`.
    pub format: &'static str,
    /// `none`, `gzip` or `zstd`.
    pub compression: &'static str,
    /// Rows, good and bad, without the header and blank lines.
    pub rows: u64,
}

/// The files' names, for a message.
pub(super) fn names(files: &[FileReport]) -> String {
    files.iter().map(|file| file.file.as_str()).collect::<Vec<_>>().join(", ")
}

/// A sentence for each file without rows.
pub(super) fn notes_on_empty(files: &[FileReport]) -> Vec<String> {
    let empty = files.iter().filter(|file| file.rows == 0);
    empty.map(|file| format!("{} has a header but no rows.", file.file)).collect()
}

/// What became of an event log. `rows_read` is `rows_kept` and all `dropped` rows together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntakeReport {
    /// The files, in the order in which they were read.
    pub files: Vec<FileReport>,
    /// Rows of all files.
    pub rows_read: u64,
    /// Rows that became an interaction of a session.
    pub rows_kept: u64,
    /// Every reason with its count, in the order in which rows are asked, zeros too.
    pub dropped: Vec<Dropped>,
    /// Sessions with at least one interaction.
    pub sessions: u64,
    /// Sessions with exactly one; they are kept, for popularity.
    pub single_event_sessions: u64,
    /// Sessions dropped as made by bots.
    pub bot_sessions: u64,
    /// Different items.
    pub items: u64,
    /// Different visitors; as many as sessions where the log names none.
    pub visitors: u64,
    /// Whether timestamps are dates. Where they are only an order, no rule that needs time was used.
    pub has_dates: bool,
    /// The first interaction's time (RFC 3339), where there are dates.
    pub first: Option<String>,
    /// The last interaction's time (RFC 3339), where there are dates.
    pub last: Option<String>,
    /// The first few rows that cannot be understood.
    pub bad_lines: Vec<Flaw>,
    /// What else the owner of the log should know, in sentences.
    pub notes: Vec<String>,
}

impl IntakeReport {
    /// Rows dropped for one reason.
    pub fn dropped_rows(&self, reason: Reason) -> u64 {
        self.dropped.iter().find(|dropped| dropped.reason == reason).map_or(0, |dropped| dropped.rows)
    }
}

impl fmt::Display for IntakeReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_files(formatter, &self.files)?;
        writeln!(formatter, "{} rows read, {} kept", self.rows_read, self.rows_kept)?;
        write_dropped(formatter, &self.dropped)?;
        writeln!(
            formatter,
            "{} sessions ({} of a single event), {} items, {} visitors",
            self.sessions, self.single_event_sessions, self.items, self.visitors
        )?;
        if let (Some(first), Some(last)) = (&self.first, &self.last) {
            writeln!(formatter, "from {first} to {last}")?;
        }
        write_details(formatter, &self.bad_lines, &self.notes)
    }
}

/// What became of a catalog. `rows_read` is `items`, `repeated_rows` and all `dropped` rows together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogReport {
    /// The files, in the order in which they were read.
    pub files: Vec<FileReport>,
    /// Rows of all files.
    pub rows_read: u64,
    /// Different items.
    pub items: u64,
    /// Rows about an item that an earlier row was about already.
    pub repeated_rows: u64,
    /// The reasons a catalog's row can be dropped for, zeros too.
    pub dropped: Vec<Dropped>,
    /// Prices that are no number, negative or infinite; the items have no price from them.
    pub bad_prices: u64,
    /// Margins that are no number; the items have no margin from them.
    pub bad_margins: u64,
    /// Flags that are neither yes nor no; they were taken for yes, the careful answer.
    pub bad_flags: u64,
    /// Items with a title.
    pub with_title: u64,
    /// Items with a category.
    pub with_category: u64,
    /// Items with a brand.
    pub with_brand: u64,
    /// Items with a price.
    pub with_price: u64,
    /// Items with a margin.
    pub with_margin: u64,
    /// Items with a description.
    pub with_description: u64,
    /// Items with any other attribute.
    pub with_attributes: u64,
    /// The first few rows and prices that cannot be understood.
    pub bad_lines: Vec<Flaw>,
    /// What else the owner of the catalog should know, in sentences.
    pub notes: Vec<String>,
}

impl fmt::Display for CatalogReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_files(formatter, &self.files)?;
        writeln!(
            formatter,
            "{} rows read, {} items, {} rows about an item seen before",
            self.rows_read, self.items, self.repeated_rows
        )?;
        write_dropped(formatter, &self.dropped)?;
        writeln!(
            formatter,
            "{} with a title, {} with a category, {} with a brand, {} with a price, {} with a description, {} with other \
             attributes",
            self.with_title,
            self.with_category,
            self.with_brand,
            self.with_price,
            self.with_description,
            self.with_attributes
        )?;
        if self.bad_prices > 0 {
            writeln!(formatter, "{} prices cannot be understood", self.bad_prices)?;
        }
        if self.with_margin > 0 {
            writeln!(formatter, "{} with a margin, of which the model gets the band", self.with_margin)?;
        }
        if self.bad_margins > 0 {
            writeln!(formatter, "{} margins cannot be understood", self.bad_margins)?;
        }
        if self.bad_flags > 0 {
            writeln!(formatter, "{} flags are neither yes nor no, taken for yes", self.bad_flags)?;
        }
        write_details(formatter, &self.bad_lines, &self.notes)
    }
}

fn write_files(formatter: &mut fmt::Formatter<'_>, files: &[FileReport]) -> fmt::Result {
    for file in files {
        let packed = if file.compression == "none" { String::new() } else { format!(", {}", file.compression) };
        writeln!(formatter, "{}: {}{packed}, {} rows", file.file, file.format, file.rows)?;
    }
    Ok(())
}

fn write_dropped(formatter: &mut fmt::Formatter<'_>, dropped: &[Dropped]) -> fmt::Result {
    for entry in dropped.iter().filter(|entry| entry.rows > 0) {
        writeln!(formatter, "  {:>10}  {}: {}", entry.rows, entry.reason.name(), entry.sentence)?;
    }
    Ok(())
}

fn write_details(formatter: &mut fmt::Formatter<'_>, flaws: &[Flaw], notes: &[String]) -> fmt::Result {
    for flaw in flaws {
        writeln!(formatter, "  {flaw}")?;
    }
    for note in notes {
        writeln!(formatter, "{note}")?;
    }
    Ok(())
}
