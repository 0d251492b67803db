//! Cleans a log that is all in memory, and cuts it into sessions.

use std::collections::{HashMap, HashSet};

use super::{
    clock::{self, Clock},
    column_names::ColumnNames,
    config::{CleaningConfig, Config, EventConfig},
    error::InputError,
    events::{EventLog, Group, JOINT, MANY, RawEvent},
    report::{self, FileReport, IntakeReport, Reason},
    returns, timestamp,
};
use crate::{
    session::EventKind,
    train::{Context, Interaction, Sessions, calendar_words},
};

/// Share of the sessions that begin with the least ordinal where it counts their events.
const FROM_THE_SAME: f64 = 0.9;
/// Share of a visitor's steps that come within the usual gap where there are visits at all.
const WITHIN_GAP: f64 = 0.1;
/// Share of the rows that is worth a word if their clock is wrong.
const REMARKABLE: f64 = 0.01;
/// The same if they are bots'.
const MUCH: f64 = 0.2;

/// A session, before it is known whether anything of it is left. Small, since there are millions.
struct Cut {
    /// Where its events begin among the rows in order.
    start: u32,
    end: u32,
    is_bot: bool,
}

impl Cut {
    /// Its rows, of all the rows in order; at least one.
    fn rows<'a>(&self, rows: &'a [u32]) -> &'a [u32] {
        &rows[self.start as usize..self.end as usize]
    }
}

/// Cleans what was read, in the order of [`Reason::ALL`], and gives the sessions and the account of every row.
pub(super) fn clean(
    mut log: EventLog<'_>,
    files: Vec<FileReport>,
    config: &Config,
) -> Result<(Sessions, IntakeReport), InputError> {
    let cleaning = &config.cleaning;
    let are_ids_used_again = log.finish_reading(!cleaning.visitors_apart);
    let clock = clock::settle(&mut log, cleaning.clock_skew_days);
    fail_if_too_many_are_bad(&log, cleaning)?;

    let (mut rows, starts) = rows_by_group(&log);
    for bounds in starts.windows(2) {
        let of_group = &mut rows[bounds[0]..bounds[1]];
        sort_by_time(&log.events, of_group);
        drop_repeated(&mut log.events, of_group);
    }
    let returns_without_purchase = returns::cancel(&mut log, &rows);
    rows.retain(|&row| log.events[row as usize].dropped.is_none());
    let are_steps = !clock.has_dates && !cleaning.visitors_apart && take_as_steps(&mut log, &rows);

    let gap_ms = gap_ms(&log, &rows, clock, cleaning);
    let mut cuts = cut(&log, &rows, gap_ms);
    for cut in &mut cuts {
        let of_session = cut.rows(&rows);
        let can_be_long = gap_ms.is_some() || !log.group_of(of_session[0]).is_visitor();
        if is_bot(&log.events, of_session, can_be_long, clock, cleaning) {
            cut.is_bot = true;
            of_session.iter().for_each(|&row| log.events[row as usize].dropped = Some(Reason::Bot));
        } else if cleaning.refresh_seconds > 0.0 && clock.can_tell(cleaning.refresh_seconds * 1e3) {
            drop_refreshes(&mut log.events, of_session, cleaning.refresh_seconds * 1e3);
        }
    }
    drop_rare(&mut log, cleaning.min_item_events);

    let sessions = gather(&log, &rows, &cuts, clock, &config.events);
    for event in &log.events {
        if let Some(reason) = event.dropped {
            log.losses.add(reason);
        }
    }
    let mut notes = notes(&log, &files, clock, cleaning, returns_without_purchase);
    let visitors_are_whole = gap_ms.is_none() && log.groups.iter().any(Group::is_visitor);
    for (holds, note) in [
        (
            visitors_are_whole && !clock.has_dates,
            "Without dates there are no gaps: all events of a visitor are one session, and long ones are kept.",
        ),
        (
            visitors_are_whole && clock.has_dates,
            "Visitors hardly ever do two things within 30 minutes: all events of a visitor are one session. [cleaning] \
             gap_minutes cuts them.",
        ),
        (
            are_steps,
            "Times count from the same number in nearly every session, and order its events alone: sessions are taken in \
             the order of the file.",
        ),
        (
            are_ids_used_again,
            "Session ids are used again by other visitors: each visitor's events of an id are a session.",
        ),
    ] {
        if holds {
            notes.push(note.to_owned());
        }
    }
    if sessions.is_empty() {
        return Err(InputError::NothingLeft {
            file: report::names(&files),
            rows: log.rows_read,
            reasons: log.losses.summary(),
            hint: log.kinds.unknown_note().or_else(|| bot_note(&log, 0.0)).unwrap_or_default(),
            samples: log.bad_lines,
        });
    }
    let times = || sessions.events.iter().map(|event| event.timestamp_ms).filter(|_| clock.has_dates);
    let report = IntakeReport {
        files,
        rows_read: log.rows_read,
        rows_kept: sessions.events.len() as u64,
        dropped: log.losses.list(&Reason::ALL),
        sessions: sessions.len() as u64,
        single_event_sessions: sessions.iter().filter(|session| session.len() == 1).count() as u64,
        bot_sessions: cuts.iter().filter(|cut| cut.is_bot).count() as u64,
        items: sessions.item_ids.len() as u64,
        visitors: sessions.visitors.iter().max().map_or(0, |&last| u64::from(last) + 1),
        has_dates: clock.has_dates,
        first: times().min().and_then(timestamp::written),
        last: times().max().and_then(timestamp::written),
        bad_lines: log.bad_lines,
        notes,
    };
    Ok((sessions, report))
}

fn fail_if_too_many_are_bad(log: &EventLog<'_>, cleaning: &CleaningConfig) -> Result<(), InputError> {
    let settled_bad = log.events.iter().filter(|event| event.dropped == Some(Reason::BadTimestamp)).count() as u64;
    let bad = log.losses.of(Reason::UnparsableLine) + log.losses.of(Reason::BadTimestamp) + settled_bad;
    if bad > cleaning.bad_line_minimum && bad as f64 > cleaning.bad_line_share * log.rows_read as f64 {
        return Err(InputError::TooManyBadLines {
            bad,
            rows: log.rows_read,
            share: cleaning.bad_line_share,
            samples: log.bad_lines.clone(),
        });
    }
    Ok(())
}

/// The numbers of the events that are not dropped, by group, each group's in the order of the file; and where each
/// group begins, with the end at last.
fn rows_by_group(log: &EventLog<'_>) -> (Vec<u32>, Vec<usize>) {
    let kept = || log.events.iter().enumerate().filter(|(_, event)| event.dropped.is_none());
    let mut starts = vec![0_usize; log.groups.len() + 1];
    kept().for_each(|(_, event)| starts[event.group as usize + 1] += 1);
    for group in 0..log.groups.len() {
        starts[group + 1] += starts[group];
    }
    let mut next = starts.clone();
    let mut rows = vec![0; starts.last().copied().unwrap_or_default()];
    for (index, event) in kept() {
        let place = &mut next[event.group as usize];
        // Reading has seen to it that every event has a number of 32 bits.
        rows[*place] = index as u32;
        *place += 1;
    }
    (rows, starts)
}

/// Oldest first; at the same time by the order column, then as in the file.
fn sort_by_time(events: &[RawEvent], rows: &mut [u32]) {
    rows.sort_unstable_by(|&a, &b| {
        let (left, right) = (&events[a as usize], &events[b as usize]);
        left.time.total_cmp(&right.time).then(left.order.cmp(&right.order)).then(a.cmp(&b))
    });
}

/// Keeps the first of rows that are alike in every value. They have the same time, so they are near each other.
fn drop_repeated(events: &mut [RawEvent], rows: &[u32]) {
    if rows.len() < 2 {
        return;
    }
    let mut seen = HashSet::new();
    for same_time in rows.chunk_by(|&a, &b| events[a as usize].time == events[b as usize].time).collect::<Vec<_>>() {
        if same_time.len() < 2 {
            continue;
        }
        seen.clear();
        for &row in same_time {
            let event = &mut events[row as usize];
            if !seen.insert((event.item, event.order, event.kind, event.fingerprint)) {
                event.dropped = Some(Reason::RepeatedRow);
            }
        }
    }
}

/// Where ordinals count the events of every session from the same number on, numbers all events instead: session by session,
/// in the order of the file. Returns whether they do.
fn take_as_steps(log: &mut EventLog<'_>, rows: &[u32]) -> bool {
    let group = |row: u32| log.events[row as usize].group;
    let mut groups: Vec<&[u32]> = rows.chunk_by(|&a, &b| group(a) == group(b)).collect();
    let first = |rows: &[u32]| log.events[rows[0] as usize].time;
    let least = groups.iter().map(|rows| first(rows)).fold(f64::INFINITY, f64::min);
    let n_least = groups.iter().filter(|rows| first(rows) == least).count();
    if groups.len() < MANY || (n_least as f64) < FROM_THE_SAME * groups.len() as f64 {
        return false;
    }
    groups.sort_unstable_by_key(|rows| rows.iter().min());
    for (number, &row) in groups.into_iter().flatten().enumerate() {
        log.events[row as usize].time = number as f64;
    }
    true
}

/// Milliseconds without an event that end a visitor's session; none if nothing does: without dates, and where the usual gap
/// would leave next to no step within a session.
fn gap_ms(log: &EventLog<'_>, rows: &[u32], clock: Clock, cleaning: &CleaningConfig) -> Option<f64> {
    const USUAL_MINUTES: f64 = 30.0;
    let gap_ms = cleaning.gap_minutes.unwrap_or(USUAL_MINUTES) * 60e3;
    let (mut n_steps, mut n_within) = (0, 0);
    for pair in rows.windows(2) {
        let [before, after] = [pair[0], pair[1]].map(|row| &log.events[row as usize]);
        if before.group == after.group && log.groups[after.group as usize].is_visitor() && before.item != after.item {
            n_steps += 1;
            n_within += usize::from(after.time - before.time <= gap_ms);
        }
    }
    let can_be_judged = cleaning.gap_minutes.is_none() && !cleaning.visitors_apart && n_steps >= MANY;
    let is_usual = n_within as f64 >= WITHIN_GAP * n_steps as f64;
    (clock.has_dates && (is_usual || !can_be_judged)).then_some(gap_ms)
}

/// One cut a session that the log names; a visitor's events cut wherever nothing happened for the gap.
fn cut(log: &EventLog<'_>, rows: &[u32], gap_ms: Option<f64>) -> Vec<Cut> {
    let belongs_together = |&a: &u32, &b: &u32| {
        let (before, after) = (&log.events[a as usize], &log.events[b as usize]);
        let is_gap = |gap_ms| log.groups[before.group as usize].is_visitor() && after.time - before.time > gap_ms;
        before.group == after.group && !gap_ms.is_some_and(is_gap)
    };
    let mut end = 0;
    rows.chunk_by(belongs_together)
        .map(|chunk| {
            let start = end;
            // There are no more rows than 32 bits can number, see `rows_by_group`.
            end += chunk.len() as u32;
            Cut { start, end, is_bot: false }
        })
        .collect()
}

fn is_page(kind: EventKind) -> bool {
    matches!(kind, EventKind::View | EventKind::Click)
}

/// Whether there are more views and clicks than a person makes, in the session or in any minute of it. Purchases are not
/// looked at: an invoice of a thousand lines is a wholesaler's.
///
/// `can_be_long`: where a visitor's whole history is one session, its length says nothing.
fn is_bot(events: &[RawEvent], rows: &[u32], can_be_long: bool, clock: Clock, cleaning: &CleaningConfig) -> bool {
    let times: Vec<f64> = rows
        .iter()
        .map(|&row| &events[row as usize])
        .filter(|event| is_page(event.kind))
        .map(|event| event.time)
        .collect();
    let is_long = cleaning.bot_session_events > 0 && can_be_long && times.len() > cleaning.bot_session_events;
    let is_fast = || {
        cleaning.bot_minute_events > 0
            && clock.can_tell(60e3)
            && times.iter().zip(times.iter().skip(cleaning.bot_minute_events)).any(|(first, last)| last - first < 60e3)
    };
    is_long || is_fast()
}

/// Drops views and clicks of the item that the event right before was about in the same way, a moment ago.
fn drop_refreshes(events: &mut [RawEvent], rows: &[u32], refresh_ms: f64) {
    for pair in rows.windows(2) {
        let (before, after) = (events[pair[0] as usize], &mut events[pair[1] as usize]);
        let is_same = before.item == after.item && before.kind == after.kind;
        if is_same && is_page(after.kind) && after.time - before.time <= refresh_ms {
            after.dropped = Some(Reason::PageRefresh);
        }
    }
}

fn drop_rare(log: &mut EventLog<'_>, min_item_events: u32) {
    let mut counts = vec![0_u32; log.items.len()];
    for event in log.events.iter().filter(|event| event.dropped.is_none()) {
        counts[event.item as usize] += 1;
    }
    for event in log.events.iter_mut().filter(|event| event.dropped.is_none()) {
        if counts[event.item as usize] < min_item_events {
            event.dropped = Some(Reason::RareItem);
        }
    }
}

/// What is left, as sessions: oldest first by their last event, then in the order in which they were cut.
fn gather(log: &EventLog<'_>, rows: &[u32], cuts: &[Cut], clock: Clock, config: &EventConfig) -> Sessions {
    let kept =
        |cut: &Cut| cut.rows(rows).iter().map(|&row| &log.events[row as usize]).filter(|event| event.dropped.is_none());
    let mut order: Vec<(f64, usize)> =
        cuts.iter().enumerate().filter_map(|(index, cut)| Some((kept(cut).next_back()?.time, index))).collect();
    order.sort_unstable_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));

    let mut is_used = vec![false; log.items.len()];
    log.events.iter().filter(|event| event.dropped.is_none()).for_each(|event| is_used[event.item as usize] = true);
    // Reading has seen to it that every item has a number of 32 bits.
    let mut by_id: Vec<u32> = (0..log.items.len() as u32).filter(|&item| is_used[item as usize]).collect();
    by_id.sort_unstable_by_key(|&item| log.items.text(item));
    let mut number_of = vec![0; log.items.len()];
    for (number, &item) in by_id.iter().enumerate() {
        number_of[item as usize] = number as u32;
    }

    let mut sessions = Sessions {
        item_ids: by_id.iter().map(|&item| log.items.text(item).to_owned()).collect(),
        events: Vec::with_capacity(log.events.iter().filter(|event| event.dropped.is_none()).count()),
        starts: Vec::with_capacity(order.len() + 1),
        visitors: Vec::with_capacity(order.len()),
        contexts: Vec::new(),
        has_dates: clock.has_dates,
    };
    let mut n_visitors = 0;
    let mut new_visitor = || {
        n_visitors += 1;
        n_visitors - 1
    };
    let mut contexts = Contexts::new(config, clock);
    let mut visitor_numbers: Vec<Option<u32>> = Vec::new();
    for &(_, index) in &order {
        let cut = &cuts[index];
        sessions.starts.push(sessions.events.len());
        sessions.events.extend(kept(cut).map(|event| Interaction {
            item: number_of[event.item as usize],
            kind: event.kind,
            timestamp_ms: event.time as i64,
        }));
        sessions.contexts.extend(kept(cut).next().and_then(|first| contexts.of(log, first)));
        let number = match log.group_of(cut.rows(rows)[0]).visitor {
            None => new_visitor(),
            Some(visitor) => {
                let visitor = visitor as usize;
                if visitor_numbers.len() <= visitor {
                    visitor_numbers.resize(visitor + 1, None);
                }
                *visitor_numbers[visitor].get_or_insert_with(&mut new_visitor)
            }
        };
        sessions.visitors.push(number);
    }
    sessions.starts.push(sessions.events.len());
    sessions
}

/// Puts together what is known of sessions before their first event. Most are alike, and share it.
struct Contexts<'a> {
    config: &'a EventConfig,
    clock: Clock,
    known: HashMap<(u32, Option<Calendar>), Context>,
}

/// Words of the calendar with their names.
type Calendar = [(&'static str, &'static str); 3];

impl<'a> Contexts<'a> {
    fn new(config: &'a EventConfig, clock: Clock) -> Contexts<'a> {
        Contexts { config, clock, known: HashMap::new() }
    }

    /// None where nothing can be known of any session.
    fn of(&mut self, log: &EventLog<'_>, first: &RawEvent) -> Option<Context> {
        let names = self.config.context.as_ref().map_or(&[][..], |ColumnNames(names)| names);
        if names.is_empty() && !self.clock.has_dates {
            return None;
        }
        let utc_offset_minutes = (self.config.utc_offset * 60.0).round() as i32;
        let calendar = calendar_words(first.time as i64, utc_offset_minutes).filter(|_| self.clock.has_dates);
        let context = self.known.entry((first.context, calendar)).or_insert_with(|| {
            let words = log.contexts.text(first.context).split(JOINT);
            let logged = names.iter().map(|(name, _)| name.as_str()).zip(words).filter(|(_, word)| !word.is_empty());
            let words = logged.chain(calendar.into_iter().flatten());
            words.map(|(name, word)| (name.to_owned(), word.to_owned())).collect()
        });
        Some(context.clone())
    }
}

fn notes(
    log: &EventLog<'_>,
    files: &[FileReport],
    clock: Clock,
    cleaning: &CleaningConfig,
    returns_without_purchase: u64,
) -> Vec<String> {
    let mut notes = report::notes_on_empty(files);
    if !clock.has_dates {
        notes.push(
            "Timestamps are no dates, only an order: wrong clocks, page refreshes and bots that are fast were not looked \
             for."
                .to_owned(),
        );
    } else {
        let refresh_is_off = cleaning.refresh_seconds > 0.0 && !clock.can_tell(cleaning.refresh_seconds * 1e3);
        let fast_bot_is_off = cleaning.bot_minute_events > 0 && !clock.can_tell(60e3);
        let rules = match (refresh_is_off, fast_bot_is_off) {
            (true, true) => Some("page refreshes and bots that are fast"),
            (true, false) => Some("page refreshes"),
            (false, true) => Some("bots that are fast"),
            (false, false) => None,
        };
        if let Some(rules) = rules {
            notes.push(format!("The log's clock counts {}: {rules} were not looked for.", clock.tick_name()));
        }
    }
    let n_mixed = log.groups.iter().filter(|group| group.is_mixed).count();
    if n_mixed > 0 {
        notes.push(format!(
            "{n_mixed} sessions have events of more than one visitor, and count as the first one's. Are session ids used \
             again?"
        ));
    }
    if returns_without_purchase > 0 {
        notes.push(format!("{returns_without_purchase} returns have no earlier purchase in the log."));
    }
    if log.losses.of(Reason::ClockSkew) as f64 > REMARKABLE * log.rows_read as f64 {
        notes.push(
            "Many times are far from the others: does a part of the log count in another unit, or has it no time?"
                .to_owned(),
        );
    }
    notes.extend(bot_note(log, MUCH));
    notes.extend(log.kinds.unknown_note());
    notes
}

/// What makes a bot, where more than a share of the rows is theirs.
fn bot_note(log: &EventLog<'_>, share: f64) -> Option<String> {
    (log.losses.of(Reason::Bot) as f64 > share * log.rows_read as f64).then(|| {
        "Sessions with too many views and clicks, in all or within a minute, are left out as bots'. [cleaning] \
         bot_session_events and bot_minute_events say how many are too many; 0 keeps all."
            .to_owned()
    })
}
