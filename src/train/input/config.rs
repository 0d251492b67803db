//! What the owner of the files says about them: formats, columns, event words, cleaning.

use std::{collections::BTreeMap, fmt, fs, path::Path, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};

use super::{column_names::ColumnNames, error::InputError};
use crate::session::EventKind;
use crate::train::Privacy;
use crate::train::privacy::Noise;

/// Everything that can be said about the input; the default fits files with our own column names.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `[file]`: how the files are written.
    pub file: FileConfig,
    /// `[columns]`: which column of the log holds what.
    pub columns: EventColumns,
    /// `[events]`: what the log's events are called.
    pub events: EventConfig,
    /// `[cleaning]`: how sessions are cut and what is thrown away.
    pub cleaning: CleaningConfig,
    /// `[catalog]`: which column of the catalog holds what.
    pub catalog: CatalogConfig,
    /// `[impressions]`: how shown lists stand in a log.
    pub impressions: ImpressionConfig,
    /// `[privacy]`: how the people behind the log are protected.
    pub privacy: PrivacyConfig,
}

/// How the files are written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileConfig {
    /// The format. Default: by the file's content and name.
    pub format: Option<FileFormat>,
    /// Between two values of CSV. Default: whichever of comma, tab, semicolon and bar the header has most of.
    pub delimiter: Option<char>,
    /// Whether `"` quotes values. Default: in CSV yes, in TSV no.
    pub quotes: Option<bool>,
    /// Values that mean "nothing". Default: `null`, `NULL`, `nan`, `NaN`, `None`, `undefined`, `\N`.
    pub missing: Vec<String>,
}

impl Default for FileConfig {
    fn default() -> Self {
        let missing = ["null", "NULL", "nan", "NaN", "None", "undefined", "\\N"];
        FileConfig { format: None, delimiter: None, quotes: None, missing: missing.map(String::from).to_vec() }
    }
}

/// A format that can be read, each plain, gzip or zstd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    /// Values between commas (or semicolons, or bars), a header first.
    Csv,
    /// Values between tabs, a header first.
    Tsv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

impl FileFormat {
    /// The name that `--format` and `[file] format` take.
    pub fn name(self) -> &'static str {
        match self {
            FileFormat::Csv => "csv",
            FileFormat::Tsv => "tsv",
            FileFormat::Jsonl => "jsonl",
            FileFormat::Parquet => "parquet",
        }
    }
}

impl FromStr for FileFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<FileFormat, String> {
        [FileFormat::Csv, FileFormat::Tsv, FileFormat::Jsonl, FileFormat::Parquet]
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| format!("no format `{name}`: use csv, tsv, jsonl or parquet"))
    }
}

/// Which column of the log holds what. A name must be there exactly as written; what is not named is looked for under
/// the usual names, see `docs/INPUT.md`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EventColumns {
    /// The item's id. Required, here or under a usual name.
    pub item: Option<String>,
    /// The session's id. Required, unless there is a visitor.
    pub session: Option<String>,
    /// The visitor's id.
    pub visitor: Option<String>,
    /// When it happened: one column, or date and time of day, or year, month, day and so on down to the second. An
    /// empty list: the log has no time and its rows are in order.
    #[serde(deserialize_with = "one_or_many")]
    pub time: Option<Vec<String>>,
    /// How the time is written, in `strptime` words, e.g. `%d.%m.%Y %H:%M`. Default: see `docs/INPUT.md`.
    pub time_format: Option<String>,
    /// A whole number that orders events of the same time. Default: their order in the file.
    pub order: Option<String>,
    /// The event's word, e.g. `view`.
    pub event: Option<String>,
    /// What was searched for: a row with a query and no item is a search.
    pub query: Option<String>,
    /// How many pieces; a negative number is a return.
    pub quantity: Option<String>,
}

/// What the log's events are called.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EventConfig {
    /// The kind of events without a word. Default: view.
    pub default: EventKind,
    /// The log's words, exactly as written there, and what they mean to us; our own names and the usual words are
    /// known already.
    pub kinds: BTreeMap<String, KindWord>,
    /// Sessions whose id begins so are cancelled invoices: all their events are returns. Default: none.
    pub cancelled_session_prefix: Option<String>,
    /// What is known of a session before its first event: device, region, referrer, the category that it landed on. Default:
    /// nothing beside the calendar.
    pub context: Option<ColumnNames>,
    /// Hours that the store's clock is before the one of the log, as far as the calendar goes; −14 to 14. Default: 0.
    pub utc_offset: f64,
}

impl Default for EventConfig {
    fn default() -> Self {
        EventConfig {
            default: EventKind::View,
            kinds: BTreeMap::new(),
            cancelled_session_prefix: None,
            context: None,
            utc_offset: 0.0,
        }
    }
}

/// What a word of the log means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KindWord {
    /// An event of this kind.
    Kind(EventKind),
    /// Nothing that could be learned from.
    Ignore,
}

impl<'de> Deserialize<'de> for KindWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<KindWord, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == "ignore" {
            return Ok(KindWord::Ignore);
        }
        EventKind::from_name(&name).map(KindWord::Kind).ok_or_else(|| {
            let names = EventKind::ALL.map(EventKind::name).join(", ");
            de::Error::custom(format!("no kind of event `{name}`: use one of {names}, or ignore"))
        })
    }
}

/// How sessions are cut and what is thrown away. Rules that need time are off where timestamps are no dates.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CleaningConfig {
    /// Minutes without an event that end a visitor's session, where no column names sessions; more than 0. Longer gaps
    /// make fewer, longer sessions. Default: 30, or no end at all where visitors hardly ever do two things within 30.
    pub gap_minutes: Option<f64>,
    /// A view or click of the same item as the one before, at most so many seconds after it, is a page refresh. 0
    /// keeps all; off where the log's clock is coarser than this. Default: 10.
    pub refresh_seconds: f64,
    /// A session with more views and clicks than this is a bot's; 0 keeps all. Default: 500.
    pub bot_session_events: usize,
    /// A session with more views and clicks within any minute than this is a bot's; 0 keeps all; off where the log's
    /// clock is coarser than a minute. Default: 60.
    pub bot_minute_events: usize,
    /// Of the last 1 % of the dates, one that is later than the one before by more than so many days, and by more than a
    /// tenth of what the log spans, is a wrong clock, and so is every later one. 0 keeps all; logs under 1,000 rows are not judged. Dates before 1995 always go. Default: 30.
    pub clock_skew_days: f64,
    /// The share of rows, 0 to 1, that may be beyond understanding before the whole reading fails. Default: 0.01.
    pub bad_line_share: f64,
    /// So many bad rows are always tolerated, however small the file. Default: 10.
    pub bad_line_minimum: u64,
    /// Items with fewer events than this, after all other cleaning, are dropped. Default: 1, which keeps all.
    pub min_item_events: u32,
    /// Item ids that are no items: postage, fees, samples. Default: none.
    pub ignored_items: Vec<String>,
    /// Whether what becomes of a visitor's rows is decided by these alone.
    #[serde(skip)]
    pub visitors_apart: bool,
}

impl Default for CleaningConfig {
    fn default() -> Self {
        CleaningConfig {
            gap_minutes: None,
            refresh_seconds: 10.0,
            bot_session_events: 500,
            bot_minute_events: 60,
            clock_skew_days: 30.0,
            bad_line_share: 0.01,
            bad_line_minimum: 10,
            min_item_events: 1,
            ignored_items: Vec::new(),
            visitors_apart: false,
        }
    }
}

impl CleaningConfig {
    /// Leaves out the rules by which the rows of one visitor decide what becomes of another's: noise is made for what one
    /// visitor changes.
    pub fn judge_visitors_apart(&mut self) {
        (self.refresh_seconds, self.bot_minute_events, self.clock_skew_days, self.min_item_events) = (0.0, 0, 0.0, 1);
        self.visitors_apart = true;
    }
}

/// Which column of the catalog holds what. A name must be there exactly as written; what is not named is looked for
/// under the usual names, see `docs/INPUT.md`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CatalogConfig {
    /// The item's id. Required, here or under a usual name.
    pub item: Option<String>,
    /// Its name.
    pub title: Option<String>,
    /// What else is said of it in words.
    pub description: Option<String>,
    /// Its category: one column, or one a level, broadest first.
    #[serde(deserialize_with = "one_or_many")]
    pub category: Option<Vec<String>>,
    /// Splits a category column into levels; empty: it is one level. Default: `>`.
    pub category_separator: String,
    /// Its brand.
    pub brand: Option<String>,
    /// Its price, a number with a decimal point; a currency's name or sign may stand before or after it.
    pub price: Option<String>,
    /// What the store earns by it: a number, in money or as a share of the price, the same for all items. Only how it
    /// compares goes into the model, in at most eight bands that 20 items and more share each.
    pub margin: Option<String>,
    /// What goes into the model beside, for rules: the product that it is a variant of, its seller, set and size. Default:
    /// these, where they are there. An empty list: nothing.
    pub attributes: Option<ColumnNames>,
    /// What else is known of it and only learned from: color, material, … Attributes are learned from as well.
    #[serde(deserialize_with = "one_or_many")]
    pub content: Option<Vec<String>>,
    /// Whether it is not for minors: `1`, `true`, `yes`, `y`, `t`, or their contrary.
    pub adult: Option<String>,
    /// Whether it is never to be inferred from, written as `adult`.
    pub sensitive: Option<String>,
    /// What counts where several rows are about one item. Default: the last row.
    pub repeated: RepeatedItem,
}

impl Default for CatalogConfig {
    fn default() -> Self {
        CatalogConfig {
            item: None,
            title: None,
            description: None,
            category: None,
            category_separator: ">".to_owned(),
            brand: None,
            price: None,
            margin: None,
            attributes: None,
            content: None,
            adult: None,
            sensitive: None,
            repeated: RepeatedItem::Last,
        }
    }
}

/// How shown lists stand in a log: a row holds the list, and as its item the one that was clicked. Rows without a list
/// are what shoppers did otherwise.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImpressionConfig {
    /// The column with the ids shown, in the order shown. Default: under a usual name, see `docs/INPUT.md`.
    pub items: Option<String>,
    /// Between two ids, and between two prices. Default: `|`.
    pub separator: String,
    /// The column with their prices, in the same order. Default: under a usual name; without one prices are not known.
    pub prices: Option<String>,
    /// The column with the surface. Default: under a usual name; without one it is not known.
    pub surface: Option<String>,
    /// Words of the event column whose item is the one clicked in the row's list. Default: those that mean a click.
    pub clicks: Vec<String>,
    /// How much of what a slot by itself does to clicks is taken out of them, 0 to 1, see `docs/EVALUATION.md`. 0 learns
    /// what is clicked in lists as they were shown, 1 what would be if every slot were looked at. Default: 0.
    pub position_correction: f64,
}

impl Default for ImpressionConfig {
    fn default() -> Self {
        ImpressionConfig {
            items: None,
            separator: "|".to_owned(),
            prices: None,
            surface: None,
            clicks: Vec::new(),
            position_correction: 0.0,
        }
    }
}

/// How the people behind the log are protected: `docs/PRIVACY.md`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrivacyConfig {
    /// Categories of which nothing is learned, with all below them: paths from the broadest, with ` > ` between, in small or
    /// capital letters. Items that the catalog flags as sensitive are so beside. Default: none.
    pub sensitive: Vec<String>,
    /// Fewest distinct visitors behind what is learned, 3 or more. Default: by the data's size, 3 to 20.
    pub k: Option<u32>,
    /// Most events of one visitor that are learned from, the newest. Default: 500.
    pub max_events_per_visitor: Option<usize>,
    /// ε of differential privacy for all events of one visitor, more than 0 and at most 50. Less protects more, and leaves
    /// less to learn. Default: none.
    pub epsilon: Option<f64>,
    /// δ beside it: the chance, below 1 in the number of visitors, to which nothing is promised. Default: 0.000001.
    pub delta: Option<f64>,
}

impl PrivacyConfig {
    /// With defaults for what is not said.
    pub fn settled(&self) -> Privacy {
        let default = Privacy::default();
        let delta = self.delta.unwrap_or(Privacy::DELTA);
        Privacy {
            min_visitors: self.k,
            max_events_per_visitor: self.max_events_per_visitor.unwrap_or(default.max_events_per_visitor),
            noise: self.epsilon.map(|epsilon| Noise { epsilon, delta }),
        }
    }

    /// Whether an item is in a sensitive category.
    pub(super) fn is_sensitive(&self, category: &[String]) -> bool {
        self.sensitive.iter().any(|path| leads_to(path, category))
    }
}

/// Whether a category is the one of a path, or below it.
pub(super) fn leads_to(path: &str, category: &[String]) -> bool {
    let steps: Vec<&str> = path.split('>').map(str::trim).collect();
    let alike = |(step, level): (&&str, &String)| step.to_lowercase() == level.to_lowercase();
    steps.len() <= category.len() && steps.iter().zip(category).all(alike)
}

/// What counts where several rows of a catalog are about one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedItem {
    /// The last row, whole: right for a catalog to which corrections are appended.
    Last,
    /// For each attribute its most frequent value, the first such: right for an event log read as a catalog.
    MostFrequent,
}

impl Config {
    /// Reads a TOML file. Fails with the line and the key where it is wrong, unknown keys included.
    pub fn load(path: &Path) -> Result<Config, InputError> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|source| InputError::Open { file: file.clone(), source })?;
        Config::parse(&file, &text)
    }

    /// Reads TOML; `file` is the name for messages.
    pub fn parse(file: &str, text: &str) -> Result<Config, InputError> {
        let config: Config = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let (line, key) = locate(text, start);
            InputError::Config { file: file.to_owned(), line, key, problem: error.message().trim_end().to_owned() }
        })?;
        config.check()?;
        Ok(config)
    }

    /// Whether every value is one that it can be; readers ask again, since flags may have changed it.
    pub fn check(&self) -> Result<(), InputError> {
        let cleaning = &self.cleaning;
        let not_negative = |value: f64| value.is_finite() && value >= 0.0;
        let problem = |names: &'_ Option<ColumnNames>, taken: &[&str]| {
            let (name, problem) = names.as_ref().and_then(|names| names.problem(taken)).unwrap_or_default();
            (problem.is_empty(), format!("{name:?}"), problem)
        };
        let attributes = problem(&self.catalog.attributes, &[]);
        let context = problem(&self.events.context, &["season", "daypart", "weekend"]);
        let checks = [
            (attributes.0, "catalog.attributes", attributes.1, attributes.2),
            (context.0, "events.context", context.1, context.2),
            (
                (-14.0..=14.0).contains(&self.events.utc_offset),
                "events.utc_offset",
                self.events.utc_offset.to_string(),
                "must be hours from -14 to 14, e.g. 5.5",
            ),
            (
                cleaning.gap_minutes.is_none_or(|minutes| minutes.is_finite() && minutes > 0.0),
                "cleaning.gap_minutes",
                cleaning.gap_minutes.unwrap_or_default().to_string(),
                "must be more than 0",
            ),
            (
                not_negative(cleaning.refresh_seconds),
                "cleaning.refresh_seconds",
                cleaning.refresh_seconds.to_string(),
                "must be 0 or more; 0 keeps all",
            ),
            (
                not_negative(cleaning.clock_skew_days),
                "cleaning.clock_skew_days",
                cleaning.clock_skew_days.to_string(),
                "must be 0 or more; 0 keeps all",
            ),
            (
                (0.0..=1.0).contains(&cleaning.bad_line_share),
                "cleaning.bad_line_share",
                cleaning.bad_line_share.to_string(),
                "must be a share from 0 to 1, e.g. 0.05 for five of a hundred rows",
            ),
            (
                self.columns.time.as_ref().is_none_or(|columns| columns.len() <= 6),
                "columns.time",
                format!("{:?}", self.columns.time.as_deref().unwrap_or_default()),
                "must be at most six columns: year, month, day, hour, minute, second",
            ),
            (
                self.file.delimiter.is_none_or(|delimiter| delimiter.is_ascii() && !"\"\r\n".contains(delimiter)),
                "file.delimiter",
                format!("{:?}", self.file.delimiter.unwrap_or_default()),
                "must be one ASCII character, no quote and no line end",
            ),
            (
                (0.0..=1.0).contains(&self.impressions.position_correction),
                "impressions.position_correction",
                self.impressions.position_correction.to_string(),
                "must be a share from 0 to 1",
            ),
            (
                !self.impressions.separator.is_empty(),
                "impressions.separator",
                format!("{:?}", self.impressions.separator),
                "must be what stands between two items of a list, e.g. \"|\"",
            ),
            (
                !self.privacy.sensitive.iter().any(|path| path.split('>').any(|step| step.trim().is_empty())),
                "privacy.sensitive",
                format!("{:?}", self.privacy.sensitive),
                "must be paths of categories, e.g. \"health\" or \"adult > toys\"",
            ),
            (
                self.privacy.k.is_none_or(|k| k >= Privacy::MIN_VISITORS),
                "privacy.k",
                format!("{:?}", self.privacy.k.unwrap_or_default()),
                "must be 3 or more: what fewer people did is theirs",
            ),
            (
                self.privacy.max_events_per_visitor != Some(0),
                "privacy.max_events_per_visitor",
                "0".to_owned(),
                "must be 1 or more",
            ),
            (
                self.privacy.epsilon.is_none_or(|epsilon| epsilon > 0.0 && epsilon <= 50.0),
                "privacy.epsilon",
                self.privacy.epsilon.unwrap_or_default().to_string(),
                "must be more than 0 and at most 50; 1 protects well, 8 little",
            ),
            (
                self.privacy.delta.is_none_or(|delta| delta > 0.0 && delta < 0.1),
                "privacy.delta",
                self.privacy.delta.unwrap_or_default().to_string(),
                "must be more than 0, and below 1 in the number of visitors, e.g. 0.000001",
            ),
        ];
        match checks.into_iter().find(|(holds, ..)| !holds) {
            Some((_, key, value, problem)) => Err(InputError::Setting { key, value, problem }),
            None => Ok(()),
        }
    }
}

/// The line (1-based) of a byte of TOML, and the key on it with its table.
fn locate(text: &str, byte: usize) -> (usize, String) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count();
    let on_line = text.lines().nth(line).unwrap_or_default();
    let Some((key, _)) = on_line.split_once('=') else { return (line + 1, String::new()) };
    let table = before.lines().rev().find_map(|line| line.trim().strip_prefix('[')?.strip_suffix(']'));
    let key = key.trim();
    (line + 1, table.map_or_else(|| key.to_owned(), |table| format!("{}.{key}", table.trim())))
}

/// Takes `"a"` for `["a"]`.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    struct OneOrMany;

    impl<'de> Visitor<'de> for OneOrMany {
        type Value = Vec<String>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a column's name or a list of names")
        }

        fn visit_str<E: de::Error>(self, name: &str) -> Result<Vec<String>, E> {
            Ok(vec![name.to_owned()])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Vec<String>, A::Error> {
            let mut columns = Vec::new();
            while let Some(name) = names.next_element()? {
                columns.push(name);
            }
            Ok(columns)
        }
    }

    deserializer.deserialize_any(OneOrMany).map(Some)
}
