//! Counting what test runners report.

/// How many tests passed, failed and were skipped, and why the last.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
    /// One reason a skipped test, as far as the runner gave any.
    pub(crate) reasons: Vec<String>,
    /// The names of failed tests, as far as the runner gave any.
    pub(crate) failures: Vec<String>,
}

impl Tally {
    /// Counts a check that passes or fails as a whole.
    pub(crate) fn of(success: bool) -> Self {
        Self { passed: usize::from(success), failed: usize::from(!success), ..Self::default() }
    }

    /// Counts something that could not be run.
    pub(crate) fn skip(reason: impl Into<String>) -> Self {
        Self { skipped: 1, reasons: vec![reason.into()], ..Self::default() }
    }

    /// Reads the output of `cargo test -- --show-output`. The Rust harness knows no skipping at run time: a test that
    /// cannot run prints one line `skipped: WHY` and returns, and is counted as skipped here.
    pub(crate) fn of_cargo(output: &str) -> Self {
        let mut tally = Self::default();
        let mut n_said_skipped = 0;
        for line in output.lines() {
            if let Some(result) = line.strip_prefix("test result: ") {
                for part in result.split([';', '.']) {
                    match part.trim().split_once(' ') {
                        Some((count, "passed")) => tally.passed += count.parse::<usize>().unwrap_or(0),
                        Some((count, "failed")) => tally.failed += count.parse::<usize>().unwrap_or(0),
                        Some((count, "ignored")) => tally.skipped += count.parse::<usize>().unwrap_or(0),
                        _ => {}
                    }
                }
            } else if let Some(reason) = line.strip_prefix("skipped: ") {
                n_said_skipped += 1;
                tally.reasons.push(reason.to_owned());
            } else if let Some((test, reason)) = line.split_once(" ... ignored") {
                tally.reasons.push(format!("{} is ignored{reason}", test.trim_start_matches("test ")));
            } else if let Some(test) = line.strip_suffix(" ... FAILED") {
                tally.failures.push(test.trim_start_matches("test ").to_owned());
            }
        }
        tally.passed = tally.passed.saturating_sub(n_said_skipped);
        tally.skipped += n_said_skipped;
        tally
    }

    /// Reads a JUnit report, as Node, Deno and Bun write it.
    pub(crate) fn of_junit(report: &str) -> Self {
        let mut tally = Self::default();
        for case in report.split("<testcase").skip(1) {
            let case = case.split("</testcase>").next().unwrap_or(case);
            if let Some((_, skipped)) = case.split_once("<skipped") {
                tally.skipped += 1;
                let name = attribute(case, "name").unwrap_or_default();
                let tag = skipped.split('>').next().unwrap_or_default();
                tally.reasons.push(match attribute(tag, "message") {
                    Some(reason) if reason != "true" => format!("{name}: {reason}"),
                    _ => name,
                });
            } else if case.contains("<failure") || case.contains("<error") {
                tally.failed += 1;
                tally.failures.extend(attribute(case, "name"));
            } else {
                tally.passed += 1;
            }
        }
        tally
    }

    /// Adds another count to this one.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.reasons.extend(other.reasons);
        self.failures.extend(other.failures);
    }
}

/// The value of an attribute in the text of a tag, with the five named entities of XML resolved.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let value = rest.split('"').next()?;
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    Some(entities.iter().fold(value.to_owned(), |text, (entity, character)| text.replace(entity, character)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tally: Tally, passed: usize, failures: &[&str], reasons: &[&str]) {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        assert_eq!((tally.passed, tally.failed, tally.skipped), (passed, failures.len(), reasons.len()));
        assert_eq!((tally.failures, tally.reasons), (owned(failures), owned(reasons)));
    }

    #[test]
    fn cargo_results_add_up() {
        let output = "test a ... ok\ntest result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n\
                      test b::c ... FAILED\ntest d ... FAILED\n\
                      test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";
        check(Tally::of_cargo(output), 15, &["b::c", "d"], &[]);
    }

    #[test]
    fn a_cargo_test_that_says_so_is_skipped() {
        let output = "test b ... ignored, takes an hour\n---- c stdout ----\nskipped: no data\n\
                      test result: ok. 2 passed; 0 failed; 1 ignored\n";
        check(Tally::of_cargo(output), 1, &[], &["b is ignored, takes an hour", "no data"]);
    }

    #[test]
    fn no_results_are_no_tests() {
        check(Tally::of_cargo("error: could not compile"), 0, &[], &[]);
        check(Tally::of_junit(""), 0, &[], &[]);
    }

    #[test]
    fn junit_of_node_counts() {
        let report = r#"<testsuites><testcase name="a" time="1"/><testsuite name="group"><testcase name="b"/></testsuite>
            <testcase name="c &lt;d>"><skipped type="skipped" message="no &quot;data&quot;"/></testcase>
            <testcase name="e" failure="1 !== 2"><failure>stack</failure></testcase></testsuites>"#;
        check(Tally::of_junit(report), 2, &["e"], &["c <d>: no \"data\""]);
    }

    #[test]
    fn junit_of_deno_and_bun_counts() {
        let report = r#"<testsuite><testcase name="a"> <skipped/> </testcase><testcase name="b" > </testcase>
            <testcase name="c"><error message="m"/></testcase></testsuite>"#;
        check(Tally::of_junit(report), 1, &["c"], &["a"]);
    }
}
