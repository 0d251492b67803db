//! `reshelve evaluate --impressions`: how well shown lists are ordered.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::{Result, bail};
use serde::Serialize;

use super::meter::Meter;
use super::output;
use crate::eval::impressions::{ListFigures, ListRanks, measure_times, rank_lists};
use crate::model::Model;
use crate::train::input::{Config, ImpressionReport, Source, read_impressions};
use crate::train::ranker::booster::{BoosterOptions, boost};
use crate::train::ranker::{attach, click_weight, learn_base, position_exponent, training_lists};
use crate::train::{Catalog, ClickedList, Impressions, Options, Watch, part_of};

/// Seed of the folds; what a visitor's fold is depends on nothing else.
const FOLDS_SEED: u64 = 1;

/// What was found, over all folds together.
#[derive(Debug, Serialize)]
struct Report {
    lists: usize,
    folds: u64,
    log: ImpressionReport,
    /// Mean reciprocal rank of the clicked item in the model's order, as the JSON's readers look for it.
    mrr: f64,
    ndcg: f64,
    shown: ListFigures,
    recency: ListFigures,
    position_bias: PositionBias,
    train_seconds: f64,
    p50_us: f64,
    p99_us: f64,
}

/// What the slot by itself does to clicks, and to these figures.
#[derive(Debug, Serialize)]
struct PositionBias {
    /// The chance to be seen is taken to fall with the rank r as 1/r^exponent; the mean of the folds.
    exponent: f64,
    /// The same orders, every list counted by the inverse of its click's chance to be seen.
    unbiased: Orders,
    /// A model whose clicks were corrected in full: see `[impressions] position_correction`.
    corrected: Corrected,
}

#[derive(Debug, Serialize)]
struct Orders {
    model: ListFigures,
    shown: ListFigures,
    recency: ListFigures,
}

#[derive(Debug, Serialize)]
struct Corrected {
    logged: ListFigures,
    unbiased: ListFigures,
}

/// A clicked list's ranks, with the corrected model's, and its weight without the bias.
struct Judged {
    ranks: ListRanks,
    corrected: usize,
    weight: f64,
}

pub(super) fn run(
    sources: &[Source],
    catalog: Option<&Catalog>,
    config: &Config,
    folds: u64,
    options: &Options,
    json: bool,
) -> Result<()> {
    if folds < 2 {
        bail!("--folds is {folds}; give 2 or more, so that no list is judged by a model that learned from its visitor");
    }
    let (impressions, log) = read_impressions(sources, config, &Meter::new())?;
    let impressions = impressions.without_sensitive_items(catalog);
    let n_visitors = impressions.clicked_lists().map(|list| list.session.visitor).collect::<BTreeSet<u64>>().len();
    if folds > n_visitors as u64 {
        bail!("--folds is {folds}, and {n_visitors} visitors clicked in a list; every fold needs one of at least two");
    }
    let report = evaluate(&impressions, catalog, log, folds, options, &Meter::new())?;
    if json { output::print_json(&report) } else { output::print(table(&report)) }
}

fn evaluate(
    impressions: &Impressions,
    catalog: Option<&Catalog>,
    log: ImpressionReport,
    folds: u64,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Report> {
    let booster = BoosterOptions { seed: options.seed, ..BoosterOptions::default() };
    let mut judged: Vec<Judged> = Vec::new();
    let (mut exponents, mut train_seconds) = (0.0, 0.0);
    let mut times = Vec::new();
    for fold in 0..folds {
        let start = Instant::now();
        let is_learned = |visitor| part_of(visitor, folds, FOLDS_SEED) != fold;
        let base = learn_base(impressions, catalog, &is_learned, options, watch)?;
        let mut lists = training_lists(impressions, catalog, &is_learned, options, watch)?;
        let exponent = position_exponent(impressions, &is_learned);
        let [model, corrected] = [options.position_correction, 1.0].map(|correction| {
            lists.weigh(|slot| click_weight(slot, exponent * correction));
            watch.begin(&format!("fold {} of {folds}: ranker", fold + 1), booster.trees as u64);
            let trees = boost(&lists, &booster, |done| watch.advance(done as u64));
            let model = attach(&base, impressions, &is_learned, &trees)?;
            Ok::<_, anyhow::Error>(Model::from_bytes(model)?)
        });
        let (model, corrected) = (model?, corrected?);
        train_seconds += start.elapsed().as_secs_f64();
        exponents += exponent;
        let tested: Vec<ClickedList> =
            impressions.clicked_lists().filter(|list| !is_learned(list.session.visitor)).collect();
        let corrected = rank_lists(&corrected, impressions, &tested);
        let ranks = rank_lists(&model, impressions, &tested);
        judged.extend(ranks.into_iter().zip(corrected).map(|(ranks, corrected)| Judged {
            ranks,
            corrected: corrected.model,
            weight: ((ranks.shown) as f64).powf(exponent),
        }));
        times.extend(measure_times(&model, impressions, &tested));
    }
    times.sort_unstable_by(f64::total_cmp);
    let time_at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or(0.0);
    let logged = |rank: fn(&Judged) -> usize| ListFigures::of(judged.iter().map(|list| (rank(list), 1.0)));
    let unbiased = |rank: fn(&Judged) -> usize| ListFigures::of(judged.iter().map(|list| (rank(list), list.weight)));
    let model = logged(|list| list.ranks.model);
    Ok(Report {
        lists: judged.len(),
        folds,
        log,
        mrr: model.mrr,
        ndcg: model.ndcg,
        shown: logged(|list| list.ranks.shown),
        recency: logged(|list| list.ranks.recency),
        position_bias: PositionBias {
            exponent: exponents / folds as f64,
            unbiased: Orders {
                model: unbiased(|list| list.ranks.model),
                shown: unbiased(|list| list.ranks.shown),
                recency: unbiased(|list| list.ranks.recency),
            },
            corrected: Corrected { logged: logged(|list| list.corrected), unbiased: unbiased(|list| list.corrected) },
        },
        train_seconds,
        p50_us: time_at(0.5),
        p99_us: time_at(0.99),
    })
}

fn table(report: &Report) -> String {
    let bias = &report.position_bias;
    let mut lines = vec![
        report.log.to_string(),
        format!("{} lists, {} folds by visitor", report.lists, report.folds),
        format!("{:<24} {:>8} {:>8} {:>14} {:>14}", "", "MRR", "NDCG", "unbiased MRR", "unbiased NDCG"),
    ];
    let mut row = |name: &str, logged: ListFigures, unbiased: ListFigures| {
        let (mrr, ndcg) = (logged.mrr, logged.ndcg);
        lines.push(format!("{name:<24} {mrr:>8.4} {ndcg:>8.4} {:>14.4} {:>14.4}", unbiased.mrr, unbiased.ndcg));
    };
    row("model", ListFigures { mrr: report.mrr, ndcg: report.ndcg }, bias.unbiased.model);
    row("model, corrected", bias.corrected.logged, bias.corrected.unbiased);
    row("recency rule", report.recency, bias.unbiased.recency);
    row("shown order", report.shown, bias.unbiased.shown);
    lines.push(format!("the chance to be seen falls with the rank r as 1/r^{:.2}", bias.exponent));
    lines.push(format!(
        "learned in {:.1} s; a list takes {:.0} µs at the median, {:.0} µs at the 99th percentile",
        report.train_seconds, report.p50_us, report.p99_us
    ));
    lines.join("\n")
}
