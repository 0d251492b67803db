//! Membership inference: of visitors who behave alike, half were learned from. Who has the model and knows what a visitor did
//! guesses from it whether that visitor was one of them.
//!
//! The advantage is the largest, over all thresholds of a statistic, of the share of members that are found less the share
//! of others that are taken for members: 0 for guessing, 1 for knowing. It is the two-sample statistic of Kolmogorov and
//! Smirnov, which is more than `CHANCE` of sheer luck once in a thousand times.

use reshelve::format::container::SectionKind;
use reshelve::model::Model;
use reshelve::train::privacy::Noise;
use reshelve::train::{Options, Privacy};

use super::store::{catalog, id, log, model, options, visitors};

/// Visitors of each side.
const N: usize = 1000;
/// √(−ln(0.001 / 2) / N): what guessing reaches once in a thousand times.
const CHANCE: f64 = 0.088;

/// What the attacker looks at.
#[derive(Debug, Clone, Copy)]
enum Statistic {
    /// How strongly the neighbor rows tie what the visitor went between.
    Rows,
    /// How near the embedding has what the visitor went between.
    Embedding,
}

impl Statistic {
    fn of(self, model: &Model, visit: &[u32]) -> f64 {
        let row = |item: u32| model.row(&id(item));
        let steps: Vec<(u32, u32)> =
            visit.windows(2).filter_map(|pair| Some((row(pair[0])?, row(pair[1])?))).filter(|(a, b)| a != b).collect();
        let ties = steps.iter().map(|&(from, to)| match self {
            Statistic::Rows => model.neighbors().map_or(0.0, |rows| {
                rows.row(from).find(|(other, _)| *other == to).map_or(0.0, |(_, weight)| f64::from(weight))
            }),
            Statistic::Embedding => model.embeddings().map_or(0.0, |embeddings| {
                let products = embeddings.vector(from).iter().zip(embeddings.vector(to));
                products.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
            }),
        });
        ties.sum::<f64>() / steps.len().max(1) as f64
    }
}

/// The largest difference of the shares above a threshold.
fn advantage(members: &[f64], others: &[f64]) -> f64 {
    let share = |values: &[f64], least: f64| {
        values.iter().filter(|&&value| value >= least).count() as f64 / values.len() as f64
    };
    members.iter().map(|&least| share(members, least) - share(others, least)).fold(0.0, f64::max)
}

/// How well both statistics tell members of a model with these options, learned from the first half of the visitors.
fn attack(name: &str, options: &Options) -> [f64; 2] {
    let everyone = visitors(2 * N, 5);
    let (members, others) = everyone.split_at(N);
    let mut options = options.clone();
    // As often as a build goes through so small a log, so that it could be learned by heart.
    options.embedding.max_examples = 100_000;
    let options = &options;
    let catalog = options.privacy.noise.map(|_| catalog());
    let model = model(&log(members, 0), catalog.as_ref(), options);
    [Statistic::Rows, Statistic::Embedding].map(|statistic| {
        let [members, others] =
            [members, others].map(|visits| visits.iter().map(|visit| statistic.of(&model, visit)).collect::<Vec<_>>());
        let advantage = advantage(&members, &others);
        println!("{name}, {statistic:?}: advantage {advantage:.3}; guessing reaches {CHANCE} once in a thousand times");
        advantage
    })
}

#[test]
fn an_advantage_is_what_it_says() {
    assert_eq!(advantage(&[1.0, 2.0], &[1.0, 2.0]), 0.0);
    assert_eq!(advantage(&[3.0, 4.0], &[1.0, 2.0]), 1.0);
    assert_eq!(advantage(&[3.0, 1.0], &[2.0, 0.0]), 0.5);
}

#[test]
fn members_are_hard_to_tell() {
    let mut bare = options(Privacy::NONE);
    bare.neighbors.min_visitors = 1;
    let [rows, embedding] = attack("without protection", &bare);
    let [protected_rows, protected_embedding] = attack("as built by default", &options(Privacy::default()));
    let noise = Some(Noise { epsilon: 1.0, delta: 1e-6 });
    let noisy = attack("with ε = 1", &options(Privacy { noise, ..Privacy::default() }));
    // The attack works: else it would prove nothing of the others.
    assert!(rows > 2.0 * CHANCE && embedding > CHANCE, "{rows}, {embedding}");
    assert!(protected_rows < 2.0 * CHANCE && protected_rows < rows, "{protected_rows}, without protection {rows}");
    assert!(protected_embedding < 2.0 * CHANCE, "{protected_embedding}");
    assert!(noisy.iter().all(|&advantage| advantage < CHANCE), "{noisy:?}");
}

/// One visitor, known in full, with and without: what nobody else did leaves no trace at all.
#[test]
fn what_one_visitor_did_alone_leaves_no_trace() {
    let mut visits = visitors(300, 9);
    // Items beyond those of the store, met often.
    let without = model(&log(&visits, 0), None, &options(Privacy::default()));
    visits.insert(150, [120, 121, 122, 120].repeat(20));
    let with = model(&log(&visits, 3), None, &options(Privacy::default()));
    assert_eq!(with.byte_len(), without.byte_len());
    assert!((120..123).all(|item| with.row(&id(item)).is_none()), "nobody else met it, and it has a row");
    // Times are those of the visitors' numbers here, and the last one moved on by one.
    let parts = |model: &Model| {
        let sections = model.sections().iter().filter(|section| section.kind != Ok(SectionKind::Metadata));
        sections.map(|section| model.to_bytes()[section.range.clone()].to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(parts(&with), parts(&without));
}

/// A pair of two items that everyone knows, but that one visitor alone went between, again and again.
#[test]
fn a_pair_of_one_visitor_stands_in_no_row() {
    let mut visits = visitors(300, 9);
    let (a, b) = (0, 117);
    let knows_pair = |visit: &Vec<u32>| visit.windows(2).any(|pair| pair == [a, b] || pair == [b, a]);
    visits.retain(|visit| !knows_pair(visit));
    visits.push([a, b].repeat(40));
    let has_pair = |privacy: Privacy| {
        let mut options = options(privacy);
        options.neighbors.min_visitors = 1;
        let model = model(&log(&visits, 0), None, &options);
        let row = |item: u32| model.row(&id(item)).unwrap();
        model.neighbors().unwrap().row(row(a)).any(|(other, _)| other == row(b))
    };
    assert!(has_pair(Privacy::NONE), "without protection it does");
    assert!(!has_pair(Privacy::default()));
}
