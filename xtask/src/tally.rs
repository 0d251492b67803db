//! Counting what test runners report.

/// How many tests passed, failed and were skipped, and why the last.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
    /// One reason a skipped test, as far as the runner gave any.
    pub(crate) reasons: Vec<String>,
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
                tally.passed = tally.passed.saturating_sub(1);
                tally.skipped += 1;
                tally.reasons.push(reason.to_owned());
            } else if let Some((test, reason)) = line.split_once(" ... ignored") {
                tally.reasons.push(format!("{} is ignored{reason}", test.trim_start_matches("test ")));
            }
        }
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
    }
}

/// The value of an attribute in the text of a tag, with the five named entities of XML resolved.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let value = rest.split('"').next()?;
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    Some(entities.iter().fold(value.to_owned(), |text, (entity, character)| text.replace(entity, character)))
}
