use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::meter::Meter;
use crate::train::input::{
    CatalogReport, ColumnFlags, Config, ImpressionReport, InputError, IntakeReport, Source, read_catalog, read_events,
    read_impressions,
};
use crate::train::{Catalog, Impressions, Sessions};

/// How a log and a catalog are read.
#[derive(Debug, Args)]
pub(super) struct InputArguments {
    /// What the columns and the events of the files are called, and how they are cleaned: a TOML file, see docs/INPUT.md
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    columns: ColumnFlags,
}

impl InputArguments {
    /// The configuration file with the flags on top.
    pub(super) fn config(&self) -> Result<Config, InputError> {
        let mut config = match &self.config {
            Some(path) => Config::load(path)?,
            None => Config::default(),
        };
        self.columns.apply(&mut config)?;
        Ok(config)
    }
}

/// Differential privacy, beside what `[privacy]` of the configuration says.
#[derive(Debug, Args)]
#[command(next_help_heading = "Privacy")]
pub(super) struct NoiseArguments {
    /// Learn under differential privacy for all events of one visitor: 1 protects well, 8 little; needs a catalog. See
    /// docs/PRIVACY.md
    #[arg(long, value_name = "E")]
    epsilon: Option<f64>,
    /// The chance to which --epsilon promises nothing: below 1 in the number of visitors [default: 0.000001]
    #[arg(long, value_name = "D")]
    delta: Option<f64>,
}

impl NoiseArguments {
    /// Puts what was said into the configuration.
    pub(super) fn apply(&self, config: &mut Config) -> Result<(), InputError> {
        let privacy = &mut config.privacy;
        privacy.epsilon = self.epsilon.or(privacy.epsilon);
        privacy.delta = self.delta.or(privacy.delta);
        if let (None, Some(delta)) = (privacy.epsilon, privacy.delta) {
            let problem = "means nothing without ε. Give ε with --epsilon or [privacy] epsilon, or leave δ out";
            return Err(InputError::Setting { key: "privacy.delta", value: delta.to_string(), problem });
        }
        if privacy.epsilon.is_some() {
            config.cleaning.judge_visitors_apart();
        }
        config.check()
    }
}

/// Fails where standard input is to be read twice.
pub(super) fn check_stdin<'a>(sources: impl IntoIterator<Item = &'a Source>) -> Result<()> {
    if sources.into_iter().filter(|source| **source == Source::Stdin).count() > 1 {
        bail!("standard input can be read once; give all other files by their paths");
    }
    Ok(())
}

/// Reads an event log with progress.
pub(super) fn read_log(sources: &[Source], config: &Config) -> Result<(Sessions, IntakeReport), InputError> {
    read_events(sources, config, &Meter::new())
}

/// Reads a catalog with progress, if there is one.
pub(super) fn read_items(sources: &[Source], config: &Config) -> Result<Option<(Catalog, CatalogReport)>, InputError> {
    if sources.is_empty() {
        return Ok(None);
    }
    read_catalog(sources, config, &Meter::new()).map(Some)
}

/// Reads a log with shown lists with progress, if there is one.
pub(super) fn read_lists(
    sources: &[Source],
    config: &Config,
) -> Result<Option<(Impressions, ImpressionReport)>, InputError> {
    if sources.is_empty() {
        return Ok(None);
    }
    read_impressions(sources, config, &Meter::new()).map(Some)
}
