use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;

use super::inspect::load;
use super::output;
use super::rules::load_rules;
use crate::model::Rules;
use crate::rank::Scratch;
use crate::replay::{Trace, Verdict, verify};

/// Answer recorded requests once more, and fail unless every answer is the same to the bit
///
///   reshelve rerank store.shelf --session tent-1 --candidates mug-3,tent-2 --trace trace.json
///   reshelve replay store.shelf --trace trace.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// The model file
    #[arg(value_name = "MODEL", required_unless_present = "schema")]
    model: Option<PathBuf>,
    /// Traces, one JSON object behind the other: docs/REPLAY.md has their shape
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present = "schema")]
    trace: Vec<PathBuf>,
    /// Rules that traces name: TOML, JSON, or what `reshelve rules compile` wrote
    #[arg(long, value_name = "FILE", num_args = 1..)]
    rules: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Print the JSON Schema of a trace
    #[arg(long, exclusive = true)]
    schema: bool,
}

/// What became of all traces.
#[derive(Debug, Serialize)]
struct Replayed {
    traces: usize,
    same: usize,
    others: Vec<Other>,
}

/// A trace that did not come out the same.
#[derive(Debug, Serialize)]
struct Other {
    file: String,
    /// Its number in the file, from 1.
    trace: usize,
    #[serde(flatten)]
    verdict: Verdict,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let Some(path) = arguments.model.as_ref().filter(|_| !arguments.schema) else {
        return output::print_json(&Trace::json_schema());
    };
    let model = load(path)?;
    let rules: Vec<Rules> = arguments.rules.iter().map(|path| load_rules(&model, path)).collect::<Result<_>>()?;
    let mut replayed = Replayed { traces: 0, same: 0, others: Vec::new() };
    let mut scratch = Scratch::default();
    for path in &arguments.trace {
        for (trace, number) in read_traces(path)?.iter().zip(1..) {
            let file = path.display().to_string();
            let verdict = verify(&model, &rules, trace, &mut scratch);
            let verdict = verdict.with_context(|| format!("{file}, trace {number}"))?;
            replayed.traces += 1;
            match verdict {
                Verdict::Same => replayed.same += 1,
                verdict => replayed.others.push(Other { file, trace: number, verdict }),
            }
        }
    }
    if replayed.traces == 0 {
        bail!("there is no trace to answer");
    }
    if arguments.json {
        output::print_json(&replayed)?;
    } else {
        replayed.others.iter().try_for_each(|other| output::print(account(other)))?;
        output::print(format!("{} of {} traces give the same answer", replayed.same, replayed.traces))?;
    }
    match replayed.others.len() {
        0 => Ok(()),
        others => bail!("{others} of {} traces do not give the answer that they hold", replayed.traces),
    }
}

fn account(Other { file, trace, verdict }: &Other) -> String {
    let what = match verdict {
        Verdict::Same => "the same answer".to_owned(),
        Verdict::Differs { slot, expected, found } => {
            let stands = |item: &Option<String>| item.clone().unwrap_or_else(|| "nothing".to_owned());
            format!("rank {} was {}; now it is {}", slot + 1, stands(expected), stands(found))
        }
        Verdict::OtherModel { expected, found } => {
            format!("it was answered by model {expected}, and this is model {found}; give the model that it names")
        }
        Verdict::OtherRules { expected, found } => {
            let found =
                if found.is_empty() { "none were given".to_owned() } else { format!("given: {}", found.join(", ")) };
            format!("it was answered by rules {expected}; {found}; give these rules by --rules")
        }
    };
    format!("{file}, trace {trace}: {what}")
}

/// Reads the traces of a file.
pub(super) fn read_traces(path: &Path) -> Result<Vec<Trace>> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the traces {name}"))?;
    Trace::read_all(&text)
        .with_context(|| format!("{name} holds something that is no trace; `reshelve replay --schema` has the shape"))
}

/// Where to write down what was answered.
#[derive(Debug, Args)]
pub(super) struct TraceArguments {
    /// Write down what was asked and answered, for `reshelve replay`
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
}

impl TraceArguments {
    /// Writes the trace, if one is wanted.
    pub(super) fn write(&self, trace: impl FnOnce() -> Trace) -> Result<()> {
        let Some(path) = &self.trace else { return Ok(()) };
        let text = serde_json::to_string(&trace()).context("cannot write the trace as JSON")?;
        output::write_whole(path, format!("{text}\n").as_bytes())
    }
}
