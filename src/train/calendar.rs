use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// The request's words for the quarter of the year, the quarter of the day and whether it is the weekend, by the store's
/// own clock: `season` q1 to q4, `daypart` night, morning, day or evening, `weekend` yes or no. The model is told them; it
/// has no clock.
///
/// None beyond the years that a calendar has.
pub fn calendar_words(timestamp_ms: i64, utc_offset_minutes: i32) -> Option<[(&'static str, &'static str); 3]> {
    let time = Timestamp::from_millisecond(timestamp_ms).ok()?;
    let time = time.checked_add(SignedDuration::from_mins(utc_offset_minutes.into())).ok()?;
    let time = Offset::UTC.to_datetime(time);
    let season = ["q1", "q2", "q3", "q4"][(time.month() as usize - 1) / 3];
    let daypart = ["night", "morning", "day", "evening"][time.hour() as usize / 6];
    let weekend = if time.weekday().to_monday_zero_offset() >= 5 { "yes" } else { "no" };
    Some([("season", season), ("daypart", daypart), ("weekend", weekend)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_is_the_stores() {
        let check = |time: &str, utc_offset_minutes: i32, expected: [&str; 3]| {
            let timestamp_ms = time.parse::<Timestamp>().unwrap().as_millisecond();
            let words = calendar_words(timestamp_ms, utc_offset_minutes).unwrap();
            assert_eq!(words.map(|(_, word)| word), expected, "{time} {utc_offset_minutes}");
        };
        check("2024-01-01T00:00:00Z", 0, ["q1", "night", "no"]);
        check("2024-01-01T00:00:00Z", -1, ["q4", "evening", "yes"]);
        check("2024-03-31T23:59:59Z", 0, ["q1", "evening", "yes"]);
        check("2024-03-31T23:59:59Z", 120, ["q2", "night", "no"]);
        check("2024-07-06T06:00:00Z", 0, ["q3", "morning", "yes"]);
        check("2024-07-05T11:59:00Z", 330, ["q3", "day", "no"]);
        check("1969-12-31T18:00:00Z", 0, ["q4", "evening", "no"]);
        assert_eq!(calendar_words(i64::MAX, 0), None);
        assert_eq!(calendar_words(i64::MIN, -840), None);
    }
}
