//! Every rule of cleaning.

use reshelve::train::input::Reason;

use crate::support::{KINDS, NAMED, T, VISITORS, check, check_error, check_promises, read, without_folders};

#[test]
fn repeated_rows_are_dropped() {
    check("", &format!("{NAMED}s,1,a\ns,1,a\ns,2,a\n"), "a a; repeated_row 1");
    check("", &format!("{NAMED}s,1,a\ns,1,b\ns,1,a\ns,1,a\n"), "a b; repeated_row 2");
    check("", &format!("{NAMED}s,1,a\nt,1,a\n"), "a | a");
    // A value that no rule looks at makes two rows different.
    check("", "session_id,timestamp,item_id,page\ns,1,a,1\ns,1,a,2\ns,1,a,1\n", "a a; repeated_row 1");
}

#[test]
fn page_refreshes_are_dropped() {
    check("", &format!("{NAMED}s,{T}01,a\ns,{T}11,a\ns,{T}22,a\n"), "a a; page_refresh 1");
    check("", &format!("{NAMED}s,{T}01,a\ns,{T}09,a\ns,{T}17,a\n"), "a; page_refresh 2");
    check("", &format!("{NAMED}s,{T}01,a\ns,{T}02,b\ns,{T}03,a\n"), "a b a");
    check("", &format!("{KINDS}s,{T}01,a,view\ns,{T}02,a,click\ns,{T}03,a,click\n"), "a a:click; page_refresh 1");
    check("", &format!("{KINDS}s,{T}01,a,cart\ns,{T}02,a,cart\n"), "a:add_to_cart a:add_to_cart");
    check("[cleaning]\nrefresh_seconds = 0", &format!("{NAMED}s,{T}01,a\ns,{T}02,a\n"), "a a");
    check("[cleaning]\nrefresh_seconds = 30", &format!("{NAMED}s,{T}01,a\ns,{T}31,a\n"), "a; page_refresh 1");
    // No dates, or a clock that is too coarse.
    check("", &format!("{NAMED}s,1,a\ns,2,a\n"), "a a");
    check("", "session_id,timestamp,item_id,n\ns,2024-05-01,a,1\ns,2024-05-01,a,2\n", "a a");
    check("", "session_id,timestamp,item_id,n\ns,2024-05-01 10:01,a,1\ns,2024-05-01 10:01,a,2\n", "a a");
}

#[test]
fn bots_are_dropped() {
    // One event a step, in a session beside a person's two events.
    let log = |n: usize, step_ms: i64, kind: &str| -> String {
        let start = 1_714_557_600_123_i64;
        let bot: String =
            (0..n as i64).map(|row| format!("bot,{},i{},{kind}\n", start + row * step_ms, row % 50)).collect();
        format!("{KINDS}me,{start},a,view\nme,{},b,view\n{bot}", start + 60_000)
    };
    let dropped = |config: &str, log: String| {
        let (sessions, report) = read("e.csv", log.as_bytes(), config).unwrap();
        check_promises(&sessions, &report);
        assert_eq!(report.bot_sessions, u64::from(report.dropped_rows(Reason::Bot) > 0));
        report.dropped_rows(Reason::Bot)
    };
    assert_eq!(dropped("", log(500, 5_000, "view")), 0);
    assert_eq!(dropped("", log(501, 5_000, "view")), 501);
    assert_eq!(dropped("[cleaning]\nbot_session_events = 0", log(501, 5_000, "view")), 0);
    assert_eq!(dropped("[cleaning]\nbot_session_events = 100", log(101, 5_000, "click")), 101);
    assert_eq!(dropped("", log(60, 500, "view")), 0);
    assert_eq!(dropped("", log(61, 500, "view")), 61);
    assert_eq!(dropped("", log(61, 1_000, "view")), 0);
    assert_eq!(dropped("[cleaning]\nbot_minute_events = 0", log(61, 500, "view")), 0);
    // A wholesaler's invoice.
    assert_eq!(dropped("", log(1_200, 0, "purchase")), 0);
    // Ordinals know no minutes, and a day's date no more.
    let ordinals: String = (0..100).map(|row| format!("s,{row},i{row}\n")).collect();
    assert_eq!(dropped("", format!("{NAMED}{ordinals}")), 0);
    let days: String = (0..100).map(|row| format!("s,2024-05-01,i{row}\n")).collect();
    assert_eq!(dropped("", format!("{NAMED}{days}")), 0);
    // Without dates a session that is named can be too long, but a visitor's history cannot.
    let ordinals: String = (0..501).map(|row| format!("s,{row},i{row}\n")).collect();
    assert_eq!(dropped("", format!("{NAMED}t,1,a\n{ordinals}")), 501);
    assert_eq!(dropped("", format!("{VISITORS}t,1,a\n{ordinals}")), 0);
}

#[test]
fn missing_values_are_counted() {
    check("", &format!("{NAMED}s,1,\n,2,a\ns,,a\ns,4,a\n"), {
        "a; missing_item 1; missing_session 1; missing_timestamp 1"
    });
    check("", &format!("{NAMED}s,1,null\nNaN,2,a\ns,3,a\ns,4,nan\n"), "a; missing_item 2; missing_session 1");
    check("[file]\nmissing = [\"-\"]", &format!("{NAMED}s,1,-\ns,2,null\n"), "null; missing_item 1");
    check("", &format!("{VISITORS},1,a\nv,2,a\n"), "a; missing_session 1");
    check("", &format!("{NAMED}s,soon,a\ns,2,b\n"), "b; bad_timestamp 1");
    check("", &format!("{NAMED}s,1\ns,2,b\ns,3,c,d\n"), "b; unparsable_line 2");
    check("", &format!("{NAMED}\n\ns,2,b\n\n"), "b");
    check("[cleaning]\nignored_items = [\"POST\"]", &format!("{NAMED}s,1,POST\ns,2,post\n"), "post; ignored_item 1");
    check("[cleaning]\nmin_item_events = 2", &format!("{NAMED}s,1,a\ns,2,b\ns,3,a\nt,4,c\n"), "a a; rare_item 2");
    check("", "session_id,timestamp,item_id,quantity\ns,1,a,many\ns,2,b,\ns,3,c,2\n", "b c; unparsable_line 1");
    check("", "session_id,timestamp,item_id,event\ns,1,,view\ns,2,b,view\n", "b; missing_item 1");
}

#[test]
fn times_beyond_the_calendar_are_dropped() {
    for time in ["9223372036854775807", "1e300", "253402300799000", "1700000000000000000"] {
        check("", &format!("{NAMED}s,1700000000000,a\ns,1700000001000,b\nt,{time},c\n"), "a b; clock_skew 1");
    }
    check("", &format!("{NAMED}s,1,a\ns,2,b\nt,1e300,c\n"), "a b; clock_skew 1");
}

#[test]
fn bad_lines_are_located() {
    let located = |name: &str, bytes: &[u8]| {
        let (_, report) = read(name, bytes, "").unwrap();
        let lines: Vec<String> = report.bad_lines.iter().map(|flaw| without_folders(&flaw.to_string(), name)).collect();
        lines.join("\n")
    };
    let bad_time =
        "column `timestamp`, value \"soon\": not a timestamp. Say how it is written with [columns] time_format";
    assert_eq!(located("e.csv", format!("{NAMED}s,1,a\ns,soon,b\n").as_bytes()), format!("FILE, line 3, {bad_time}"));
    assert_eq!(
        located("e.csv", format!("{NAMED}s,1,a\ns,soon,b\n").replace('\n', "\r\n").as_bytes()),
        format!("FILE, line 3, {bad_time}")
    );
    // Lines are counted, not rows: a value may have line ends, and blank lines are lines.
    assert_eq!(
        located("e.csv", format!("{NAMED}s,1,\"a\nb\"\n\ns,soon,b\n").as_bytes()),
        format!("FILE, line 5, {bad_time}")
    );
    assert_eq!(
        located("e.csv", format!("{NAMED}s,1,a\ns,2\n").as_bytes()),
        "FILE, line 3: 2 values, but the header has 3 columns"
    );
    assert_eq!(
        located("e.csv", b"session_id,timestamp,item_id\ns,1,a\ns,2,\xe9t\xe9\n"),
        "FILE, line 3, column `item_id`, value \"\u{fffd}t\u{fffd}\": not UTF-8. Convert the file, e.g. with: iconv -f \
         latin1 -t utf-8"
    );
    assert_eq!(
        located("e.jsonl", b"{\"session_id\":1,\"timestamp\":1,\"item_id\":\"a\"}\n\n{\"session_id\":1,\n"),
        "FILE, line 3: no JSON object: EOF while parsing a value at line 2 column 0"
    );
    assert_eq!(
        located("e.csv", b"session_id,timestamp,item_id,quantity\ns,1,a,1\ns,1,b,few\n"),
        "FILE, line 3, column `quantity`, value \"few\": not a number"
    );
    assert_eq!(
        located("e.csv", format!("{NAMED}s,1,a\n\ns,2,\"b\ns,3,c").as_bytes()),
        "FILE, line 4: a quote is opened and never closed\nFILE, line 5: a quote before it is never closed"
    );
    assert_eq!(
        located("e.jsonl", b"{\"session_id\":1,\"timestamp\":1,\"item_id\":\"a\"}\n{\"session_id\":1,\"timestamp\":2,\"item_id\":[\"b\"]}\n"),
        "FILE, line 2, column `item_id`, value \"[\\\"b\\\"]\": a list or a record, and no id. Write one row an item, or \
         map another column"
    );
    let (long, start) = ("x".repeat(1025), "x".repeat(80));
    assert_eq!(
        located("e.csv", format!("{NAMED}s,1,{}\ns,2,{long}\n", &long[1..]).as_bytes()),
        format!(
            "FILE, line 3, column `item_id`, value \"{start}…\": an id of more than 1,024 bytes. Map another column, which \
             holds the ids"
        )
    );
    // Five are shown.
    let many: String = (0..9).map(|_| "s,soon,b\n").collect();
    assert_eq!(located("e.csv", format!("{NAMED}s,1,a\n{many}").as_bytes()).lines().count(), 5);
}

#[test]
fn too_many_bad_lines_are_fatal() {
    let log = |good: usize, bad: usize| {
        let good: String = (0..good).map(|row| format!("s{row},{row},a\n")).collect();
        let bad: String = (0..bad).map(|_| "s,soon,b\n").collect();
        format!("{NAMED}{good}{bad}")
    };
    let bad_of = |config: &str, log: String| match read("e.csv", log.as_bytes(), config) {
        Ok((_, report)) => Ok(report.dropped_rows(Reason::BadTimestamp)),
        Err(error) => Err(error.code()),
    };
    assert_eq!(bad_of("", log(20, 10)), Ok(10));
    assert_eq!(bad_of("", log(20, 11)), Err("input_too_many_bad_lines"));
    assert_eq!(bad_of("", log(1_980, 20)), Ok(20));
    // What stands in a quote that is never closed is lost, line by line.
    let in_quote = |lines: usize| {
        let open = format!("{}s,1,\"a\n{}", log(20, 0), "s,1,a\n".repeat(lines - 1));
        read("e.csv", open.as_bytes(), "").map(|(_, report)| report.dropped_rows(Reason::UnparsableLine))
    };
    assert_eq!(in_quote(10).map_err(|error| error.code()), Ok(10));
    assert_eq!(in_quote(11).map_err(|error| error.code()), Err("input_too_many_bad_lines"));
    assert_eq!(bad_of("", log(1_979, 21)), Err("input_too_many_bad_lines"));
    assert_eq!(bad_of("[cleaning]\nbad_line_share = 0.5", log(20, 20)), Ok(20));
    assert_eq!(bad_of("[cleaning]\nbad_line_share = 0\nbad_line_minimum = 0", log(2_000, 1)), {
        Err("input_too_many_bad_lines")
    });
    check_error(
        "e.csv",
        format!("{NAMED}s,soon,b\ns,1,a\n").as_bytes(),
        "[cleaning]\nbad_line_minimum = 0",
        "input_too_many_bad_lines",
        "1 of 2 rows cannot be understood, which is more than the allowed share of 0.01:\n  FILE, line 2, column \
         `timestamp`, value \"soon\": not a timestamp. Say how it is written with [columns] time_format\nMend the file or \
         the column mapping, or allow more with [cleaning] bad_line_share",
    );
}
