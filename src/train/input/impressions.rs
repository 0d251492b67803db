//! Reads a log with shown lists.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;
use twox_hash::XxHash64;

use super::columns::{EventPlaces, ImpressionPlaces};
use super::config::Config;
use super::error::InputError;
use super::interner::Interner;
use super::kinds::Kinds;
use super::progress::Progress;
use super::report::{Flaw, SHOWN_FLAWS};
use super::rows::{Row, RowSink, read_all};
use super::source::{OpenFile, Source};
use super::timestamp::{self, Moment, Unit, is_in_calendar};
use crate::session::EventKind;
use crate::train::{Impressions, LoggedEvent, LoggedSession, Shown};

/// What became of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImpressionReport {
    /// Rows in all.
    pub rows: u64,
    /// Rows with a list.
    pub lists: u64,
    /// Lists in which one of the items shown was clicked.
    pub clicked_lists: u64,
    /// Rows that are neither a list nor an event of a session: another word, no item, no session, no time, or one beyond the
    /// calendar.
    pub dropped: u64,
    /// Rows that cannot be understood.
    pub bad: u64,
}

impl fmt::Display for ImpressionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ImpressionReport { rows, lists, clicked_lists, dropped, bad } = self;
        write!(f, "{rows} rows, {lists} lists, {clicked_lists} of them clicked; {dropped} dropped, {bad} bad")
    }
}

/// Reads one or several files as one log with shown lists. Nothing is cleaned: what was shown was shown.
///
/// # Errors
///
/// Where a file cannot be read or its columns not be found, where more rows than allowed cannot be understood, and
/// where no list was clicked.
pub fn read_impressions(
    sources: &[Source],
    config: &Config,
    progress: &dyn Progress,
) -> Result<(Impressions, ImpressionReport), InputError> {
    config.check()?;
    let mut log = ListLog {
        config,
        places: None,
        kinds: Kinds::new(&config.events),
        items: Interner::default(),
        session_ids: Interner::default(),
        sessions: Vec::new(),
        report: ImpressionReport::default(),
        flaws: Vec::new(),
    };
    let files = read_all(sources, &config.file, progress, &mut log)?;
    let ListLog { mut report, flaws, .. } = log;
    let allowed = (report.rows as f64 * config.cleaning.bad_line_share).max(config.cleaning.bad_line_minimum as f64);
    if report.bad as f64 > allowed {
        let (bad, rows, share) = (report.bad, report.rows, config.cleaning.bad_line_share);
        return Err(InputError::TooManyBadLines { bad, rows, share, samples: flaws });
    }
    let (impressions, n_beyond) = settle(log.items, log.sessions);
    report.dropped += n_beyond;
    report.clicked_lists = impressions.clicked_lists().count() as u64;
    if report.clicked_lists == 0 {
        return Err(InputError::NothingLeft {
            file: files.iter().map(|file| file.file.as_str()).collect::<Vec<_>>().join(", "),
            rows: report.rows,
            reasons: report.to_string(),
            hint: "A list counts where its row's item is one of those shown, see [impressions].".to_owned(),
            samples: flaws,
        });
    }
    Ok((impressions, report))
}

/// An event before times and items are settled.
struct RawEvent {
    time: Moment,
    order: i64,
    event: LoggedEvent,
}

struct ListLog<'a> {
    config: &'a Config,
    places: Option<(EventPlaces, ImpressionPlaces)>,
    kinds: Kinds,
    items: Interner,
    session_ids: Interner,
    sessions: Vec<(u64, Vec<RawEvent>)>,
    report: ImpressionReport,
    flaws: Vec<Flaw>,
}

impl ListLog<'_> {
    /// Files a row under its session; false if it says nothing.
    fn understand(&mut self, row: &Row<'_>, places: &(EventPlaces, ImpressionPlaces)) -> Result<bool, Flaw> {
        let (events, lists) = places;
        let word = row.text_of(events.event)?;
        let shown = self.list(row, lists)?;
        let is_click = match self.config.impressions.clicks.as_slice() {
            [] => self.kinds.kind_of(word) == Some(EventKind::Click),
            words => words.iter().any(|click| click == word),
        };
        let item_id = row.id(events.item)?;
        let kind = match self.kinds.kind_of(word) {
            _ if shown.is_some() && is_click => EventKind::Click,
            Some(kind) if kind == EventKind::Answer || kind.is_aversion() => return Ok(false),
            Some(kind) => kind,
            None if shown.is_some() => EventKind::Impression,
            None => return Ok(false),
        };
        let has_item = !item_id.is_empty() && !matches!(kind, EventKind::Search | EventKind::Impression);
        if shown.is_none() && !has_item && kind != EventKind::Search {
            return Ok(false);
        }
        let (session_id, visitor_id) = (row.text_of(events.session)?, row.text_of(events.visitor)?);
        let named = if session_id.is_empty() { visitor_id } else { session_id };
        let Some(time) = self.time(row, events)? else { return Ok(false) };
        if named.is_empty() {
            return Ok(false);
        }
        let order = row.text_of(events.order)?;
        let order = order.strip_suffix(".0").unwrap_or(order).parse().unwrap_or(0);
        let too_many = || row.flaw(events.item, item_id, "beyond 4,294,967,295 different ids");
        let item = if has_item { Some(self.items.intern(item_id).ok_or_else(too_many)?) } else { None };
        let mut shown = shown;
        if let Some(shown) = &mut shown {
            self.report.lists += 1;
            shown.clicked = shown.items.iter().position(|&shown| is_click && Some(shown) == item);
        }
        let visitor = if visitor_id.is_empty() { named } else { visitor_id };
        let visitor = XxHash64::oneshot(0, visitor.as_bytes());
        let session = self.session_ids.intern(&format!("{visitor}/{named}")).ok_or_else(too_many)? as usize;
        if session == self.sessions.len() {
            self.sessions.push((visitor, Vec::new()));
        }
        let event = LoggedEvent { kind, item, timestamp_ms: 0, shown };
        self.sessions[session].1.push(RawEvent { time, order, event });
        Ok(true)
    }

    /// The row's list, if it has one.
    fn list(&mut self, row: &Row<'_>, places: &ImpressionPlaces) -> Result<Option<Shown>, Flaw> {
        let text = row.text(places.items)?;
        if text.is_empty() {
            return Ok(None);
        }
        let separator = self.config.impressions.separator.as_str();
        let values = |column, text: &str| -> Result<Vec<String>, Flaw> {
            let written = || text.split(separator).map(str::to_owned).collect();
            Ok(row.arrays(column)?.map_or_else(written, |lists| lists.concat()))
        };
        let mut items = Vec::new();
        for id in &values(places.items, text)? {
            row.check_id(places.items, id.trim())?;
            let item = self.items.intern(id.trim());
            items.push(item.ok_or_else(|| row.flaw(places.items, id, "beyond 4,294,967,295 different ids"))?);
        }
        if items.is_empty() {
            return Ok(None);
        }
        let mut prices = Vec::new();
        if let Some(column) = places.prices {
            let text = row.text(column)?;
            if !text.is_empty() {
                prices.extend(values(column, text)?.iter().map(|price| parse_price(price)));
            }
            if !prices.is_empty() && prices.len() != items.len() {
                let problem = format!("{} prices for {} items; write one each", prices.len(), items.len());
                return Err(row.flaw(column, text, &problem));
            }
        }
        Ok(Some(Shown { items, prices, surface: row.text_of(places.surface)?.to_owned(), clicked: None }))
    }

    fn time(&self, row: &Row<'_>, places: &EventPlaces) -> Result<Option<Moment>, Flaw> {
        if places.time.is_empty() {
            return Ok(Some(Moment::Number(self.report.rows as f64)));
        }
        let values = places.time.iter().map(|&column| row.text(column)).collect::<Result<Vec<_>, _>>()?;
        if values.contains(&"") {
            return Ok(None);
        }
        let time = timestamp::parse(&values, self.config.columns.time_format.as_deref());
        let flaw = || {
            row.flaw(
                places.time[0],
                &values.join(" "),
                "not a timestamp. Say how it is written with [columns] time_format",
            )
        };
        time.ok_or_else(flaw).map(Some)
    }

    fn lose(&mut self, flaw: Flaw) {
        self.report.bad += 1;
        if self.flaws.len() < SHOWN_FLAWS {
            self.flaws.push(flaw);
        }
    }
}

impl RowSink for ListLog<'_> {
    fn begin(&mut self, file: &OpenFile) -> Result<(), InputError> {
        let header = file.rows.columns();
        self.places = Some((
            EventPlaces::find(&file.name, header, &self.config.columns, None)?,
            ImpressionPlaces::find(&file.name, header, &self.config.impressions)?,
        ));
        Ok(())
    }

    fn take(&mut self, row: &Row<'_>) -> Result<(), InputError> {
        // Taken out for the time of the call, so that the rest of `self` can be changed.
        let Some(places) = self.places.take() else { return Ok(()) };
        self.report.rows += 1;
        match self.understand(row, &places) {
            Ok(true) => {}
            Ok(false) => self.report.dropped += 1,
            Err(flaw) => self.lose(flaw),
        }
        self.places = Some(places);
        Ok(())
    }

    fn take_flaw(&mut self, flaw: Flaw) {
        self.report.rows += 1;
        self.lose(flaw);
    }
}

/// NaN where it is no price.
fn parse_price(text: &str) -> f64 {
    text.trim().parse().ok().filter(|price: &f64| price.is_finite() && *price > 0.0).unwrap_or(f64::NAN)
}

/// Gives times their unit, items their number by id, and every session its order. Rows whose time no calendar has are
/// dropped, and counted.
fn settle(items: Interner, mut sessions: Vec<(u64, Vec<RawEvent>)>) -> (Impressions, u64) {
    let mut numbers: Vec<f64> = sessions
        .iter()
        .flat_map(|(_, events)| events)
        .filter_map(|event| if let Moment::Number(number) = event.time { Some(number) } else { None })
        .collect();
    numbers.sort_unstable_by(f64::total_cmp);
    let unit = numbers.get(numbers.len() / 2).map_or(Unit::Ordinal, |&median| Unit::of_median(median));
    let milliseconds = |time: Moment| match (time, unit) {
        (Moment::Date(time), _) => time,
        (Moment::Number(number), Unit::Milliseconds(each)) => number * each,
        (Moment::Number(number), Unit::Ordinal) => number * 1000.0,
    };
    let mut n_beyond = 0;
    for (_, events) in &mut sessions {
        let n_events = events.len();
        events.retain(|event| is_in_calendar(milliseconds(event.time)));
        n_beyond += (n_events - events.len()) as u64;
    }
    sessions.retain(|(_, events)| !events.is_empty());
    let mut by_id: Vec<u32> = (0..items.len() as u32).collect();
    by_id.sort_unstable_by_key(|&item| items.text(item));
    let mut numbers = vec![0; by_id.len()];
    for (number, &item) in (0..).zip(&by_id) {
        numbers[item as usize] = number;
    }
    let mut places = HashMap::new();
    let sessions = sessions.into_iter().map(|(visitor, mut events)| {
        let place = places.len();
        places.entry(visitor).or_insert(place);
        let key = |event: &RawEvent| (milliseconds(event.time) as i64, event.order);
        events.sort_by_key(key);
        let events = events.into_iter().map(|RawEvent { time, mut event, .. }| {
            event.timestamp_ms = milliseconds(time) as i64;
            event.item = event.item.map(|item| numbers[item as usize]);
            for item in event.shown.iter_mut().flat_map(|shown| &mut shown.items) {
                *item = numbers[*item as usize];
            }
            event
        });
        LoggedSession { visitor, events: events.collect() }
    });
    let mut sessions: Vec<LoggedSession> = sessions.collect();
    sessions.sort_by_key(|session| (places[&session.visitor], session.events[0].timestamp_ms));
    let item_ids = by_id.iter().map(|&item| items.text(item).to_owned()).collect();
    (Impressions { sessions, item_ids }, n_beyond)
}
