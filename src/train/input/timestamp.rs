//! When something happened, in the ways in which logs write it.

use jiff::{Timestamp, civil, fmt::strtime, tz::TimeZone};

/// A timestamp as it was read, before it is known what the numbers of its column mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Moment {
    /// Milliseconds since the Unix epoch.
    Date(f64),
    /// A number without a unit.
    Number(f64),
}

/// Numbers below this are no seconds since the Unix epoch that a store could have (it is September 2001), so a column
/// with a lower median holds ordinals.
const ORDINAL_END: f64 = 1e9;

/// What the numbers of a column mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unit {
    /// Only their order means something.
    Ordinal,
    /// So many milliseconds each, since the Unix epoch.
    Milliseconds(f64),
}

impl Unit {
    /// The unit of a column whose numbers have this median: seconds up to the year 5138, then milliseconds,
    /// microseconds and nanoseconds, for a thousandth each of the same span.
    pub(super) fn of_median(median: f64) -> Unit {
        match median {
            _ if median < ORDINAL_END => Unit::Ordinal,
            _ if median < 1e11 => Unit::Milliseconds(1e3),
            _ if median < 1e14 => Unit::Milliseconds(1.0),
            _ if median < 1e17 => Unit::Milliseconds(1e-3),
            _ => Unit::Milliseconds(1e-6),
        }
    }
}

/// Reads a timestamp from one value (a number, RFC 3339, or a date with or without a time of day), from two (date, time
/// of day), or from up to six (year, month, day, hour, minute, second). Without an offset it is UTC. With a `format` in
/// `strptime` words, the values with a space between must be written just so.
pub(super) fn parse(values: &[&str], format: Option<&str>) -> Option<Moment> {
    if let Some(format) = format {
        return parse_as(format, &values.join(" "));
    }
    match values {
        [value] => parse_one(value),
        [date, time] => parse_text(&format!("{date} {time}")),
        [_, _, _, ..] if values.len() <= 6 => {
            let mut parts = [0_i16; 6];
            for (part, value) in parts.iter_mut().zip(values) {
                *part = value.parse().ok()?;
            }
            let [year, month, day, hour, minute, second] = parts;
            let part = |number: i16| i8::try_from(number).ok();
            let date =
                civil::DateTime::new(year, part(month)?, part(day)?, part(hour)?, part(minute)?, part(second)?, 0);
            in_utc(date.ok()?)
        }
        _ => None,
    }
}

fn parse_one(value: &str) -> Option<Moment> {
    match value.parse::<f64>() {
        Ok(number) => number.is_finite().then_some(Moment::Number(number)),
        Err(_) => parse_text(value),
    }
}

fn parse_text(text: &str) -> Option<Moment> {
    let text = [" UTC", " GMT"].iter().find_map(|zone| text.strip_suffix(zone)).unwrap_or(text);
    // An offset first: a civil time would be read without it.
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(Moment::Date(time.as_millisecond() as f64));
    }
    if let Ok(date) = text.parse::<civil::DateTime>() {
        return in_utc(date);
    }
    // Databases write a space before the offset.
    let (date, offset) = text.rsplit_once(' ')?;
    let time: Timestamp = format!("{date}{offset}").parse().ok().filter(|_| offset.starts_with(['+', '-']))?;
    Some(Moment::Date(time.as_millisecond() as f64))
}

fn parse_as(format: &str, text: &str) -> Option<Moment> {
    let parts = strtime::parse(format, text).ok()?;
    match parts.to_timestamp() {
        Ok(time) => Some(Moment::Date(time.as_millisecond() as f64)),
        Err(_) => in_utc(parts.to_datetime().ok()?),
    }
}

fn in_utc(date: civil::DateTime) -> Option<Moment> {
    let time = TimeZone::UTC.to_timestamp(date).ok()?;
    Some(Moment::Date(time.as_millisecond() as f64))
}

/// The date that a number of 8 or 14 digits is the writing of, in milliseconds since the Unix epoch: 20101201, 20101201082600.
/// None where it is no such date of the years 1995 to 2199.
pub(super) fn written_in_digits(number: f64) -> Option<f64> {
    const TIME_OF_DAY: u64 = 1_000_000;
    let digits = number as u64;
    let (day, time) = match number {
        _ if number.fract() != 0.0 => return None,
        19_950_101.0..22_000_000.0 => (digits, 0),
        19_950_101_000_000.0..22_000_000_000_000.0 => (digits / TIME_OF_DAY, digits % TIME_OF_DAY),
        _ => return None,
    };
    let pair = |number: u64| (number % 100) as i8;
    let (year, month, day) = ((day / 10_000) as i16, pair(day / 100), pair(day));
    let date = civil::DateTime::new(year, month, day, pair(time / 10_000), pair(time / 100), pair(time), 0).ok()?;
    let Moment::Date(time_ms) = in_utc(date)? else { return None };
    Some(time_ms)
}

/// Whether the calendar has a time, and the end of its hour, which is what a model states.
pub(super) fn is_in_calendar(time_ms: f64) -> bool {
    const HOUR_MS: i64 = 3_600_000;
    let latest_ms = Timestamp::MAX.as_millisecond() - HOUR_MS;
    (Timestamp::MIN.as_millisecond() as f64..=latest_ms as f64).contains(&time_ms)
}

/// A time as RFC 3339, where the calendar has it.
pub(super) fn written(timestamp_ms: i64) -> Option<String> {
    Timestamp::from_millisecond(timestamp_ms).ok().map(|time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Moment, Unit, parse, written_in_digits};

    const DAY: f64 = 1_291_161_600_000.0;

    fn check(values: &[&str], format: Option<&str>, expected: Option<Moment>) {
        assert_eq!(parse(values, format), expected, "{values:?} {format:?}");
    }

    #[test]
    fn reads_dates() {
        let date = |ms| Some(Moment::Date(ms));
        check(&["2010-12-01"], None, date(DAY));
        check(&["2010-12-01 08:26:00"], None, date(DAY + 30_360_000.0));
        check(&["2010-12-01 08:26"], None, date(DAY + 30_360_000.0));
        check(&["2010-12-01T08:26:00"], None, date(DAY + 30_360_000.0));
        check(&["2010-12-01 08:26:00.125"], None, date(DAY + 30_360_125.0));
        check(&["2010-12-01T08:26:00Z"], None, date(DAY + 30_360_000.0));
        check(&["2010-12-01 08:26:00 UTC"], None, date(DAY + 30_360_000.0));
        check(&["2010-12-01T08:26:00+02:00"], None, date(DAY + 23_160_000.0));
        check(&["2010-12-01 08:26:00+00:00"], None, date(DAY + 30_360_000.0));
        check(&["2010-12-01 08:26:00 +0200"], None, date(DAY + 23_160_000.0));
        check(&["2010-12-01 08:26:00.5-02"], None, date(DAY + 37_560_500.0));
        check(&["2010-12-01", "08:26:00"], None, date(DAY + 30_360_000.0));
        check(&["2010", "12", "1"], None, date(DAY));
        check(&["2010", "12", "1", "8"], None, date(DAY + 28_800_000.0));
        check(&["2010", "12", "1", "8", "26", "0"], None, date(DAY + 30_360_000.0));
        check(&["12/1/2010 8:26"], Some("%m/%d/%Y %H:%M"), date(DAY + 30_360_000.0));
        check(&["20101201"], Some("%Y%m%d"), date(DAY));
        check(&["20101201", "0826"], Some("%Y%m%d %H%M"), date(DAY + 30_360_000.0));
        check(&["2010-12-01 08:26 +0200"], Some("%Y-%m-%d %H:%M %z"), date(DAY + 23_160_000.0));
    }

    #[test]
    fn reads_numbers() {
        check(&["17"], None, Some(Moment::Number(17.0)));
        check(&["1592337718.0"], None, Some(Moment::Number(1_592_337_718.0)));
        check(&["1592337718.253"], None, Some(Moment::Number(1_592_337_718.253)));
        check(&["-1"], None, Some(Moment::Number(-1.0)));
    }

    #[test]
    fn reads_dates_of_digits() {
        let check = |number, expected| assert_eq!(written_in_digits(number), expected, "{number}");
        check(20_101_201.0, Some(DAY));
        check(20_101_201_082_600.0, Some(DAY + 30_360_000.0));
        for none in [20_101_301.0, 20_101_232.0, 20_101_201.5, 20_101_201_246_000.0, 19_000_101.0, 1_291_161_600_000.0]
        {
            check(none, None);
        }
    }

    #[test]
    fn refuses_the_rest() {
        for value in ["yesterday", "inf", "NaN", "2010-13-01", "2010-12-32 00:00:00", "08:26", "1/2/2010", "12e400"] {
            check(&[value], None, None);
        }
        check(&["2010", "2", "30"], None, None);
        check(&["2010", "2", "x"], None, None);
        check(&["2010", "2", "3", "4", "5", "6", "7"], None, None);
        check(&["2010-12-01"], Some("%m/%d/%Y"), None);
    }

    #[test]
    fn numbers_get_a_unit_from_their_size() {
        assert_eq!(Unit::of_median(672_000_000.0), Unit::Ordinal);
        assert_eq!(Unit::of_median(1.6e9), Unit::Milliseconds(1e3));
        assert_eq!(Unit::of_median(1.6e12), Unit::Milliseconds(1.0));
        assert_eq!(Unit::of_median(1.6e15), Unit::Milliseconds(1e-3));
        assert_eq!(Unit::of_median(1.6e18), Unit::Milliseconds(1e-6));
    }
}
