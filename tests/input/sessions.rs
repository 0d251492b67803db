//! Sessions, visitors, order and time.

use reshelve::train::Context;
use reshelve::train::input::Reason;

use crate::support::{NAMED, T, VISITORS, check, check_promises, read};

#[test]
fn sessions_come_from_a_column_or_from_gaps() {
    check("", &format!("{NAMED}s1,1,a\ns1,2,b\ns2,3,c\n"), "a b | c");
    check("", &format!("{NAMED}s1,1,a\ns2,2,b\ns1,3,c\n"), "b | a c");
    check("", &format!("{NAMED}s1,3,a\ns1,1,b\ns1,2,c\n"), "b c a");
    check("", &format!("{NAMED}s1,1,a\ns1,1,b\ns1,1,a2\n"), "a b a2");
    // Sessions with the same last time stay in the order in which they begin in the file.
    check("", &format!("{NAMED}z,5,a\ny,5,b\nx,5,c\n"), "a | b | c");
    check("", &format!("{VISITORS}v,{T}00,a\nv,{T}30,b\nw,{T}10,c\n"), "c | a b");
    check("", &format!("{VISITORS}v,2024-05-01 10:00:01,a\nv,2024-05-01 10:30:01,b\n"), "a b");
    check("", &format!("{VISITORS}v,2024-05-01 10:00:01,a\nv,2024-05-01 10:30:02,b\n"), "a | b");
    check(
        "[cleaning]\ngap_minutes = 60",
        &format!("{VISITORS}v,2024-05-01 10:00:01,a\nv,2024-05-01 11:00:01,b\nv,2024-05-01 12:00:02,c\n"),
        "a b | c",
    );
    // A session column rules: a gap does not cut its sessions.
    check("", "session_id,visitor_id,timestamp,item_id\ns,v,2024-05-01 10:00:01,a\ns,v,2024-05-01 19:00:01,b\n", "a b");
    // Without dates there are no gaps.
    check("", &format!("{VISITORS}v,1,a\nv,5000,b\nw,7,c\n"), "c | a b");
    check("[columns]\ntime = []", "session_id,item_id\ns,a\nt,b\ns,c\n", "b | a c");
}

#[test]
fn visitors_are_numbered() {
    let visitors = |log: &str| read("events.csv", log.as_bytes(), "").unwrap().0.visitors;
    assert_eq!(visitors(&format!("{NAMED}s1,1,a\ns2,2,a\n")), [0, 1]);
    assert_eq!(visitors("session_id,visitor_id,timestamp,item_id\ns1,v,1,a\ns2,w,2,a\ns3,v,3,a\n"), [0, 1, 0]);
    // A session without a visitor is a visitor of its own; a visitor that is named later counts for the whole session.
    assert_eq!(visitors("session_id,visitor_id,timestamp,item_id\ns1,,1,a\ns2,,2,a\ns3,v,3,a\ns1,v,4,a\n"), [0, 1, 1]);
    assert_eq!(visitors(&format!("{VISITORS}v,2024-05-01,a\nv,2024-05-02,a\nw,2024-05-03,a\n")), [0, 0, 1]);
}

#[test]
fn order_breaks_ties() {
    let config = "[columns]\ntime = [\"year\", \"month\", \"day\"]\norder = \"n\"";
    check(config, "year,month,day,n,session_id,item_id\n2008,4,1,2,s,b\n2008,4,1,10,s,c\n2008,4,1,1.0,s,a\n", "a b c");
    check(config, "year,month,day,n,session_id,item_id\n2008,4,2,1,s,b\n2008,4,1,2,s,a\n", "a b");
    check(
        config,
        "year,month,day,n,session_id,item_id\n2008,4,2,x,s,b\n2008,13,1,2,s,a\n2008,4,1,2,s,a\n",
        "a; unparsable_line 1; bad_timestamp 1",
    );
}

#[test]
fn ids_are_strings_to_the_byte() {
    let ids = |log: &str| read("events.csv", log.as_bytes(), "").unwrap().0.item_ids;
    assert_eq!(
        ids(&format!("{NAMED}s,1,007\ns,2,7\ns,3,7.0\ns,4, 7 \ns,5,É\ns,6,é\ns,7,\"a,b\"\ns,8,a b\n")),
        ["007", "7", "7.0", "a b", "a,b", "É", "é"]
    );
    assert_eq!(ids(&format!("{NAMED}s,1,17850.0\ns,2,1e3\ns,3,99999999999999999999999\n")).len(), 3);
}

#[test]
fn numbers_are_dates_or_an_order() {
    let times = |first: &str, second: &str| {
        let (sessions, report) = read("e.csv", format!("{NAMED}s,{first},a\ns,{second},b\n").as_bytes(), "").unwrap();
        (sessions.has_dates, sessions.events.iter().map(|event| event.timestamp_ms).collect::<Vec<_>>(), report.last)
    };
    let may = |ms| (true, vec![1_714_557_600_000, 1_714_557_600_000_i64 + ms]);
    let check = |first, second, expected: (bool, Vec<i64>)| {
        let (has_dates, times, last) = times(first, second);
        assert_eq!((has_dates, times), expected, "{first} {second}");
        assert_eq!(last.is_some(), has_dates);
    };
    check("2024-05-01 10:00:00", "2024-05-01T10:00:01Z", may(1_000));
    check("1714557600", "1714557601", may(1_000));
    check("1714557600.0", "1714557600.25", may(250));
    check("1714557600000", "1714557600001", may(1));
    check("1714557600000000", "1714557600001000", may(1));
    check("1714557600000000000", "1714557600001000000", may(1));
    check("20240501100000", "20240501100001", may(1_000));
    check("20240501", "20240502", (true, vec![1_714_521_600_000, 1_714_608_000_000]));
    check("20240531", "20240532", (false, vec![20_240_531, 20_240_532]));
    check("1", "3603", (false, vec![1, 3603]));
    check("0", "672000000", (false, vec![0, 672_000_000]));
    check("-5", "20240501", (false, vec![-5, 20_240_501]));
}

#[test]
fn one_column_has_one_kind_of_time() {
    check("", &format!("{NAMED}s,2024-05-01,a\ns,2024-05-02,b\ns,17,c\n"), "a b; bad_timestamp 1");
    check("", &format!("{NAMED}s,1,a\ns,2024-05-02,b\ns,17,c\n"), "a c; bad_timestamp 1");
    check("", &format!("{NAMED}s,2024-05-01 10:00:00,a\ns,1714557601,b\n"), "a b");
}

#[test]
fn wrong_clocks_are_found() {
    check("", &format!("{NAMED}s,1970-01-01,a\ns,1994-12-31 23:59:59,b\ns,1995-01-01,c\n"), "c; clock_skew 2");
    // 2,000 days' worth of a log of 40 days, then one event 35 days later and one 31 days later.
    let skewed = |n: usize, late: &str| {
        let rows: String = (0..n)
            .map(|row| format!("s{row},2024-{:02}-{:02} 10:00:01,a\n", 4 + row * 40 / n / 30, 1 + row * 40 / n % 30))
            .collect();
        let (sessions, report) = read("e.csv", format!("{NAMED}{rows}late,{late},b\n").as_bytes(), "").unwrap();
        check_promises(&sessions, &report);
        report.dropped_rows(Reason::ClockSkew)
    };
    assert_eq!(skewed(2_000, "2024-06-01"), 0);
    assert_eq!(skewed(2_000, "2024-06-20"), 1);
    assert_eq!(skewed(2_000, "2036-01-01"), 1);
    // Too few to know what is usual.
    assert_eq!(skewed(900, "2036-01-01"), 0);
    // A log that thins out: all but a dozen of its rows on one day, then one a month.
    let thinning: String = (0..2_000).map(|row| format!("s{row},2024-01-01,a\n")).collect();
    let rest: String = (2..=12).map(|month| format!("t{month},2024-{month:02}-01,a\n")).collect();
    check_skew(&format!("{NAMED}{thinning}{rest}"), "[cleaning]\nclock_skew_days = 31", 0);
    check_skew(&format!("{NAMED}{thinning}{rest}u,2025-01-10,a\n"), "[cleaning]\nclock_skew_days = 31", 1);
}

fn check_skew(log: &str, config: &str, expected: u64) {
    let (_, report) = read("e.csv", log.as_bytes(), config).unwrap();
    assert_eq!(report.dropped_rows(Reason::ClockSkew), expected);
}

/// 150 visitors of three events each, as rows of what `row` makes of visitor and event.
fn log_of_many(header: &str, row: impl Fn(usize, usize) -> String) -> String {
    let rows = (0..150).flat_map(|visitor| (0..3).map(move |event| (visitor, event)));
    rows.fold(format!("{header}\n"), |log, (visitor, event)| log + &row(visitor, event) + "\n")
}

fn shape(log: &str, config: &str) -> (u64, u64, String) {
    let (sessions, report) = read("e.csv", log.as_bytes(), config).unwrap();
    check_promises(&sessions, &report);
    (report.sessions, report.visitors, report.notes.join(" "))
}

#[test]
fn visitors_who_come_back_after_weeks_are_not_cut() {
    let log = |minutes: usize| {
        log_of_many("visitor_id,timestamp,item_id", |visitor, event| {
            format!("v{visitor},{},i{event}", 1_700_000_000 + event * minutes * 60 + visitor)
        })
    };
    let (sessions, visitors, notes) = shape(&log(10_000), "");
    assert_eq!((sessions, visitors), (150, 150));
    assert!(notes.contains("hardly ever do two things within 30 minutes"), "{notes}");
    assert_eq!(shape(&log(10_000), "[cleaning]\ngap_minutes = 30").0, 450);
    let (sessions, _, notes) = shape(&log(20), "");
    assert_eq!((sessions, notes.as_str()), (150, ""));
    // A tenth of the steps within half an hour: they come in visits.
    let visits = log_of_many("visitor_id,timestamp,item_id", |visitor, event| {
        let minutes = if event == 1 && visitor % 5 == 0 { 20 } else { event * 10_000 };
        format!("v{visitor},{},i{event}", 1_700_000_000 + minutes * 60 + visitor)
    });
    assert_eq!(shape(&visits, "").0, 450 - 30);
}

#[test]
fn ordinals_that_count_the_events_of_a_session_order_no_sessions() {
    let steps =
        log_of_many("session_id,timestamp,item_id", |visitor, event| format!("s{visitor},{},i{visitor}", event + 1));
    // The first session in the file is the longest, and stays the first.
    let steps = steps + "s0,4,i0\ns0,5,last\n";
    let (sessions, report) = read("e.csv", steps.as_bytes(), "").unwrap();
    check_promises(&sessions, &report);
    let first = sessions.iter().next().unwrap();
    assert_eq!((first.len(), sessions.item_ids[first[4].item as usize].as_str()), (5, "last"));
    assert!(report.notes.iter().any(|note| note.contains("in the order of the file")), "{:?}", report.notes);
    let order = log_of_many("session_id,timestamp,item_id", |visitor, event| {
        format!("s{visitor},{},a", 3 * (150 - visitor) + event)
    });
    assert!(!shape(&order, "").2.contains("in the order of the file"));
}

#[test]
fn session_ids_that_are_used_again_are_told_apart_by_visitor() {
    let header = "session_id,visitor_id,timestamp,item_id";
    let log = log_of_many(header, |visitor, event| {
        format!("s{},v{visitor},{},i{event}", visitor % 10, 1_700_000_000 + visitor * 600 + event)
    });
    let (sessions, visitors, notes) = shape(&log, "");
    assert_eq!((sessions, visitors), (150, 150));
    assert!(notes.contains("used again by other visitors"), "{notes}");
    // Google Analytics names the second in which a visit began, which two visitors may share.
    let log = log_of_many("ga_session_id,user_pseudo_id,timestamp,item_id", |visitor, event| {
        let second = 1_700_000_000 + visitor / 2 * 600 + visitor % 20 / 19 * 7;
        format!("{second},v{visitor},{},i{event}", second + event)
    });
    assert_eq!(shape(&log, "").0, 150);
    // What names somebody else at every event names no visitors.
    let log = log_of_many(header, |visitor, event| {
        format!("s{visitor},r{visitor}-{event},{},i{event}", 1_700_000_000 + visitor * 600 + event)
    });
    assert_eq!(shape(&log, "").0, 150);
    // Now and then somebody signs in within a session.
    let log = log_of_many(header, |visitor, event| {
        let name = if visitor % 10 == 0 && event > 0 { "signed-in-" } else { "v" };
        format!("s{visitor},{name}{visitor},{},i{event}", 1_700_000_000 + visitor * 600 + event)
    });
    let (sessions, _, notes) = shape(&log, "");
    assert_eq!(sessions, 150);
    assert!(notes.starts_with("15 sessions have events of more than one visitor"), "{notes}");
}

#[test]
fn contexts_are_those_of_the_first_event() {
    let check = |config: &str, log: &str, expected: &[&str]| {
        let (sessions, _) = read("events.csv", log.as_bytes(), config).unwrap_or_else(|error| panic!("{error}\n{log}"));
        let told = |context: &Context| {
            context.iter().map(|(name, word)| format!("{name}={word}")).collect::<Vec<String>>().join(" ")
        };
        assert_eq!(sessions.contexts.iter().map(told).collect::<Vec<String>>(), expected, "{config}\n{log}");
    };
    let log = "session_id,timestamp,item_id,Device,land\ns,2024-05-04 23:30:00,a,phone,DE\ns,2024-05-05 00:10:00,b,desk,FR\n\
               t,2024-05-06 05:59:00,a,,FR\n";
    let may = ["season=q2 daypart=evening weekend=yes", "season=q2 daypart=night weekend=no"];
    check("", log, &may);
    check(
        "[events]\nutc_offset = 0.5",
        log,
        &["season=q2 daypart=night weekend=yes", "season=q2 daypart=morning weekend=no"],
    );
    let named = [format!("Device=phone {}", may[0]), may[1].to_owned()];
    check("[events]\ncontext = \"Device\"", log, &[&named[0], &named[1]]);
    let named = [format!("device=phone region=DE {}", may[0]), format!("region=FR {}", may[1])];
    check("[events]\ncontext = { region = \"land\", device = \"Device\" }", log, &[&named[0], &named[1]]);
    let ordinals = "session_id,timestamp,item_id,land\ns,1,a,DE\nt,2,a,\n";
    check("", ordinals, &[]);
    check("[events]\ncontext = [\"land\"]", ordinals, &["land=DE", ""]);

    let error =
        |events: &str| read("events.csv", log.as_bytes(), &format!("[events]\n{events}")).unwrap_err().to_string();
    for (events, expected) in [
        ("context = [\"country\"]", "no column `country` in "),
        ("context = { season = \"land\" }", "events.context = \"season\": taken"),
        ("context = { \"the land\" = \"land\" }", "events.context = \"the land\": no name for rules"),
        ("utc_offset = 15", "events.utc_offset = 15: must be hours from -14 to 14"),
        ("utc_offset = nan", "events.utc_offset = NaN: must be hours"),
    ] {
        let error = error(events);
        assert!(error.contains(expected), "{error}");
    }
}
