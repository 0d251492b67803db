//! The weeks that the event log covers, and when in them people shop.

use jiff::Timestamp;
use rand_distr::weighted::WeightedAliasIndex;

use super::dice::Dice;

/// 2026-08-02, a Sunday, midnight UTC, in seconds since the Unix epoch.
const START_SECONDS: i64 = 1_785_628_800;

/// 13 weeks: the log ends with 2026-10-31.
pub(super) const N_DAYS: u32 = 91;

/// The last day, from 0.
pub(super) const LAST_DAY: u32 = N_DAYS - 1;

/// Seconds in a day.
pub(super) const DAY: u32 = 86_400;

/// Sessions on each day of the week, Sunday first.
const WEEK: [u64; 7] = [19, 14, 13, 13, 12, 11, 16];

/// Sessions in each hour of the day.
const HOURS: [u64; 24] = [6, 3, 2, 1, 1, 2, 5, 10, 14, 17, 19, 20, 23, 21, 19, 19, 20, 23, 28, 36, 44, 42, 29, 14];

/// When sessions begin.
pub(super) struct Calendar {
    days: WeightedAliasIndex<u64>,
    hours: WeightedAliasIndex<u64>,
}

impl Calendar {
    pub(super) fn new() -> Calendar {
        // The store grows: by a quarter over the log.
        let days = (0..u64::from(N_DAYS)).map(|day| WEEK[(day % 7) as usize] * (360 + day)).collect();
        Calendar {
            days: WeightedAliasIndex::new(days).expect("the constants are positive"),
            hours: WeightedAliasIndex::new(HOURS.to_vec()).expect("the constants are positive"),
        }
    }

    /// Starts of `n_sessions` sessions in seconds since the log began, oldest first. Half of the sessions follow
    /// another one within a week.
    pub(super) fn starts(&self, n_sessions: u32, dice: &mut Dice) -> Vec<u32> {
        let mut day = 0;
        let mut starts: Vec<u32> = (0..n_sessions)
            .map(|session| {
                let follows = session > 0 && dice.chance(500);
                day = if follows { day + dice.below(7) } else { dice.draw_from(&self.days) as u32 };
                if day > LAST_DAY {
                    day = dice.draw_from(&self.days) as u32;
                }
                day * DAY + dice.draw_from(&self.hours) as u32 * 3_600 + dice.below(3_600)
            })
            .collect();
        starts.sort_unstable();
        starts
    }
}

/// The time that is this many seconds after the log began.
pub(super) fn timestamp(seconds: u32) -> Timestamp {
    Timestamp::from_second(START_SECONDS + i64::from(seconds)).expect("the log lies in one year")
}

/// The day on which an item came, as in `2026-09-14`.
pub(super) fn date(day: u32) -> String {
    timestamp(day * DAY).strftime("%F").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_covers_thirteen_weeks() {
        assert_eq!(timestamp(0).to_string(), "2026-08-02T00:00:00Z");
        assert_eq!(timestamp(0).strftime("%A").to_string(), "Sunday");
        assert_eq!(date(LAST_DAY), "2026-10-31");
    }
}
