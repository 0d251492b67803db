//! Finds out what the timestamps of a log mean, and which of them cannot be.

use super::{
    events::{EventLog, RawEvent},
    report::Reason,
    timestamp::{Unit, is_in_calendar, written_in_digits},
};
use crate::session::DAY_MS;

/// 1995-01-01, in milliseconds since the Unix epoch: before it there was no store on the web.
const EARLIEST_MS: f64 = 788_918_400_000.0;
const MINUTE_MS: i64 = 60_000;
/// With fewer rows nobody can say what is far from the bulk of the log.
const ROWS_TO_JUDGE: usize = 1_000;

/// Share of a column's numbers that are dates written in digits for them to be taken as such: of ordinals few look like dates.
const DATES_IN_DIGITS: f64 = 0.99;

/// What is known of a log's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// Whether timestamps are dates; where not, only their order means something.
    pub(super) has_dates: bool,
    /// The coarsest of day, hour, minute, second and millisecond that all dates are whole multiples of, in
    /// milliseconds; 0 without dates.
    pub(super) tick_ms: i64,
}

impl Clock {
    /// Whether a rule about spans of `ms` can be used.
    pub(super) fn can_tell(self, ms: f64) -> bool {
        self.has_dates && self.tick_ms as f64 <= ms
    }

    /// The tick in words, e.g. `minutes`.
    pub(super) fn tick_name(self) -> &'static str {
        match self.tick_ms {
            DAY_MS => "days",
            3_600_000 => "hours",
            MINUTE_MS => "minutes",
            1_000 => "seconds",
            _ => "milliseconds",
        }
    }
}

/// Decides over the column as a whole what its numbers are, makes every time a date or every time an ordinal, and drops
/// those that cannot be either: no calendar goes so far.
pub(super) fn settle(log: &mut EventLog<'_>, clock_skew_days: f64) -> Clock {
    let mut numbers: Vec<f64> = log.events.iter().filter(|event| event.has_number).map(|event| event.time).collect();
    let n_numbers = numbers.len();
    let n_written = numbers.iter().filter(|&&number| written_in_digits(number).is_some()).count();
    if n_written > 0 && n_written as f64 >= DATES_IN_DIGITS * n_numbers as f64 {
        numbers.clear();
        for event in log.events.iter_mut().filter(|event| event.has_number) {
            match written_in_digits(event.time) {
                Some(time_ms) => (event.time, event.has_number) = (time_ms, false),
                None => event.dropped = Some(Reason::BadTimestamp),
            }
        }
    }
    let unit = middle(&mut numbers, 0.5).map(Unit::of_median);
    drop(numbers);
    let n_dates = log.events.len() - n_numbers;
    let has_dates = match unit {
        Some(Unit::Milliseconds(unit_ms)) => {
            for event in log.events.iter_mut().filter(|event| event.has_number) {
                // Divided where the unit is finer than a millisecond: 1e-3 has no exact double.
                event.time = if unit_ms >= 1.0 { event.time * unit_ms } else { event.time / (1.0 / unit_ms).round() };
            }
            true
        }
        // Ordinals and dates in one column: the fewer are the mistakes.
        Some(Unit::Ordinal) => n_dates > n_numbers,
        None => true,
    };
    if unit == Some(Unit::Ordinal) && n_dates > 0 {
        let flaws = if has_dates { &mut log.first_numbers } else { &mut log.first_dates };
        let mut flaws = std::mem::take(flaws).into_iter();
        let n_odd = if has_dates { n_numbers } else { n_dates };
        for event in log.events.iter_mut().filter(|event| event.has_number == has_dates) {
            event.dropped = Some(Reason::BadTimestamp);
        }
        log.bad_lines.extend(flaws.by_ref().take(n_odd));
        log.bad_lines.truncate(super::report::SHOWN_FLAWS);
    }
    for event in log.events.iter_mut().filter(|event| event.dropped.is_none() && !is_in_calendar(event.time)) {
        event.dropped = Some(Reason::ClockSkew);
    }
    if !has_dates {
        return Clock { has_dates, tick_ms: 0 };
    }
    drop_skewed(&mut log.events, clock_skew_days);
    Clock { has_dates, tick_ms: tick_ms(&log.events) }
}

/// Drops dates before 1995, and the dates from the first on that is later than the one before by more than `clock_skew_days`
/// and by more than a tenth of the span between the first and the last percent, if it is of the last percent.
fn drop_skewed(events: &mut [RawEvent], clock_skew_days: f64) {
    let mut times: Vec<f64> = Vec::new();
    for event in events.iter_mut().filter(|event| event.dropped.is_none()) {
        if event.time < EARLIEST_MS {
            event.dropped = Some(Reason::ClockSkew);
        } else {
            times.push(event.time);
        }
    }
    if clock_skew_days == 0.0 || times.len() < ROWS_TO_JUDGE {
        return;
    }
    let (Some(first), Some(last)) = (middle(&mut times, 0.01), middle(&mut times, 0.99)) else { return };
    let leap = (clock_skew_days * DAY_MS as f64).max((last - first) / 10.0);
    times.retain(|time| *time > last);
    times.sort_unstable_by(f64::total_cmp);
    let end = times.into_iter().fold(last, |end, time| if time - end <= leap { time } else { end });
    for event in events.iter_mut().filter(|event| event.dropped.is_none() && event.time > end) {
        event.dropped = Some(Reason::ClockSkew);
    }
}

/// The value below which this share of the others lie; `None` of nothing.
fn middle(values: &mut [f64], share: f64) -> Option<f64> {
    let index = (values.len().checked_sub(1)? as f64 * share) as usize;
    Some(*values.select_nth_unstable_by(index, f64::total_cmp).1)
}

fn tick_ms(events: &[RawEvent]) -> i64 {
    let mut ticks = [DAY_MS, 3_600_000, MINUTE_MS, 1_000].as_slice();
    for event in events.iter().filter(|event| event.dropped.is_none()) {
        while let [coarsest, finer @ ..] = ticks {
            if (event.time as i64).rem_euclid(*coarsest) == 0 {
                break;
            }
            ticks = finer;
        }
    }
    ticks.first().copied().unwrap_or(1)
}
