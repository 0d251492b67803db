//! Finds on the newest sessions, by learning from the older ones, how long to learn and how to mix.

use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::dataset::Sessions;
use super::embedding::{Around, Calibration, Embedding, Held, PLACES, Rounded, Trainer};
use super::neighbors::{self, Leads, NeighborOptions, Solved};
use super::options::Options;
use super::priors::Tilts;
use super::shelf::{self, Header, Kinds, POPULARITY};
use super::universe::Universe;
use super::{Watch, attributes, cold};
use crate::eval::{Case, Cases, Figures, K, measure};
use crate::format::FormatError;
use crate::format::attributes::Encoded;
use crate::format::metadata::ONE;
use crate::format::neighbors::Entry;
use crate::model::Model;
use crate::session::EventKind;

/// Share of the sessions that are held out, the newest ones: one in so many. Of a small log more, for few cases tell little:
/// this many sessions, and at most a larger share.
const HELD_OUT: usize = 20;
const FEWEST_HELD_OUT: usize = 500;
const MOST_HELD_OUT: usize = 5;
/// Most cases that are scored at a time, and how many of them are scored first: one in so many.
const MAX_CASES: usize = 16_000;
const FIRST_CASES: usize = 4;
/// Epochs after which it is chosen how much is learned from what is around an item.
const RACE: u32 = 2;
/// Of what is tried, a gain of less than this over the root of the number of cases is taken for chance.
const LEAST_GAIN: f64 = 0.1;
/// Epochs without a gain after which no more are tried.
const PATIENCE: u32 = 2;
/// Weights of the neighbor rows that are tried besides 0, in 1/1024.
const NEIGHBOR_WEIGHTS: [u16; 7] = [256, 512, 1024, 2048, 4096, 8192, 16384];
/// What is tried to be multiplied with the calibrated temperature, and with the calibrated biases. Likelihood looks at all chances
/// alike; what is asked for is the head of the list.
const TEMPERATURES: [f32; 4] = [0.64, 0.8, 1.25, 1.6];
const BIASES: [f32; 6] = [0.0, 0.25, 0.5, 0.75, 1.25, 1.5];
/// What is tried on top of the calibrated bonus of items in the session, in logits. Likelihood fits the bonus to the mean
/// session; but who comes back to an item at all mostly does so soon, and then its rank is what counts.
const HISTORY_SHIFTS: [f32; 8] = [-0.5, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0];
/// What a level of popularity is tried to count beside rows alone, in 1/1024 of a logit.
const POPULARITIES: [u16; 6] = [0, 1, 2, 4, 8, 32];
/// Weights that are tried for every kind of event but the most frequent, in 1/1024.
const KIND_WEIGHTS: [u16; 4] = [0, 512, 1024, 4096];
/// What is tried to be added to the score of an item for what was done with it last, in 1/1024 of a logit.
const KIND_HISTORIES: [i16; 6] = [-8192, -4096, -2048, 2048, 4096, 8192];
/// Smallest share of the held-out events that a kind must have for its numbers to be told apart from chance.
const MIN_KIND_SHARE: f64 = 0.01;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tuned {
    /// Epochs after which the held-out sessions are predicted best.
    pub(super) epochs: u32,
    /// How much is learned from what is around an item when they are.
    pub(super) around: Around,
    /// Corrections of the embedding with which they are.
    pub(super) calibration: Calibration,
    /// Neighbor rows with which they are.
    pub(super) neighbors: NeighborOptions,
    /// Whose rows are asked when they are.
    pub(super) leads: Leads,
    /// And the weight of these, in 1/1024.
    pub(super) neighbors_weight: u16,
    /// What a level of popularity counts with which they are, without an embedding.
    pub(super) popularity: u16,
    /// What tells kinds of events apart with which they are.
    pub(super) kinds: Kinds,
    /// What items without events get beside what their content says, in logits.
    pub(super) cold_prior: f32,
    /// How much contexts count beside a session, in 1/1024.
    pub(super) context_weight: u16,
    /// What rounding the embedding costs; none where there was too little to hold out.
    pub(super) rounding: Option<Rounding>,
}

/// The embedding alone on the held-out sessions, without the neighbor rows, before and after it is rounded to the numbers of
/// the file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rounding {
    /// Hit rate and mean reciprocal rank in floating point.
    pub float_hr: f64,
    /// As `float_hr`.
    pub float_mrr: f64,
    /// Hit rate and mean reciprocal rank of the runtime with the file.
    pub shipped_hr: f64,
    /// As `shipped_hr`.
    pub shipped_mrr: f64,
}

impl Rounding {
    fn measure(embedding: &Embedding, held: &[Held], shipped: &Model, cases: &Cases) -> Rounding {
        let ranks = held.par_iter().map(|case| {
            let logits = embedding.logits(&case.newest_first, false);
            let target = logits[case.target as usize];
            // Ties count against it, and the target is one of its own.
            logits.iter().filter(|&&logit| logit >= target).count()
        });
        let ranks: Vec<usize> = ranks.filter(|&rank| rank <= K).collect();
        let reciprocal: f64 = ranks.iter().map(|&rank| 1.0 / rank as f64).sum();
        // In floating point all events are alike.
        let alike = cases.0.iter().map(|case| Case { kinds: Arc::default(), ..case.clone() });
        let shipped = measure(shipped, &Cases(alike.collect()));
        let n_cases = cases.0.len() as f64;
        Rounding {
            float_hr: ranks.len() as f64 / n_cases,
            float_mrr: reciprocal / n_cases,
            shipped_hr: shipped.hr,
            shipped_mrr: shipped.mrr,
        }
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rounding { float_hr, float_mrr, shipped_hr, shipped_mrr } = self;
        write!(
            f,
            "rounding: on the newest sessions the embedding alone has HR {float_hr:.4} MRR {float_mrr:.4}, and \
             {shipped_hr:.4} {shipped_mrr:.4} as it is in the file"
        )
    }
}

impl Default for Tuned {
    /// What is taken where there is too little to hold out.
    fn default() -> Tuned {
        Tuned {
            epochs: 3,
            around: Around::ALL[0],
            calibration: Calibration::default(),
            neighbors: NeighborOptions::default(),
            leads: Leads::Session,
            neighbors_weight: 256,
            popularity: POPULARITY,
            kinds: Kinds::default(),
            cold_prior: 0.0,
            context_weight: 0,
            rounding: None,
        }
    }
}

impl Tuned {
    /// What the file says of how to mix; of no time and no seed.
    pub(super) fn header(&self) -> Header {
        Header {
            neighbors_weight: self.neighbors_weight,
            leads: self.leads,
            kinds: self.kinds,
            popularity: self.popularity,
            history: self.calibration.history,
            ..Header::default()
        }
    }
}

/// A training on the older sessions, and the best that it has come to.
struct Run<'a> {
    around: Around,
    trainer: Trainer<'a>,
    /// Epochs so far.
    tried: u32,
    /// How well it has predicted the newest sessions.
    worth: f64,
    /// After how many epochs, and with what.
    epochs: u32,
    calibration: Calibration,
    embedding: Embedding,
}

impl<'a> Run<'a> {
    fn new(around: Around, trainer: Trainer<'a>) -> Run<'a> {
        let (calibration, embedding) = (Calibration::default(), trainer.embedding().clone());
        Run { around, trainer, tried: 0, worth: f64::NEG_INFINITY, epochs: 0, calibration, embedding }
    }

    /// Learns for one more epoch, and looks whether that predicts better.
    fn epoch(&mut self, trial: &Trial, watch: &dyn Watch) -> Result<(), FormatError> {
        self.tried += 1;
        watch.begin(&format!("tune: {}, epoch {}", self.around.name, self.tried), self.trainer.epoch_len() as u64);
        self.trainer.epoch(|done| watch.advance(done as u64));
        let embedding = self.trainer.embedding();
        let calibration = Calibration::fit(embedding, &trial.held);
        let worth = trial.worth_alone(embedding, calibration)?;
        if worth > self.worth {
            (self.worth, self.epochs, self.calibration) = (worth, self.tried, calibration);
            self.embedding.clone_from(embedding);
        }
        Ok(())
    }
}

/// Learns from all but the newest sessions, measures on those after every epoch with the runtime as it is shipped, and
/// stops when it gets no better. How to mix is then chosen at the best epoch.
pub(super) fn tune(universe: &Universe, options: &Options, watch: &dyn Watch) -> Result<Tuned, FormatError> {
    let untuned = Tuned { neighbors: options.neighbors, ..Tuned::default() };
    let trial = Trial::new(universe, options.seed);
    let Some(run) = trial.race(options, watch)? else { return Ok(untuned) };
    let shapes = shapes(options);
    let solved = Solved::new(&trial.older.sessions, options.neighbors.min_visitors);
    let rows: Vec<Vec<Vec<Entry>>> = shapes.iter().map(|shape| solved.rows(shape.per_item)).collect();
    let rows_of = |tuned: &Tuned| {
        let shape = shapes.iter().position(|shape| *shape == tuned.neighbors);
        rows[shape.expect("a shape is one of those that are tried")].as_slice()
    };
    let rounded = Rounded::new(&trial.hidden(run.embedding.clone()));
    let mixed = |tuned: &Tuned| {
        let embedding = trial.hidden(tuned.calibration.apply(run.embedding.clone()));
        trial.model(Some((&embedding, &rounded)), rows_of(tuned), tuned)
    };
    let learned = Tuned { epochs: run.epochs, around: run.around, calibration: run.calibration, ..untuned };
    let attempts = attempts(run.calibration, &shapes, &told_apart(&trial.cases));
    let (tuned, found) = trial.mix(Tuned { neighbors_weight: 0, ..learned }, run.worth, attempts, mixed, watch)?;
    // What items of the session get was fitted beside another temperature.
    let refitted = tuned.calibration.refit_known(&run.embedding, &trial.held);
    let shifts = [0.0].into_iter().chain(HISTORY_SHIFTS);
    let attempts = shifts.map(|shift| history_attempt(refitted, shift)).collect();
    let (mut tuned, _) = trial.mix(tuned, found, attempts, mixed, watch)?;
    if let Some(tilts) = Tilts::learn(&trial.older) {
        tuned.context_weight = tilts.session_weight(&mixed(&tuned)?, &trial.cases)?;
    }
    let alone = mixed(&Tuned { neighbors_weight: 0, kinds: Kinds::default(), ..tuned })?;
    let embedding = tuned.calibration.apply(run.embedding.clone());
    tuned.rounding = Some(Rounding::measure(&trial.hidden(embedding.clone()), &trial.held, &alone, &trial.cases));
    tuned.cold_prior = cold::rehearse(&embedding, &trial.older, &trial.cases, |embedding, rounded, is_new| {
        trial.model(Some((embedding, rounded)), &without(rows_of(&tuned), is_new), &tuned)
    })?;
    Ok(tuned)
}

/// Finds on the newest sessions how neighbor rows of the older ones predict best without an embedding.
pub(super) fn tune_rows(universe: &Universe, options: &Options, watch: &dyn Watch) -> Result<Tuned, FormatError> {
    let untuned = Tuned { epochs: 0, neighbors: options.neighbors, neighbors_weight: ONE as u16, ..Tuned::default() };
    let trial = Trial::new(universe, options.seed);
    let rows = neighbors::solve(&trial.older.sessions, &options.neighbors);
    let model_of = |tuned: &Tuned| trial.model(None, &rows, tuned);
    let mut attempts: Vec<Attempt> = Vec::new();
    for leads in Leads::ALL {
        attempts.push(Box::new(move |tuned| tuned.leads = leads));
    }
    for popularity in POPULARITIES {
        attempts.push(Box::new(move |tuned| tuned.popularity = popularity));
    }
    attempts.extend(HISTORY_SHIFTS.map(|shift| history_attempt(untuned.calibration, shift)));
    attempts.extend(kind_attempts(&told_apart(&trial.cases)));
    let found = worth(measure(&model_of(&untuned)?, &trial.cases));
    Ok(trial.mix(untuned, found, attempts, model_of, watch)?.0)
}

/// The steps of the newest sessions, which are held out of what is tried.
pub(super) fn newest_cases(sessions: &Sessions) -> Cases {
    Cases::of_sessions(&sessions.part(first_held_out(sessions)..sessions.len())).thinned(MAX_CASES)
}

/// Where the newest sessions begin.
fn first_held_out(sessions: &Sessions) -> usize {
    let n_held_out = FEWEST_HELD_OUT.min(sessions.len() / MOST_HELD_OUT).max(sessions.len() / HELD_OUT);
    sessions.len() - n_held_out
}

/// The older sessions, to learn from, and the newest, to measure on.
struct Trial {
    older: Universe,
    /// Of the older sessions, once: they go through all events.
    columns: Vec<Encoded>,
    cases: Cases,
    /// The cases as the embedding sees them.
    held: Vec<Held>,
    /// The least that counts as a gain.
    least_gain: f64,
    seed: u64,
}

impl Trial {
    fn new(universe: &Universe, seed: u64) -> Trial {
        let cases = newest_cases(&universe.sessions);
        let older = universe.part(0..first_held_out(&universe.sessions));
        let (columns, held) = (attributes::columns(&older), held(&cases, &universe.sessions));
        let least_gain = LEAST_GAIN / (cases.0.len() as f64).sqrt();
        Trial { older, columns, cases, held, least_gain, seed }
    }

    /// The file's model, as a build would make it of the older sessions.
    fn model(
        &self,
        embedding: Option<(&Embedding, &Rounded)>,
        rows: &[Vec<Entry>],
        tuned: &Tuned,
    ) -> Result<Model, FormatError> {
        let header = Header { seed: self.seed, ..tuned.header() };
        Model::from_bytes(shelf::encode(&self.older, &self.columns, embedding, rows, &header)?)
    }

    fn hidden(&self, mut embedding: Embedding) -> Embedding {
        cold::hide(&mut embedding, &self.older);
        embedding
    }

    /// How well an embedding predicts the newest sessions without anything else.
    fn worth_alone(&self, embedding: &Embedding, calibration: Calibration) -> Result<f64, FormatError> {
        let embedding = self.hidden(calibration.apply(embedding.clone()));
        let alone = Tuned { neighbors_weight: 0, ..Tuned::default() };
        let model = self.model(Some((&embedding, &Rounded::new(&embedding))), &[], &alone)?;
        Ok(worth(measure(&model, &self.cases)))
    }

    /// The best that learning comes to; none where there is too little to learn from, or to measure on.
    fn race<'a>(&'a self, options: &'a Options, watch: &dyn Watch) -> Result<Option<Run<'a>>, FormatError> {
        let run = |around| {
            let trainer = Trainer::new(&self.older.sessions, &options.embedding, around, self.seed)?;
            Some(Run::new(around, trainer))
        };
        let mut runs: Vec<Run> = Around::ALL.into_iter().filter_map(run).collect();
        if self.cases.0.is_empty() {
            return Ok(None);
        }
        for _ in 0..RACE.min(options.embedding.max_epochs) {
            runs.iter_mut().try_for_each(|run| run.epoch(self, watch))?;
        }
        let chosen = runs
            .into_iter()
            .reduce(|first, next| if next.worth > first.worth + self.least_gain { next } else { first });
        let Some(mut run) = chosen else { return Ok(None) };
        while run.tried < options.embedding.max_epochs && run.tried < run.epochs + PATIENCE {
            run.epoch(self, watch)?;
        }
        Ok(Some(run))
    }

    /// Changes what was found as long as that predicts the newest sessions better, and says how well.
    fn mix(
        &self,
        mut tuned: Tuned,
        mut best: f64,
        attempts: Vec<Attempt>,
        model_of: impl Fn(&Tuned) -> Result<Model, FormatError>,
        watch: &dyn Watch,
    ) -> Result<(Tuned, f64), FormatError> {
        watch.begin("tune: mix", attempts.len() as u64);
        let some = self.cases.thinned(self.cases.0.len().div_ceil(FIRST_CASES));
        let mut best_of_some = worth(measure(&model_of(&tuned)?, &some));
        for (done, attempt) in (1..).zip(attempts) {
            let mut candidate = tuned;
            attempt(&mut candidate);
            let model = model_of(&candidate)?;
            // Some of the cases tell who has no chance.
            let found_of_some = worth(measure(&model, &some));
            if found_of_some > best_of_some - self.least_gain {
                let found = worth(measure(&model, &self.cases));
                if found > best + self.least_gain {
                    (best, best_of_some, tuned) = (found, found_of_some, candidate);
                }
            }
            watch.advance(done);
        }
        Ok((tuned, best))
    }
}

/// A change to what was found so far.
type Attempt = Box<dyn Fn(&mut Tuned)>;

/// The neighbor rows that are tried. Where the file may have any size, also as many neighbors as a list has items.
fn shapes(options: &Options) -> Vec<NeighborOptions> {
    let usual = options.neighbors;
    let longer = options.bytes_per_item.is_none().then_some(usual.per_item.max(K));
    let lengths = [Some(usual.per_item), longer.filter(|&longer| longer > usual.per_item)];
    lengths.into_iter().flatten().map(|per_item| NeighborOptions { per_item, ..usual }).collect()
}

/// What is tried, each on top of what was kept of those before.
fn attempts(fitted: Calibration, shapes: &[NeighborOptions], kinds: &[EventKind]) -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = Vec::new();
    for leads in Leads::ALL {
        for &neighbors in shapes {
            for weight in NEIGHBOR_WEIGHTS {
                attempts.push(Box::new(move |tuned| {
                    (tuned.leads, tuned.neighbors, tuned.neighbors_weight) = (leads, neighbors, weight);
                }));
            }
        }
    }
    for factor in TEMPERATURES {
        attempts.push(Box::new(move |tuned| tuned.calibration.temperature = factor * fitted.temperature));
    }
    for factor in BIASES {
        attempts.push(Box::new(move |tuned| tuned.calibration.bias = factor * fitted.bias));
    }
    attempts.extend(HISTORY_SHIFTS.map(|shift| history_attempt(fitted, shift)));
    attempts.extend(kind_attempts(kinds));
    attempts
}

/// What was fitted for items of the session, and something on top of their bonus.
fn history_attempt(fitted: Calibration, shift: f32) -> Attempt {
    Box::new(move |tuned| {
        (tuned.calibration.known, tuned.calibration.history) = (fitted.known, fitted.history);
        tuned.calibration.history[..PLACES].iter_mut().for_each(|bonus| *bonus += shift);
    })
}

fn kind_attempts(kinds: &[EventKind]) -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = Vec::new();
    for kind in kinds.iter().map(|&kind| kind as usize) {
        for weight in KIND_WEIGHTS {
            attempts.push(Box::new(move |tuned| tuned.kinds.weights[kind] = weight));
        }
        for history in KIND_HISTORIES {
            attempts.push(Box::new(move |tuned| tuned.kinds.history[kind] = history));
        }
    }
    attempts
}

/// The kinds of events, but the most frequent one, that are frequent enough.
fn told_apart(cases: &Cases) -> Vec<EventKind> {
    let mut counts = [0usize; EventKind::COUNT];
    for kind in cases.0.iter().flat_map(Case::kinds) {
        counts[*kind as usize] += 1;
    }
    let (all, most) = (counts.iter().sum::<usize>(), counts.iter().copied().max().unwrap_or(0));
    let is_told = |kind: &EventKind| {
        let count = counts[*kind as usize];
        count < most && count as f64 >= MIN_KIND_SHARE * all as f64
    };
    EventKind::ALL.into_iter().filter(is_told).collect()
}

/// The cases as the embedding sees them, without those whose next item it does not know.
fn held(cases: &Cases, sessions: &Sessions) -> Vec<Held> {
    let row = |id: &String| sessions.item_ids.binary_search(id).ok().map(|row| row as u32);
    let held = cases.0.iter().filter_map(|case| {
        let known = |(place, id)| Some((row(id)?, case.kinds().get(place)));
        let known = || case.prefix().iter().enumerate().rev().filter_map(known);
        let is_after_choice = known().next().and_then(|(_, kind)| kind).is_some_and(|kind| kind.is_choice());
        let newest_first = known().take(PLACES).map(|(item, _)| item).collect();
        Some(Held { newest_first, is_after_choice, target: row(case.target())? })
    });
    held.collect()
}

/// The rows as if some items had none and stood in none.
fn without(rows: &[Vec<Entry>], is_left_out: &[bool]) -> Vec<Vec<Entry>> {
    let kept = |entry: &&Entry| !is_left_out[entry.0 as usize];
    let row = |(row, left_out): (&Vec<Entry>, &bool)| {
        if *left_out { Vec::new() } else { row.iter().filter(kept).copied().collect() }
    };
    rows.iter().zip(is_left_out).map(row).collect()
}

/// What is maximized: being in the list, and being near its top.
fn worth(figures: Figures) -> f64 {
    figures.hr + figures.mrr
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::rank::{RecommendRequest, Scratch, recommend};
    use crate::session::{Event, Session};
    use crate::train::{Interaction, Level, Privacy, Unwatched, learn};

    /// A log of one session a visitor.
    fn log(n_items: usize, sessions: impl IntoIterator<Item = Vec<(u32, EventKind)>>) -> Sessions {
        let mut log = Sessions { starts: vec![0], ..Sessions::default() };
        log.item_ids = (0..n_items).map(|item| format!("{item:03}")).collect();
        for (visitor, session) in (0..).zip(sessions) {
            log.events.extend(session.into_iter().map(|(item, kind)| Interaction { item, kind, timestamp_ms: 0 }));
            log.starts.push(log.events.len());
            log.visitors.push(visitor);
        }
        log
    }

    fn learned(log: &Sessions, level: Level) -> Model {
        let options = Options { privacy: Privacy::NONE, level: Some(level), ..Options::default() };
        Model::from_bytes(learn(log, None, &options, &Unwatched).unwrap().bytes).unwrap()
    }

    /// What the model recommends after some events, as numbers of the log.
    fn next(model: &Model, events: &[(u32, EventKind)], limit: usize) -> Vec<u32> {
        let mut session = Session::default();
        for &(item, kind) in events {
            session.record(model, Event::new(kind, format!("{item:03}"), 0)).unwrap();
        }
        let request = RecommendRequest { limit, ..RecommendRequest::default() };
        let answer = recommend(model, &session, &request, false, &mut Scratch::default()).unwrap();
        answer.items.iter().map(|found| model.ids().id(found.row).parse().unwrap()).collect()
    }

    /// From every one of 60 items on a ring shoppers go on to one of the next 12, and never back.
    #[test]
    fn where_shoppers_go_one_way_what_comes_next_is_told_from_what_came_before() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let sessions = (0..4000).map(|_| {
            let start = rng.random_range(0..60u32);
            let steps = (0..rng.random_range(2..8)).scan(start, |item, _| {
                let here = *item;
                *item = (here + rng.random_range(1..=12)) % 60;
                Some((here, EventKind::View))
            });
            steps.collect()
        });
        let model = learned(&log(60, sessions.collect::<Vec<_>>()), Level::Full);
        let (mut ahead, mut found) = (0, 0);
        for item in 0..60 {
            let mut items = next(&model, &[(item, EventKind::View)], 12);
            items.retain(|next| *next != item);
            found += items.len();
            ahead += items.iter().filter(|&next| (1..=12).contains(&((next + 60 - item) % 60))).count();
        }
        assert!(ahead * 10 > found * 9, "{ahead} of {found} are ahead");
    }

    /// From one of 40 products shoppers go on to one of the next 6, unless they put it in the cart: then to one of three accessories
    /// that go with it, of 20.
    #[test]
    fn what_a_choice_leads_to_is_told_from_what_a_view_leads_to() {
        let fits = |product: u32| [0, 1, 2].map(|other| 40 + (product / 2 + other) % 20);
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let mut session = || {
            let mut product = rng.random_range(0..40u32);
            let mut session = Vec::new();
            for _ in 0..5 {
                session.push((product, EventKind::View));
                if rng.random_bool(0.5) {
                    session.push((product, EventKind::AddToCart));
                    session.push((fits(product)[rng.random_range(0..3)], EventKind::View));
                }
                product = (product + rng.random_range(1..=6)) % 40;
            }
            session
        };
        let sessions: Vec<_> = (0..3000).map(|_| session()).collect();
        let model = learned(&log(60, sessions), Level::Full);
        let (mut products, mut accessories) = (0, 0);
        for product in 0..40 {
            let viewed = next(&model, &[(product, EventKind::View)], 6);
            products += viewed.iter().filter(|&&next| next < 40).count();
            let chosen = next(&model, &[(product, EventKind::View), (product, EventKind::AddToCart)], 3);
            accessories += chosen.iter().filter(|next| fits(product).contains(next)).count();
        }
        assert!(products > 40 * 5, "after a view {products} of 240 are products");
        assert!(accessories > 40 * 2, "after a choice {accessories} of 120 are accessories that fit");
    }

    /// Shoppers go back and forth between two items that nothing else connects.
    #[test]
    fn rows_alone_learn_that_shoppers_come_back() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let sessions = (0..2000).map(|_| {
            let [a, b] = std::array::from_fn(|_| (rng.random_range(0..200u32), EventKind::View));
            vec![a, b, a, b]
        });
        let model = learned(&log(200, sessions.collect::<Vec<_>>()), Level::RowsOnly);
        assert!(model.embeddings().is_none());
        assert_eq!(next(&model, &[(3, EventKind::View), (50, EventKind::View)], 1), [3]);
    }
}
