//! That noise hides what it promises to hide.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use reshelve::format::container::SectionKind;
use reshelve::train::privacy::{Noise, delta_of, draw_log, noise_scale, release};
use reshelve::train::{Privacy, Sessions, TrainError, Unwatched, learn};

use super::file::reshelve;
use super::store::{catalog, log, model, options, visitors};

/// How often it is released.
const RELEASES: u64 = 1000;

/// What an attacker finds who knows all visitors but one, and all that this one did: the noisy numbers that this one adds
/// to. The sum of those is the best statistic there is, up to what is cut off below the threshold.
fn released(sessions: &Sessions, noise: Noise, seed: u64) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let release = release(sessions, noise, &mut rng);
    let pairs: f64 = release.pairs.iter().filter(|(pair, _)| *pair == (0, 1)).map(|(_, value)| value).sum();
    // Weighed as the visitor's vector has them: two items and one pair.
    (0.66f64).sqrt() * pairs + (0.30f64 / 2.0).sqrt() * (release.items[0] + release.items[1])
}

/// The advantage of that attacker.
fn advantage(noise: Noise) -> f64 {
    let others: Vec<Vec<u32>> = vec![vec![0, 1]; 200];
    let with_one: Vec<Vec<u32>> = vec![vec![0, 1]; 201];
    let [mut with, mut without] = [(&with_one, 0), (&others, RELEASES)].map(|(visits, first)| {
        let sessions = log(visits, 0);
        (first..first + RELEASES).map(|seed| released(&sessions, noise, seed)).collect::<Vec<f64>>()
    });
    with.sort_unstable_by(f64::total_cmp);
    without.sort_unstable_by(f64::total_cmp);
    let above = |values: &[f64], least: f64| (values.len() - values.partition_point(|&value| value < least)) as f64;
    let difference = |&least: &f64| (above(&with, least) - above(&without, least)) / RELEASES as f64;
    with.iter().map(difference).fold(0.0, f64::max)
}

#[test]
fn one_visitor_is_not_found_among_others() {
    // What guessing reaches once in a thousand times.
    let chance = (-(0.001f64 / 2.0).ln() / RELEASES as f64).sqrt();
    {
        let epsilon = 1.0;
        let noise = Noise { epsilon, delta: 1e-6 };
        // δ at ε = 0 is the total variation distance: no attacker has more.
        let bound = delta_of(0.0, noise_scale(noise));
        let found = advantage(noise);
        println!("ε = {epsilon}: advantage {found:.3}, at most {bound:.3} and {chance:.3} of chance");
        assert!(found < bound + chance, "ε = {epsilon}: {found}");
    }
    // The attack works: with a sixteenth of the noise it is far above that bound.
    let loud = advantage(Noise { epsilon: 30.0, delta: 1e-6 });
    let bound = delta_of(0.0, noise_scale(Noise { epsilon: 1.0, delta: 1e-6 }));
    assert!(loud > bound + 3.0 * chance, "{loud}");
}

#[test]
fn a_log_is_drawn_that_is_like_the_one_counted() {
    let sessions = log(&visitors(4000, 2), 0);
    let noise = Noise { epsilon: 8.0, delta: 1e-6 };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let drawn = draw_log(&release(&sessions, noise, &mut rng), sessions.item_ids.clone(), 1);
    assert!((3500..4500).contains(&drawn.len()), "{} sessions", drawn.len());
    let mean = drawn.events.len() as f64 / drawn.len() as f64;
    assert!((5.0..9.0).contains(&mean), "{mean} events a session");
    // Most steps stay in a kind, as those that were counted do more often than not.
    let steps: Vec<bool> = drawn
        .iter()
        .flat_map(|session| session.windows(2).map(|pair| pair[0].item / 10 == pair[1].item / 10).collect::<Vec<_>>())
        .collect();
    let within = steps.iter().filter(|within| **within).count() as f64 / steps.len() as f64;
    assert!(within > 0.3, "{within} of the steps");
    assert!(!drawn.has_dates && drawn.contexts.is_empty());
}

#[test]
fn noise_is_stated_and_never_the_same() {
    let sessions = log(&visitors(1000, 2), 0);
    let noise = Noise { epsilon: 2.0, delta: 1e-5 };
    let mut options = options(Privacy { noise: Some(noise), ..Privacy::default() });
    options.embedding.max_epochs = 1;
    let models = [(); 2].map(|()| model(&sessions, Some(&catalog()), &options));
    for model in &models {
        let privacy = model.privacy().unwrap();
        assert_eq!((privacy.noise, privacy.min_visitors), (Some(noise), 0));
        let attributes = model.attributes().unwrap();
        for column in ["age_days", "trending", "repurchase_days"] {
            assert!(attributes.column(column).is_none(), "{column} is of dates, which noise does not cover");
        }
        assert!(!model.sections().iter().any(|section| section.kind == Ok(SectionKind::Priors)));
        assert_eq!(model.metadata().created_at_ms, 0, "the newest event's time is not told");
    }
    assert_ne!(models[0].to_bytes(), models[1].to_bytes(), "noise that can be made again can be taken away");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("store.shelf"), models[0].to_bytes()).unwrap();
    let told = reshelve(folder.path(), &["inspect", "--leaks", "store.shelf"]);
    assert!(told.contains("events in the log that was drawn with noise"), "{told}");
    for untrue in ["enough visitors", "when the newest was"] {
        assert!(!told.contains(untrue), "{told}");
    }
}

#[test]
fn noise_needs_a_catalog() {
    let noise = Some(Noise { epsilon: 1.0, delta: 1e-6 });
    let learned = learn(&log(&visitors(50, 2), 0), None, &options(Privacy { noise, ..Privacy::default() }), &Unwatched);
    assert_eq!(learned.unwrap_err(), TrainError::NoiseWithoutCatalog);
}
