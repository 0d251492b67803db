use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::inspect::load;
use super::shopper::rows;
use super::{output, rules_diff};
use crate::format::container::MAGIC;
use crate::model::{Model, Rules};
use crate::rank::{ContextWord, Overlay};
use crate::rules::{Compiled, Finding, RuleFile, Severity, check, compile, is_of_request};

/// Check a store's rules, compile them, or print the schema of their file
///
/// Rules say what must and must not be shown, whatever a model says: docs/RULES.md has the language.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: RulesCommand,
}

#[derive(Debug, Subcommand)]
enum RulesCommand {
    /// Find contradictions, rules without effect and rules with too much of it; fails if one cannot do what it says
    Check {
        /// The rules, TOML or JSON
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The model that they are for: with it, its items and words are looked at
        #[arg(long, value_name = "MODEL")]
        model: Option<PathBuf>,
        /// Items that filters should leave at least
        #[arg(long, value_name = "N", default_value_t = 20)]
        enough: usize,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write the rules in the form that the runtime takes beside a model
    Compile {
        /// The rules, TOML or JSON
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The file to write
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Say what a change of rules would have done to recorded sessions
    Diff(Box<rules_diff::Arguments>),
    /// Print the JSON Schema of a file of rules
    Schema,
}

/// What a check found.
#[derive(Debug, Serialize)]
struct Checked {
    rules: usize,
    bytes: usize,
    findings: Vec<Finding>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    match &arguments.command {
        RulesCommand::Diff(arguments) => rules_diff::run(arguments),
        RulesCommand::Schema => output::print_json(&RuleFile::json_schema()),
        RulesCommand::Compile { file, output } => output::write_whole(output, &compiled(file)?.to_file()),
        RulesCommand::Check { file, model, enough, json } => run_check(file, model.as_ref(), *enough, *json),
    }
}

fn run_check(path: &Path, model: Option<&PathBuf>, enough: usize, json: bool) -> Result<()> {
    let file = RuleFile::load(path)?;
    let compiled = compile(&file).with_context(|| path.display().to_string())?;
    let model = model.map(load).transpose()?;
    let findings = check(&file, &compiled, model.as_ref(), enough)?;
    let n_errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let checked = Checked { rules: compiled.rules.len(), bytes: compiled.section.len(), findings };
    if json {
        output::print_json(&checked)?;
    } else {
        for Finding { severity, rule, message } in &checked.findings {
            let severity = if *severity == Severity::Error { "error" } else { "warning" };
            let rule = rule.as_ref().map_or_else(String::new, |rule| format!("{rule}: "));
            output::print(format!("{severity}: {rule}{message}"))?;
        }
        let n_findings = checked.findings.len();
        output::print(format!("{} rules, {} bytes, {n_findings} findings", checked.rules, checked.bytes))?;
    }
    if n_errors > 0 {
        bail!("{}: {n_errors} of the rules' findings are errors", path.display());
    }
    Ok(())
}

/// Reads and compiles a file of rules.
pub(super) fn compiled(path: &Path) -> Result<Compiled> {
    compile(&RuleFile::load(path)?).with_context(|| path.display().to_string())
}

/// Reads rules, in whatever form, and binds them to a model. With them what people call each, by number; nothing where only
/// their bytes are at hand.
pub(super) fn load_named_rules(model: &Model, path: &Path) -> Result<(Rules, Vec<String>)> {
    let name = || path.display().to_string();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the rules {}", name()))?;
    let (bytes, names) = if bytes.starts_with(&MAGIC) {
        (bytes, Vec::new())
    } else {
        let compiled = compiled(path)?;
        (compiled.to_file(), compiled.rules.into_iter().map(|rule| rule.label).collect())
    };
    Ok((Rules::from_bytes(model, &bytes).with_context(name)?, names))
}

/// The same without their names.
pub(super) fn load_rules(model: &Model, path: &Path) -> Result<Rules> {
    load_named_rules(model, path).map(|(rules, _)| rules)
}

/// Rules for a request, and what they may know of it.
#[derive(Debug, Args)]
pub(super) struct RuleArguments {
    /// Rules in place of the model's: TOML, JSON, or what `reshelve rules compile` wrote
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// What is known of the request, for rules and for what is popular in such a context, e.g. device=mobile
    #[arg(long, value_name = "NAME=WORD", value_parser = parse_context)]
    context: Vec<(String, String)>,
}

/// Numbers for the candidates.
#[derive(Debug, Clone)]
pub(super) struct OverlayArgument {
    name: String,
    values: Vec<i32>,
}

/// Numbers for items of the catalog; of the others there is none.
#[derive(Debug, Clone)]
pub(super) struct CatalogOverlayArgument {
    name: String,
    ids: Vec<String>,
    values: Vec<i32>,
}

impl CatalogOverlayArgument {
    /// The same with a number for every row.
    pub(super) fn by_row(&self, model: &Model) -> Result<OverlayArgument> {
        let mut values = vec![Overlay::NOT_KNOWN; model.n_items()];
        for (row, &value) in rows(model, &self.ids, "--overlay")?.into_iter().zip(&self.values) {
            values[row as usize] = value;
        }
        Ok(OverlayArgument { name: self.name.clone(), values })
    }
}

impl RuleArguments {
    /// The rules bound to a model; none to go by the model's own.
    pub(super) fn rules(&self, model: &Model) -> Result<Option<Rules>> {
        self.rules.as_ref().map(|path| load_rules(model, path)).transpose()
    }

    pub(super) fn context(&self) -> Result<Vec<ContextWord<'_>>> {
        check_names("--context", self.context.iter().map(|(name, _)| name.as_str()))?;
        Ok(self.context.iter().map(|(name, word)| (name.as_str(), word.as_str())).collect())
    }
}

/// The overlays of a request.
pub(super) fn overlays(arguments: &[OverlayArgument]) -> Result<Vec<Overlay<'_>>> {
    check_names("--overlay", arguments.iter().map(|overlay| overlay.name.as_str()))?;
    Ok(arguments.iter().map(|OverlayArgument { name, values }| Overlay { name, values }).collect())
}

/// Fails where a name is given twice.
fn check_names<'a>(flag: &str, mut names: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = BTreeSet::new();
    match names.find(|&name| !seen.insert(name)) {
        Some(name) => bail!("{flag} gives {name} twice; give it once"),
        None => Ok(()),
    }
}

fn parse_context(text: &str) -> Result<(String, String)> {
    let (name, word) = text.split_once('=').context("write NAME=WORD, e.g. device=mobile")?;
    if is_of_request(name) {
        bail!("what rules call {name} is known from the session and the other flags; take another name");
    }
    Ok((name.to_owned(), word.to_owned()))
}

/// A name and numbers; an empty place or `-` is not known.
pub(super) fn parse_overlay(text: &str) -> Result<OverlayArgument> {
    let (name, values) = text.split_once('=').context("write NAME=NUMBERS, e.g. stock=3,0,12")?;
    let value = |value: &str| match value.trim() {
        "" | "-" => Ok(Overlay::NOT_KNOWN),
        number => parse_number(number),
    };
    let values = values.split(',').map(value).collect::<Result<_>>()?;
    Ok(OverlayArgument { name: name.to_owned(), values })
}

/// A name, and numbers of items by their ids.
pub(super) fn parse_catalog_overlay(text: &str) -> Result<CatalogOverlayArgument> {
    let how = "write NAME=ID:NUMBER,…, e.g. stock=tent-1:3,mug-2:0";
    let (name, entries) = text.split_once('=').context(how)?;
    let entry = |entry: &str| {
        let (id, number) = entry.rsplit_once(':').context(how)?;
        Ok((id.to_owned(), parse_number(number.trim())?))
    };
    let (ids, values) = entries.split(',').map(entry).collect::<Result<Vec<_>>>()?.into_iter().unzip();
    Ok(CatalogOverlayArgument { name: name.to_owned(), ids, values })
}

fn parse_number(text: &str) -> Result<i32> {
    text.parse().with_context(|| format!("{text:?} is no whole number"))
}
