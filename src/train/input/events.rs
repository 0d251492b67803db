//! Reads an event log: understands each row, and keeps what cleaning needs of it.

use std::{collections::HashSet, hash::Hasher};

use csv::ByteRecord;
use twox_hash::XxHash64;

use super::{
    catalog::amount,
    clean,
    columns::EventPlaces,
    config::Config,
    error::InputError,
    interner::Interner,
    kinds::Kinds,
    progress::Progress,
    report::{Flaw, IntakeReport, Reason, SHOWN_FLAWS, Tally},
    rows::{Row, RowSink, read_all},
    source::{OpenFile, Source},
    timestamp::{self, Moment},
};
use crate::{session::EventKind, train::Sessions};

/// Of fewer sessions, or steps within them, nobody can say what is usual.
pub(super) const MANY: usize = 100;

/// Stands between the words of a context.
pub(super) const JOINT: &str = "\u{1f}";

/// Reads one or several files as one event log, cleans it and cuts it into sessions.
///
/// Memory is about 40 bytes an event while reading and 60 while cleaning, beside the texts of the different ids.
/// `docs/INPUT.md` says what each rule does. The result depends on the rows and their order alone.
///
/// # Errors
///
/// Where a file cannot be read or its columns not be found, where more rows than allowed cannot be understood, and
/// where no row is left.
pub fn read_events(
    sources: &[Source],
    config: &Config,
    progress: &dyn Progress,
) -> Result<(Sessions, IntakeReport), InputError> {
    config.check()?;
    let mut log = EventLog::new(config);
    let files = read_all(sources, &config.file, progress, &mut log)?;
    clean::clean(log, files, config)
}

/// A row that was understood.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawEvent {
    /// Milliseconds since the Unix epoch, or the number that was read, until [`super::clock`] has settled it.
    pub(super) time: f64,
    /// Orders events of the same time, before their order in the file.
    pub(super) order: i64,
    /// Index into [`EventLog::groups`].
    pub(super) group: u32,
    /// Number of the item's id.
    pub(super) item: u32,
    /// Number of the words of its context.
    pub(super) context: u32,
    /// Hash of the whole row. Compared only between events that are alike in everything else that is known of them.
    pub(super) fingerprint: u32,
    /// Pieces, never negative; 1 where the log does not say.
    pub(super) quantity: f32,
    pub(super) kind: EventKind,
    /// Whether `time` was a number, not a date.
    pub(super) has_number: bool,
    /// Why the event is not among the sessions, once that is known.
    pub(super) dropped: Option<Reason>,
}

/// Events that belong together: those of one session, or, to be cut at gaps, those of one visitor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    /// The number of the session's id; none where it is all of a visitor's events.
    session: Option<u32>,
    /// The number of the first visitor that was named.
    pub(super) visitor: Option<u32>,
    /// Whether more than one visitor was named.
    pub(super) is_mixed: bool,
}

impl Group {
    /// Whether it is all of a visitor's events.
    pub(super) fn is_visitor(&self) -> bool {
        self.session.is_none()
    }
}

/// All rows that were understood, and a count of those that were not.
pub(super) struct EventLog<'a> {
    config: &'a Config,
    ignored_items: HashSet<&'a str>,
    places: Option<EventPlaces>,
    sessions_are_of_visitor: bool,
    pub(super) kinds: Kinds,
    pub(super) events: Vec<RawEvent>,
    pub(super) items: Interner,
    /// The words of the context's columns, joined by [`JOINT`].
    pub(super) contexts: Interner,
    /// While reading one for each visitor of a session.
    pub(super) groups: Vec<Group>,
    group_ids: Interner,
    session_ids: Interner,
    visitor_ids: Interner,
    pub(super) rows_read: u64,
    pub(super) losses: Tally,
    pub(super) bad_lines: Vec<Flaw>,
    /// The first few timestamps that are dates, in case they turn out to be the odd ones, as flaws.
    pub(super) first_dates: Vec<Flaw>,
    /// The first few that are numbers.
    pub(super) first_numbers: Vec<Flaw>,
}

/// Why a row is not among the events.
enum Refusal {
    Dropped(Reason),
    Bad(Reason, Flaw),
    TooLarge,
}

impl From<Flaw> for Refusal {
    fn from(flaw: Flaw) -> Refusal {
        Refusal::Bad(Reason::UnparsableLine, flaw)
    }
}

impl<'a> EventLog<'a> {
    fn new(config: &'a Config) -> EventLog<'a> {
        EventLog {
            config,
            ignored_items: config.cleaning.ignored_items.iter().map(String::as_str).collect(),
            places: None,
            sessions_are_of_visitor: false,
            kinds: Kinds::new(&config.events),
            events: Vec::new(),
            items: Interner::default(),
            contexts: Interner::default(),
            groups: Vec::new(),
            group_ids: Interner::default(),
            session_ids: Interner::default(),
            visitor_ids: Interner::default(),
            rows_read: 0,
            losses: Tally::default(),
            bad_lines: Vec::new(),
            first_dates: Vec::new(),
            first_numbers: Vec::new(),
        }
    }

    /// Forgets what only reading needs: the ids of sessions and visitors. One session id makes one group, whoever is named,
    /// unless ids are used again, or are no more than a visitor's own: then there is a session for each visitor of an id.
    /// Returns whether they are used again.
    pub(super) fn finish_reading(&mut self, may_be_used_again: bool) -> bool {
        let n_sessions = self.session_ids.len();
        self.group_ids = Interner::default();
        self.session_ids = Interner::default();
        self.visitor_ids = Interner::default();
        let n_named = self.groups.iter().filter(|group| group.session.is_some() && group.visitor.is_some()).count();
        // Who is somebody else at every event is no visitor.
        let are_visits = n_named >= 2 * n_sessions && self.events.len() >= 2 * n_named;
        if may_be_used_again && n_named >= MANY && are_visits {
            return true;
        }
        if self.sessions_are_of_visitor {
            return false;
        }
        let mut first_of = vec![None; n_sessions];
        let mut joined = Vec::with_capacity(self.groups.len());
        for index in 0..self.groups.len() {
            let Group { session, visitor, .. } = self.groups[index];
            let first = session.map_or(index, |session| *first_of[session as usize].get_or_insert(index));
            let group = &mut self.groups[first];
            group.is_mixed |= visitor.is_some() && group.visitor.is_some() && visitor != group.visitor;
            group.visitor = group.visitor.or(visitor);
            // Reading has seen to it that every group has a number of 32 bits.
            joined.push(first as u32);
        }
        self.events.iter_mut().for_each(|event| event.group = joined[event.group as usize]);
        false
    }

    /// The group of the event with this number.
    pub(super) fn group_of(&self, row: u32) -> &Group {
        &self.groups[self.events[row as usize].group as usize]
    }

    fn understand(&mut self, row: &Row<'_>, places: &EventPlaces) -> Result<RawEvent, Refusal> {
        let quantity = number_at(row, places.quantity)?.unwrap_or(1.0);
        let order = whole_number_at(row, places.order)?;

        let word = row.text_of(places.event)?;
        let item_id = row.id(places.item)?;
        if word.is_empty() && item_id.is_empty() && !row.text_of(places.query)?.is_empty() {
            return Err(Refusal::Dropped(Reason::Search));
        }
        let kind = match self.kinds.kind_of(word) {
            None => return Err(Refusal::Dropped(Reason::OtherEvent)),
            Some(EventKind::Answer) => return Err(Refusal::Dropped(Reason::OtherEvent)),
            Some(EventKind::Search) => return Err(Refusal::Dropped(Reason::Search)),
            Some(EventKind::Impression) => return Err(Refusal::Dropped(Reason::Impression)),
            Some(kind) if kind.is_aversion() => return Err(Refusal::Dropped(Reason::Aversion)),
            Some(kind) => kind,
        };
        if item_id.is_empty() {
            return Err(Refusal::Dropped(Reason::MissingItem));
        }
        if self.ignored_items.contains(item_id) {
            return Err(Refusal::Dropped(Reason::IgnoredItem));
        }
        let session_id = row.text_of(places.session)?;
        let visitor_id = row.text_of(places.visitor)?;
        if session_id.is_empty() && (places.session.is_some() || visitor_id.is_empty()) {
            return Err(Refusal::Dropped(Reason::MissingSession));
        }
        let (time, has_number) = self.time_at(row, places)?;
        let context = places.context.iter().map(|&(_, column)| row.text(column));
        let context = context.collect::<Result<Vec<_>, _>>()?.join(JOINT);
        let prefix = self.config.events.cancelled_session_prefix.as_deref();
        let is_cancelled = prefix.is_some_and(|prefix| !prefix.is_empty() && session_id.starts_with(prefix));
        Ok(RawEvent {
            time,
            order,
            group: self.group(session_id, visitor_id).ok_or(Refusal::TooLarge)?,
            item: self.items.intern(item_id).ok_or(Refusal::TooLarge)?,
            context: self.contexts.intern(&context).ok_or(Refusal::TooLarge)?,
            fingerprint: fingerprint(row.record),
            quantity: quantity.abs(),
            kind: match kind {
                _ if is_cancelled => EventKind::Return,
                EventKind::AddToCart if quantity < 0.0 => EventKind::RemoveFromCart,
                _ if quantity < 0.0 => EventKind::Return,
                kind => kind,
            },
            has_number,
            dropped: None,
        })
    }

    /// The time, and whether it is a number of unknown unit.
    fn time_at(&mut self, row: &Row<'_>, places: &EventPlaces) -> Result<(f64, bool), Refusal> {
        if places.time.is_empty() {
            return Ok((self.rows_read as f64, true));
        }
        let values = places.time.iter().map(|&column| row.text(column)).collect::<Result<Vec<_>, _>>()?;
        if values.contains(&"") {
            return Err(Refusal::Dropped(Reason::MissingTimestamp));
        }
        let flaw = |problem: &str| row.flaw(places.time[0], &values.join(" "), problem);
        let keep = |first: &mut Vec<Flaw>, problem: &str| {
            if first.len() < SHOWN_FLAWS {
                first.push(flaw(problem));
            }
        };
        match timestamp::parse(&values, self.config.columns.time_format.as_deref()) {
            Some(Moment::Date(time)) => {
                keep(&mut self.first_dates, "a date, but most timestamps are ordinals");
                Ok((time, false))
            }
            Some(Moment::Number(time)) => {
                keep(&mut self.first_numbers, "an ordinal, but most timestamps are dates");
                Ok((time, true))
            }
            None => Err(Refusal::Bad(
                Reason::BadTimestamp,
                flaw("not a timestamp. Say how it is written with [columns] time_format"),
            )),
        }
    }

    /// The number of the session of a visitor, or of the visitor where no session is named.
    fn group(&mut self, session_id: &str, visitor_id: &str) -> Option<u32> {
        let visitor = if visitor_id.is_empty() { None } else { Some(self.visitor_ids.intern(visitor_id)?) };
        let session = if session_id.is_empty() { None } else { Some(self.session_ids.intern(session_id)?) };
        let number = |id: Option<u32>| id.map_or(String::new(), |id| id.to_string());
        let group = self.group_ids.intern(&format!("{}/{}", number(session), number(visitor)))?;
        if group as usize == self.groups.len() {
            self.groups.push(Group { session, visitor, is_mixed: false });
        }
        Some(group)
    }

    pub(super) fn lose_bad(&mut self, reason: Reason, flaw: Flaw) {
        self.losses.add(reason);
        if self.bad_lines.len() < SHOWN_FLAWS {
            self.bad_lines.push(flaw);
        }
    }
}

impl RowSink for EventLog<'_> {
    fn begin(&mut self, file: &OpenFile) -> Result<(), InputError> {
        let Config { columns, events, .. } = self.config;
        let places = EventPlaces::find(&file.name, file.rows.columns(), columns, events.context.as_ref())?;
        self.sessions_are_of_visitor |= places.sessions_are_of_visitor;
        self.places = Some(places);
        Ok(())
    }

    fn take(&mut self, row: &Row<'_>) -> Result<(), InputError> {
        // Taken out for the time of the call, so that the rest of `self` can be changed.
        let Some(places) = self.places.take() else { return Ok(()) };
        let outcome = self.understand(row, &places);
        self.places = Some(places);
        self.rows_read += 1;
        match outcome {
            Ok(event) => self.events.push(event),
            Err(Refusal::Dropped(reason)) => self.losses.add(reason),
            Err(Refusal::Bad(reason, flaw)) => self.lose_bad(reason, flaw),
            Err(Refusal::TooLarge) => return Err(InputError::TooLarge { file: row.file.name.clone() }),
        }
        // Events are numbered in 32 bits later.
        if self.events.len() > u32::MAX as usize {
            return Err(InputError::TooLarge { file: row.file.name.clone() });
        }
        Ok(())
    }

    fn take_flaw(&mut self, flaw: Flaw) {
        self.rows_read += 1;
        self.lose_bad(Reason::UnparsableLine, flaw);
    }
}

/// The number in a column, `None` where there is none.
fn number_at(row: &Row<'_>, column: Option<usize>) -> Result<Option<f32>, Flaw> {
    let Some(column) = column else { return Ok(None) };
    let text = row.text(column)?;
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse().ok().filter(|number: &f64| number.is_finite()).or_else(|| amount(text)) {
        Some(number) => Ok(Some(number as f32)),
        None => Err(row.flaw(column, text, "not a number")),
    }
}

/// The whole number in a column (`3` or `3.0`), 0 where there is none.
fn whole_number_at(row: &Row<'_>, column: Option<usize>) -> Result<i64, Flaw> {
    let Some(column) = column else { return Ok(0) };
    let text = row.text(column)?;
    let digits = text.strip_suffix(".0").unwrap_or(text);
    if digits.is_empty() { Ok(0) } else { digits.parse().map_err(|_| row.flaw(column, text, "not a whole number")) }
}

/// A hash of all values of a row, the same from every format.
fn fingerprint(record: &ByteRecord) -> u32 {
    let mut hasher = XxHash64::with_seed(0);
    for field in record {
        hasher.write(field);
        hasher.write(&[0xff]);
    }
    hasher.finish() as u32
}
