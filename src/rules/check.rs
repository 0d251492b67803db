//! What in a file of rules will not do what was meant.

use std::collections::{BTreeMap, BTreeSet};

use super::compile::{Compiled, CompiledRule};
use super::finding::{Finding, Severity};
use super::names::{ITEM, flag, is_of_request};
use super::parts::Part;
use super::program::named_words;
use super::quotas::{self, overlap};
use super::requests::{can_apply, may_hold, meet};
use super::{Comparison, Expression, Relation, RuleFile};
use crate::format::FormatError;
use crate::format::attributes::{POPULARITY, REPURCHASE_DAYS, TRENDING};
use crate::format::ids;
use crate::format::metadata::ONE;
use crate::format::rules::{BOOST_MAX, RuleKind};
use crate::model::{Model, Rules, is_within};
use crate::rank::{Basis, PLACEMENT, Page, RecommendRequest, Scratch, recommend, rows_where};
use crate::session::Session;

/// More rules than these are more than people keep in mind.
const MANY_RULES: usize = 100;
/// Items from which the spread of scores is measured.
const SPREAD_SAMPLES: usize = 20;
/// The spread is the distance of the first and this recommendation: the first that is on the next page of many lists.
const SPREAD_RANK: usize = 25;

/// Looks for contradictions, for rules without effect, and for rules with too much of it. Without a model only for what
/// shows in the file itself. A filter should leave `enough` items.
///
/// # Errors
///
/// [`FormatError`] if the runtime refuses the compiled rules, which would be our own mistake.
pub fn check(
    file: &RuleFile,
    compiled: &Compiled,
    model: Option<&Model>,
    enough: usize,
) -> Result<Vec<Finding>, FormatError> {
    let mut checker = Checker { file, compiled, findings: Vec::new() };
    checker.counts();
    checker.slots();
    checker.whens();
    checker.conditions();
    checker.missing_overlays(model);
    checker.placement_names();
    if let Some(model) = model {
        let rules = Rules::from_bytes(model, &compiled.to_file())?;
        checker.pers(model);
        checker.comparisons(model);
        let rows = checker.rows(model, &rules);
        let shown = shown(compiled, &rows);
        let in_placements = checker.in_placements(model, &rules);
        checker.effects(&rows, &shown);
        checker.answers(model, &rules);
        checker.pins(model, &rows, &in_placements);
        checker.filters(model, &rows, enough);
        checker.caps(model, &rows, enough);
        checker.placements(model, &rows, &in_placements, enough);
        for (rule, severity, message) in quotas::contradictions(compiled, model, &shown) {
            checker.tell(severity, Some(&rule.label), message);
        }
        checker.boosts(model, &rows)?;
    }
    checker.findings.sort();
    checker.findings.dedup();
    Ok(checker.findings)
}

struct Checker<'a> {
    file: &'a RuleFile,
    compiled: &'a Compiled,
    findings: Vec<Finding>,
}

impl Checker<'_> {
    fn tell(&mut self, severity: Severity, rule: Option<&str>, message: String) {
        self.findings.push(Finding { severity, rule: rule.map(str::to_owned), message });
    }

    /// More rules than anyone keeps in mind, and more items than ranks.
    fn counts(&mut self) {
        let n_rules = self.file.n_rules();
        if n_rules > MANY_RULES {
            let message =
                format!("{n_rules} rules; more than {MANY_RULES} work against each other unseen. Drop old ones");
            self.tell(Severity::Warning, None, message);
        }
        let compiled = self.compiled;
        for quota in compiled.rules.iter().filter(|rule| rule.rule.kind == RuleKind::Quota) {
            let (least, first) = (quota.rule.number, quota.rule.first);
            if i64::from(least) > i64::from(first) {
                let message = format!("at least {least} among the first {first} cannot be. Ask for less");
                self.tell(Severity::Error, Some(&quota.label), message);
            }
        }
    }

    /// Two rules for one rank, two ranks for one item.
    fn slots(&mut self) {
        let compiled = self.compiled;
        let gives = |rule: &&CompiledRule| matches!(rule.rule.kind, RuleKind::Pin | RuleKind::Reserve);
        let giving: Vec<&CompiledRule> = compiled.rules.iter().filter(gives).collect();
        for (at, second) in giving.iter().enumerate() {
            for first in &giving[..at] {
                let (label, rank) = (&first.label, first.rule.number + 1);
                let message = if first.rule.number == second.rule.number {
                    format!("rank {rank} is taken by {label}, which comes first. Give it another rank")
                } else if first.rule.item == second.rule.item && first.rule.item != 0 {
                    format!("the item is pinned to rank {rank} by {label}, which comes first. Drop one")
                } else {
                    continue;
                };
                if let Some(severity) = meet(first, second) {
                    self.tell(severity, Some(&second.label), message);
                }
            }
        }
    }

    /// Conditions on the request that no request fulfills, or none of a placement that reaches as far as the rule's rank.
    fn whens(&mut self) {
        let (compiled, placements) = (self.compiled, &self.file.placement);
        for rule in compiled.rules.iter().filter(|rule| rule.when.is_some()) {
            let gives = matches!(rule.rule.kind, RuleKind::Pin | RuleKind::Reserve);
            let reaches =
                |at: usize| placements[at].limit.is_none_or(|limit| i64::from(limit) > rule.rule.number.into());
            if !can_apply(rule, placements, |_| true) {
                let message = "no request fulfills its `when` on its surfaces: it can never fire".to_owned();
                self.tell(Severity::Error, Some(&rule.label), message);
            } else if gives && !can_apply(rule, placements, reaches) {
                let message = "the placements that it is for have fewer ranks: it never fires".to_owned();
                self.tell(Severity::Error, Some(&rule.label), message);
            }
        }
    }

    /// Conditions on items that hold for none, whatever a request brings. Of those that columns alone decide a model tells.
    fn conditions(&mut self) {
        let compiled = self.compiled;
        for rule in &compiled.rules {
            if !self.is_decided(&rule.of) && rule.of.as_ref().is_some_and(|of| !may_hold(of)) {
                let message = match rule.is_negated {
                    true => "its condition holds for every item, whatever it has: it never bars one",
                    false => "its condition holds for no item, whatever it has: it never fires",
                };
                self.tell(Severity::Error, Some(&rule.label), message.to_owned());
            }
        }
    }

    /// Filters that keep only what an overlay vouches for, of which the model knows nothing.
    fn missing_overlays(&mut self, model: Option<&Model>) {
        let (compiled, overlays) = (self.compiled, &self.file.overlays);
        let columns = model.and_then(Model::attributes);
        let is_column = |name: &str| columns.as_ref().is_some_and(|columns| columns.column(name).is_some());
        let is_missing = |asked: &Comparison| overlays.contains(&asked.name) && !is_column(&asked.name);
        for rule in compiled.rules.iter().filter(|rule| rule.is_negated) {
            let Some(of) = &rule.of else { continue };
            if !may_be(of, true, &is_missing)
                && let Some(Comparison { name, .. }) = of.comparisons().into_iter().find(|asked| is_missing(asked))
            {
                let message = format!(
                    "a request that brings no `{name}` shows nothing: unknown numbers make comparisons false. Say \
                     what to drop, or bring `{name}` with every request"
                );
                self.tell(Severity::Warning, Some(&rule.label), message);
            }
        }
    }

    /// Placements that conditions ask for and that there are none of.
    fn placement_names(&mut self) {
        let (compiled, file) = (self.compiled, self.file);
        for rule in &compiled.rules {
            for asked in rule.when.iter().chain(&rule.of).flat_map(Expression::comparisons) {
                for word in named_words(asked).filter(|_| asked.name == PLACEMENT) {
                    if file.placement.iter().all(|placement| placement.name != word) {
                        let message = format!("no placement is called {word:?}; check how it is written");
                        self.tell(Severity::Warning, Some(&rule.label), message);
                    }
                }
            }
        }
    }

    /// What is counted by and the model does not have.
    fn pers(&mut self, model: &Model) {
        let (compiled, file) = (self.compiled, self.file);
        for rule in &compiled.rules {
            let Some(per) = rule.per.as_ref().filter(|per| *per != ITEM && !file.overlays.contains(per)) else {
                continue;
            };
            match model.column(per) {
                None => self.tell(Severity::Error, Some(&rule.label), no_column(model, per)),
                Some(column) if rule.rule.kind == RuleKind::Boost && column.n_words() > 0 => {
                    let message = format!("{per} has words, of which nothing can be added");
                    self.tell(Severity::Error, Some(&rule.label), message);
                }
                Some(_) => {}
            }
        }
    }

    /// Names and words of conditions that the model does not have.
    fn comparisons(&mut self, model: &Model) {
        let (compiled, file) = (self.compiled, self.file);
        let rules = compiled.rules.iter().map(|rule| (&rule.label, &rule.of));
        let parts = compiled.placements.iter().chain(&compiled.answers).map(|part| (&part.label, &part.of));
        for (label, asked) in rules
            .chain(parts)
            .flat_map(|(label, of)| of.iter().flat_map(Expression::comparisons).map(move |asked| (label, asked)))
        {
            let name = &asked.name;
            if matches!(asked.relation, Relation::Holds(..)) || name == ITEM {
                for word in named_words(asked).filter(|word| model.ids().row(ids::hash(word)).is_none()) {
                    self.tell(Severity::Warning, Some(label), format!("the model does not know the item {word:?}"));
                }
                continue;
            }
            if file.overlays.contains(name) || file.context.contains(name) || is_of_request(name) {
                continue;
            }
            let column = model.column(name);
            // Where the catalog flags no item, there is no column of flags.
            if column.is_none() && flag(name).is_none() {
                self.tell(Severity::Error, Some(label), no_column(model, name));
                continue;
            }
            let Some(column) = column.filter(|_| !matches!(asked.relation, Relation::Among(_))) else { continue };
            let of_words = !asked.relation.is_of_numbers();
            if of_words != (column.n_words() > 0) {
                let has = if of_words {
                    "numbers, and is compared with words"
                } else {
                    "words, and is compared with numbers"
                };
                self.tell(Severity::Error, Some(label), format!("{name} has {has}: the comparison is always false"));
                continue;
            }
            for word in named_words(asked) {
                let is_path = matches!(asked.relation, Relation::Under(_));
                if !column.words().any(|known| known == word || is_path && is_within(known, &word)) {
                    let message = format!("no item of the model has {word:?} as its {name}; check how it is written");
                    self.tell(Severity::Warning, Some(label), message);
                }
            }
        }
    }

    /// Whether the columns alone decide a condition.
    fn is_decided(&self, of: &Option<Expression>) -> bool {
        !of.iter().flat_map(Expression::comparisons).any(|asked| {
            let of_request = self.file.overlays.contains(&asked.name)
                || self.file.context.contains(&asked.name)
                || is_of_request(&asked.name);
            let of_shopper = matches!(
                asked.relation,
                Relation::Among(_)
                    | Relation::Holds(..)
                    | Relation::IsGiven(_)
                    | Relation::IsNotGiven(_)
                    | Relation::UnderGiven(_)
            );
            of_request || of_shopper
        })
    }

    /// The items of each rule whose condition the columns alone decide; of a pin its own.
    fn rows(&self, model: &Model, rules: &Rules) -> Vec<Option<Vec<bool>>> {
        let rows = |rule: &CompiledRule| match rule.rule.kind {
            RuleKind::Pin => {
                let pinned = model.ids().row(rule.rule.item);
                Some((0..model.n_items() as u32).map(|row| Some(row) == pinned).collect())
            }
            _ => self.is_decided(&rule.of).then(|| rows_where(model, rules, rule.rule.of)),
        };
        self.compiled.rules.iter().map(rows).collect()
    }

    /// Answers that say nothing of any item.
    fn answers(&mut self, model: &Model, rules: &Rules) {
        let compiled = self.compiled;
        for answer in &compiled.answers {
            if self.is_decided(&answer.of) && !rows_where(model, rules, answer.begin).contains(&true) {
                let message = "it concerns no item of the model: whoever gives it sees nothing change".to_owned();
                self.tell(Severity::Warning, Some(&answer.label), message);
            }
        }
    }

    /// The items of each placement whose `where` the columns alone decide.
    fn in_placements(&self, model: &Model, rules: &Rules) -> Vec<Option<Vec<bool>>> {
        let rows = |part: &Part| self.is_decided(&part.of).then(|| rows_where(model, rules, part.begin));
        self.compiled.placements.iter().map(rows).collect()
    }

    /// Placements that draw from what the model does not have, or too late, or that filters leave too little for.
    fn placements(
        &mut self,
        model: &Model,
        rows: &[Option<Vec<bool>>],
        in_placements: &[Option<Vec<bool>>],
        enough: usize,
    ) {
        let (compiled, file) = (self.compiled, self.file);
        let has_column = |name: &str| model.column(name).is_some();
        for ((placement, part), shown) in file.placement.iter().zip(&compiled.placements).zip(in_placements) {
            if placement.draw.iter().skip(1).any(|name| Basis::from_name(name) == Some(Basis::Discovery)) {
                let message = "`discovery` behind another step finds nothing: draw from it first, or give a share of \
                               ranks with `discovery = 0.2`";
                self.tell(Severity::Warning, Some(&part.label), message.to_owned());
            }
            for name in &placement.draw {
                let missing = match Basis::from_name(name) {
                    Some(Basis::Session) if model.embeddings().is_none() && model.neighbors().is_none() => {
                        "embeddings and no neighbor rows"
                    }
                    Some(Basis::Similar) if model.embeddings().is_none() => "embeddings",
                    Some(Basis::Together) if model.neighbors().is_none() => "neighbor rows",
                    Some(Basis::Popular) if !has_column(POPULARITY) => "column popularity",
                    Some(Basis::Trending) if !has_column(TRENDING) => "column trending",
                    Some(Basis::Again) if !has_column(REPURCHASE_DAYS) => "column repurchase_days",
                    _ => continue,
                };
                let message = format!("it draws from `{name}`, and the model has no {missing}: that finds nothing");
                self.tell(Severity::Warning, Some(&part.label), message);
            }
            let Some(shown) = shown else { continue };
            let applying: Vec<&Vec<bool>> = filters(compiled, rows)
                .filter(|(rule, _)| rule.when.is_none() && applies(rule, &placement.surface))
                .map(|(_, rows)| rows)
                .collect();
            let left = shown
                .iter()
                .zip(0..)
                .filter(|&(&shown, row): &(&bool, usize)| shown && !applying.iter().any(|rows| rows[row]));
            let (left, enough) = (left.count(), placement.limit.map_or(enough, |limit| limit as usize));
            // Of what filters alone leave too little for it is told there.
            if left < enough && (placement.of.is_some() || placement.limit.is_some()) {
                let message =
                    format!("its `where` and the filters leave {left} of {} items; it needs {enough}", model.n_items());
                let severity = if left == 0 { Severity::Error } else { Severity::Warning };
                self.tell(severity, Some(&part.label), message);
            }
        }
    }

    /// Rules that never fire: for want of items, or because filters bar all of them.
    fn effects(&mut self, rows: &[Option<Vec<bool>>], shown: &[Option<Vec<bool>>]) {
        let compiled = self.compiled;
        for (rule, (items, shown)) in compiled.rules.iter().zip(rows.iter().zip(shown)) {
            let (Some(_), Some(items), Some(shown)) = (&rule.of, items, shown) else { continue };
            if !items.contains(&true) {
                let message = match rule.is_negated {
                    true => "its condition holds for every item of the model: it never bars one",
                    false => "its condition concerns no item of the model: it never fires",
                };
                self.tell(Severity::Warning, Some(&rule.label), message.to_owned());
            } else if matches!(rule.rule.kind, RuleKind::Reserve | RuleKind::Quota) && !shown.contains(&true) {
                let filters: Vec<&str> =
                    filters_on(rule, items, compiled, rows).map(|(filter, _)| &filter.label[..]).collect();
                let message = format!("all its items are barred by {}: it never fires", filters.join(", "));
                self.tell(Severity::Error, Some(&rule.label), message);
            }
        }
    }

    fn pins(&mut self, model: &Model, rows: &[Option<Vec<bool>>], in_placements: &[Option<Vec<bool>>]) {
        let (compiled, placements) = (self.compiled, &self.file.placement);
        for pin in compiled.rules.iter().filter(|rule| rule.rule.kind == RuleKind::Pin) {
            let Some(row) = model.ids().row(pin.rule.item) else {
                self.tell(
                    Severity::Warning,
                    Some(&pin.label),
                    "the model does not know the item: it never fires".to_owned(),
                );
                continue;
            };
            let may_show = |at: usize| in_placements[at].as_ref().is_none_or(|shown| shown[row as usize]);
            if can_apply(pin, placements, |_| true) && !can_apply(pin, placements, may_show) {
                let message = "the `where` of the placements that it is for bars the item: it never fires".to_owned();
                self.tell(Severity::Error, Some(&pin.label), message);
            }
            for (filter, rows) in filters(compiled, rows) {
                if rows[row as usize]
                    && let Some(severity) = meet(filter, pin)
                {
                    let message = format!("{} bars the item: it never fires while both apply", filter.label);
                    self.tell(severity, Some(&pin.label), message);
                }
            }
        }
    }

    /// What filters leave: each by itself, with those that apply whenever it does, and those without `when`, by surface.
    fn filters(&mut self, model: &Model, all: &[Option<Vec<bool>>], enough: usize) {
        let compiled = self.compiled;
        let left_by = |barred: &dyn Fn(usize) -> bool| (0..model.n_items()).filter(|&row| !barred(row)).count();
        let severity = |left| if left == 0 { Severity::Error } else { Severity::Warning };
        let mut fine = Vec::new();
        for (filter, rows) in filters(compiled, all) {
            let left = left_by(&|row| rows[row]);
            if left < enough {
                let message = format!("it leaves {left} of {} items; a block needs {enough}", model.n_items());
                self.tell(severity(left), Some(&filter.label), message);
            } else if filter.when.is_none() {
                fine.push((filter, rows));
            } else {
                let applying: Vec<_> =
                    filters(compiled, all).filter(|(other, _)| meet(other, filter) == Some(Severity::Error)).collect();
                let left = left_by(&|row| applying.iter().any(|(_, rows)| rows[row]));
                if left < enough {
                    let others =
                        applying.iter().map(|(other, _)| &other.label[..]).filter(|other| *other != filter.label);
                    let message = format!(
                        "with {} it leaves {left} of {} items; a block needs {enough}",
                        others.collect::<Vec<_>>().join(", "),
                        model.n_items()
                    );
                    self.tell(severity(left), Some(&filter.label), message);
                }
            }
        }
        let named = fine.iter().flat_map(|(filter, _)| &filter.surfaces).map(String::as_str);
        let surfaces: BTreeSet<&str> = named.chain([""]).collect();
        let mut told = BTreeSet::new();
        for surface in surfaces {
            let applying: Vec<usize> = (0..fine.len()).filter(|&at| applies(fine[at].0, surface)).collect();
            let left = left_by(&|row| applying.iter().any(|&at| fine[at].1[row]));
            // The same filters are told of once.
            if left < enough && !applying.is_empty() && told.insert(applying) {
                let on = if surface.is_empty() {
                    "surfaces without filters of their own".to_owned()
                } else {
                    format!("{surface:?}")
                };
                let message = format!(
                    "on {on} the filters together leave {left} of {} items; a block needs {enough}",
                    model.n_items()
                );
                self.tell(severity(left), None, message);
            }
        }
    }

    /// Caps that keep blocks short, whatever the shopper does.
    fn caps(&mut self, model: &Model, rows: &[Option<Vec<bool>>], enough: usize) {
        let compiled = self.compiled;
        for (cap, counted) in compiled.rules.iter().zip(rows).filter(|(rule, _)| rule.rule.kind == RuleKind::Cap) {
            let Some(counted) = counted else { continue };
            let mut shown = vec![true; model.n_items()];
            for (_, barred) in filters(compiled, rows).filter(|(filter, _)| meet(filter, cap) == Some(Severity::Error))
            {
                shown.iter_mut().zip(barred).for_each(|(is_shown, is_barred)| *is_shown &= !is_barred);
            }
            let n_shown = shown.iter().filter(|&&is_shown| is_shown).count();
            let allowed = quotas::allowed_by(cap, counted, &shown, model, enough);
            // Where filters leave too little, that is told of them.
            if let Some(allowed) = allowed.filter(|&allowed| allowed < enough && n_shown >= enough) {
                let message = format!("it leaves room for {allowed} items; a block needs {enough}. Allow more");
                self.tell(Severity::Warning, Some(&cap.label), message);
            }
        }
    }

    /// Boosts that put an item of the next page before the first, alone or with those that always apply with them.
    fn boosts(&mut self, model: &Model, rows: &[Option<Vec<bool>>]) -> Result<(), FormatError> {
        let compiled = self.compiled;
        let boosts: Vec<Push> =
            compiled.rules.iter().zip(rows).filter_map(|(rule, rows)| Push::new(rule, rows, model)).collect();
        let Some(spread) = spread(model)?.filter(|_| !boosts.is_empty()) else { return Ok(()) };
        let mut told = BTreeSet::new();
        for boost in &boosts {
            let drowns_alone = boost.by.abs() >= spread.into();
            let joins = |other: &&Push| !drowns_alone && boost.is_joined_by(other);
            let others: Vec<&Push> = boosts.iter().filter(joins).collect();
            let sum = boost.by.abs() + others.iter().map(|other| other.by.abs()).sum::<i64>();
            let mut labels: BTreeSet<&str> = others.iter().map(|other| &other.rule.label[..]).collect();
            let with: String = labels.iter().map(|label| format!("with {label} ")).collect();
            labels.insert(&boost.rule.label);
            // The same boosts are told of once.
            if sum >= spread.into() && told.insert(labels) {
                let message = format!(
                    "{with}it moves an item by {} thousandths of a logit; rank 1 and rank {SPREAD_RANK} of a shopper with \
                     one event are {} apart (the median of {SPREAD_SAMPLES} items): relevance drowns. Choose less",
                    thousandths(sum.min(BOOST_MAX.into())),
                    thousandths(spread.into())
                );
                self.tell(Severity::Warning, Some(&boost.rule.label), message);
            }
        }
        Ok(())
    }
}

/// A boost that may drown relevance.
struct Push<'a> {
    rule: &'a CompiledRule,
    /// The items that it concerns, where the columns alone decide that.
    rows: Option<&'a Vec<bool>>,
    /// The most that it adds to a score.
    by: i64,
}

impl<'a> Push<'a> {
    /// None of another rule, nor of a boost among the first ones: what is relevant does not drown in that.
    fn new(rule: &'a CompiledRule, rows: &'a Option<Vec<bool>>, model: &Model) -> Option<Push<'a>> {
        let greatest = rule.per.as_ref().map_or(1, |per| greatest(model, per));
        let push = Push { rule, rows: rows.as_ref(), by: i64::from(rule.rule.number) * i64::from(greatest) };
        (rule.rule.kind == RuleKind::Boost && rule.rule.first == 0).then_some(push)
    }

    /// Whether another one adds to it, for some item, whenever it applies.
    fn is_joined_by(&self, other: &Push) -> bool {
        let concern_one = self.rows.zip(other.rows).is_some_and(|(rows, others)| overlap(rows, others));
        let is_other = !std::ptr::eq(self.rule, other.rule) && self.by.signum() == other.by.signum();
        is_other && concern_one && meet(other.rule, self.rule) == Some(Severity::Error)
    }
}

/// That a model has no column of this name, and which it has.
fn no_column(model: &Model, name: &str) -> String {
    let columns: BTreeMap<&str, _> = model.attributes().map(|columns| columns.iter().collect()).unwrap_or_default();
    let known = columns.into_keys().collect::<Vec<_>>().join(", ");
    format!("the model has no column {name}, and no overlay of it is declared; there are: {known}")
}

/// The greatest value of a column; 0 without one, as of an overlay.
fn greatest(model: &Model, per: &str) -> i32 {
    let column = model.column(per).filter(|column| column.n_words() == 0);
    let values = column.map(|column| (0..model.n_items() as u32).map(move |row| column.value(row)));
    values.and_then(Iterator::max).unwrap_or(0).min(BOOST_MAX as u32) as i32
}

fn applies(rule: &CompiledRule, surface: &str) -> bool {
    rule.surfaces.is_empty() || rule.surfaces.iter().any(|on| on == surface)
}

fn thousandths(score: i64) -> i64 {
    let one = i64::from(ONE);
    (score * 1000 + one / 2) / one
}

/// Filters that the columns alone decide, with what they bar.
fn filters<'a>(
    compiled: &'a Compiled,
    rows: &'a [Option<Vec<bool>>],
) -> impl Iterator<Item = (&'a CompiledRule, &'a Vec<bool>)> {
    let decided = compiled.rules.iter().zip(rows).filter(|(rule, _)| rule.rule.kind == RuleKind::Filter);
    decided.filter_map(|(rule, rows)| Some((rule, rows.as_ref()?)))
}

/// Those of these filters that bar some of a rule's items whenever it applies.
fn filters_on<'a>(
    rule: &'a CompiledRule,
    items: &'a [bool],
    compiled: &'a Compiled,
    rows: &'a [Option<Vec<bool>>],
) -> impl Iterator<Item = (&'a CompiledRule, &'a Vec<bool>)> {
    filters(compiled, rows)
        .filter(|(filter, barred)| overlap(items, barred) && meet(filter, rule) == Some(Severity::Error))
}

/// The items of each rule but those that are barred whenever it applies.
fn shown(compiled: &Compiled, rows: &[Option<Vec<bool>>]) -> Vec<Option<Vec<bool>>> {
    let shown = |(rule, items): (&CompiledRule, &Option<Vec<bool>>)| {
        let items = items.as_ref()?;
        let mut shown = items.clone();
        for (_, barred) in filters_on(rule, items, compiled, rows) {
            shown.iter_mut().zip(barred).for_each(|(is_shown, is_barred)| *is_shown &= !is_barred);
        }
        Some(shown)
    };
    compiled.rules.iter().zip(rows).map(shown).collect()
}

/// Whether a condition may turn out so: comparisons with what is missing do not hold, all others may or may not.
fn may_be(expression: &Expression, answer: bool, is_missing: &dyn Fn(&Comparison) -> bool) -> bool {
    let may = |part: &Expression| may_be(part, answer, is_missing);
    match expression {
        Expression::All(parts) if answer => parts.iter().all(may),
        Expression::Any(parts) if !answer => parts.iter().all(may),
        Expression::All(parts) | Expression::Any(parts) => parts.iter().any(may),
        Expression::Not(inner) => may_be(inner, !answer, is_missing),
        Expression::Comparison(asked) => !answer || !is_missing(asked),
    }
}

/// The median over some items of what the first recommendation has over that of rank [`SPREAD_RANK`], or the last, for a shopper who has
/// viewed that item alone; none where nothing is recommended.
fn spread(model: &Model) -> Result<Option<i32>, FormatError> {
    let none =
        super::compile(&RuleFile::default()).map_or_else(|_| unreachable!("no rule is wrong"), |none| none.to_file());
    let none = Rules::from_bytes(model, &none)?;
    let mut scratch = Scratch::default();
    let step = (model.n_items() / SPREAD_SAMPLES).max(1);
    let spread = |row: u32| {
        let seeds = [row];
        let request = RecommendRequest {
            page: Page { rules: Some(&none), ..Page::default() },
            limit: SPREAD_RANK,
            seeds: Some(&seeds),
            ..RecommendRequest::default()
        };
        let found = recommend(model, &Session::default(), &request, false, &mut scratch).ok()?;
        let (first, last) = (found.items.first()?, found.items.last()?);
        Some(first.parts.score() - last.parts.score())
    };
    let mut spreads: Vec<i32> =
        (0..model.n_items() as u32).step_by(step).take(SPREAD_SAMPLES).filter_map(spread).collect();
    spreads.sort_unstable();
    Ok(spreads.get(spreads.len() / 2).copied())
}
