//! Writes the catalogs that `cargo xtask bench` compares everyone on: `cargo run --release --example world -- ITEMS FOLDER`.
//!
//! A world is a catalog of unit vectors around about √n centers, and sessions of a few items around one center each.
//! `store.shelf` holds it as Reshelve has it, `exact.shelf` the same without an index; `vectors.f32`, or rounded in the same
//! way `vectors.i8`, and `ids.json` as everyone else is given it; `queries.f32` holds the sessions' vectors, `sessions.u32`
//! their rows, oldest first, and `truth.u32` the rows that are nearest to each by exact float32, best first. The same number
//! gives the same bytes.

use std::path::Path;
use std::{env, fs};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use reshelve::format::attributes::{self, BRAND, CATEGORY, POPULARITY, PRICE_BAND};
use reshelve::format::container::{self, SectionKind};
use reshelve::format::metadata::{AgeWeight, Blend, Decay, Metadata, ONE};
use reshelve::format::{embeddings, ids};
use reshelve::session::EventKind;
use reshelve::train::embedding::{Embedding, PLACES, Rounded, Shape};
use reshelve::train::index::{MIN_ITEMS, TRIALS, indexed};

const DIMENSIONS: usize = 64;
const N_SESSIONS: usize = 200;
const SESSION_LEN: usize = 5;
/// How many of the nearest items are written down.
const K: usize = 20;
/// Length of what separates an item from its center, on average, and how much less of it each next axis has; the first one is
/// the center's own. Neighbors are about as near as in a model learned from a store of `reshelve sample` with 20,000 items:
/// the nearest at a cosine of 0.84 (there 0.92), the 5th at 0.77 (0.78), the 20th at 0.69 (0.64), the 40th at 0.62 (0.58).
const SPREAD: f32 = 1.0;
const AXIS_STEP: f32 = 0.1;
/// What one place of a session counts less than the one after it, as a logarithm.
const PLACE_STEP: f32 = 0.3;
/// 2026-05-28: what the builder would state as the newest event's time.
const CREATED_AT_MS: i64 = 1_780_000_000_000;

struct World {
    vectors: Vec<f32>,
    /// Of each item.
    centers: Vec<usize>,
    /// Rows of each session, the newest last.
    sessions: Vec<Vec<u32>>,
    /// The same of other sessions, which the builder tries an index with.
    trials: Vec<Vec<u32>>,
}

impl World {
    fn new(n_items: usize) -> World {
        let mut rng = ChaCha8Rng::seed_from_u64(n_items as u64);
        let n_centers = n_items.isqrt();
        let mut gaussian = |n: usize| -> Vec<f32> { StandardNormal.sample_iter(&mut rng).take(n).collect() };
        let mut middles = gaussian(n_centers * DIMENSIONS);
        middles.chunks_exact_mut(DIMENSIONS).for_each(normalize);
        let mut vectors = gaussian(n_items * DIMENSIONS);
        let centers: Vec<usize> = (0..n_items).map(|_| rng.random_range(0..n_centers)).collect();
        let mut spread: [f32; DIMENSIONS] = std::array::from_fn(|axis| (-AXIS_STEP * axis as f32).exp());
        normalize(&mut spread);
        for (vector, &center) in vectors.chunks_exact_mut(DIMENSIONS).zip(&centers) {
            let middle = &middles[center * DIMENSIONS..(center + 1) * DIMENSIONS];
            for (axis, (x, middle)) in vector.iter_mut().zip(middle).enumerate() {
                *x = *x * SPREAD * spread[(axis + center) % DIMENSIONS] + middle;
            }
            normalize(vector);
        }
        let mut of_center = vec![Vec::new(); n_centers];
        for (row, &center) in centers.iter().enumerate() {
            of_center[center].push(row as u32);
        }
        of_center.retain(|rows| rows.len() >= SESSION_LEN);
        let sessions = (0..N_SESSIONS + TRIALS).map(|_| {
            let rows = &of_center[rng.random_range(0..of_center.len())];
            rand::seq::index::sample(&mut rng, rows.len(), SESSION_LEN).iter().map(|index| rows[index]).collect()
        });
        let mut sessions: Vec<Vec<u32>> = sessions.collect();
        let trials = sessions.split_off(N_SESSIONS);
        World { vectors, centers, sessions, trials }
    }

    fn vector(&self, row: u32) -> &[f32] {
        &self.vectors[row as usize * DIMENSIONS..][..DIMENSIONS]
    }

    /// The direction of a session, as the embedding's own session encoder has it.
    fn query(&self, session: &[u32]) -> Vec<f32> {
        let mut query = vec![0.0; DIMENSIONS];
        for (&row, logit) in session.iter().rev().zip(place_logits()) {
            query.iter_mut().zip(self.vector(row)).for_each(|(sum, x)| *sum += logit.exp() * x);
        }
        normalize(&mut query);
        query
    }

    /// The rows nearest to a query, best first, the lower row first among equals.
    fn nearest(&self, query: &[f32]) -> Vec<u32> {
        let rows = self.vectors.chunks_exact(DIMENSIONS);
        let near = rows.map(|vector| vector.iter().zip(query).map(|(a, b)| f64::from(a * b)).sum::<f64>());
        let mut order: Vec<(f64, u32)> = near.zip(0..).collect();
        let better = |a: &(f64, u32), b: &(f64, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        order.select_nth_unstable_by(K, better);
        order.truncate(K);
        order.sort_unstable_by(better);
        order.into_iter().map(|(_, row)| row).collect()
    }

    /// The embeddings, rounded as `reshelve build` rounds.
    fn rounded(&self) -> embeddings::Encoded {
        let embedding = Embedding {
            dimensions: DIMENSIONS,
            vectors: self.vectors.clone(),
            biases: vec![0.0; self.centers.len()],
            shape: Shape { place_logits: place_logits(), log_temperature: 2.5, ..Shape::default() },
            transition: Vec::new(),
        };
        let mut rounded = Rounded::new(&embedding).encode(&embedding);
        // As costly as one that was learned, and without a say, as the biases are.
        rounded.encoder.transition = vec![0; DIMENSIONS * DIMENSIONS];
        rounded.encoder.transition_scale = 1;
        rounded
    }

    /// The file that Reshelve loads, with the columns that a store has; without an index.
    fn to_shelf(&self, item_ids: &[String], rounded: &embeddings::Encoded) -> Vec<u8> {
        let n_items = self.centers.len();
        let one = ONE as u16;
        let metadata = Metadata {
            builder: "bench".to_owned(),
            created_at_ms: CREATED_AT_MS,
            decay: Decay {
                by_kind: [one; EventKind::N_WEIGHED],
                by_age: vec![AgeWeight { max_age_minutes: 30, weight: one }],
            },
            blends: vec![Blend {
                embedding: one,
                embedding_of_known: one,
                bias: one,
                history_by_place: vec![0],
                base_range: 8 * one,
                strength: one / 2,
                ..Blend::default()
            }],
            ..Metadata::default()
        };
        let words = |name: &str, n: usize| (0..n).map(|number| format!("{name} {number:06}")).collect::<Vec<_>>();
        let n_categories = self.centers.iter().max().expect("a world has items") + 1;
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut column = |name: &str, first: u32, last: u32, dictionary: Vec<String>| attributes::Encoded {
            name: name.to_owned(),
            values: (0..n_items).map(|_| rng.random_range(first..=last)).collect(),
            dictionary,
        };
        let columns = [
            column(BRAND, 0, 200, words("brand", 200)),
            attributes::Encoded {
                name: CATEGORY.to_owned(),
                values: self.centers.iter().map(|&center| center as u32 + 1).collect(),
                dictionary: words("category", n_categories),
            },
            column(POPULARITY, 0, 255, Vec::new()),
            column(PRICE_BAND, 1, 5, Vec::new()),
        ];
        let sections = [
            (SectionKind::Metadata, metadata.write().expect("the metadata is sound")),
            (SectionKind::Ids, ids::write(item_ids).expect("the ids differ")),
            (SectionKind::Embeddings, embeddings::write(rounded).expect("the embeddings are sound")),
            (SectionKind::Attributes, attributes::write(n_items, &columns).expect("the columns are sound")),
        ];
        container::write(&sections)
    }
}

fn place_logits() -> [f32; PLACES] {
    std::array::from_fn(|place| -PLACE_STEP * place as f32)
}

fn normalize(vector: &mut [f32]) {
    let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|x| *x /= norm);
}

/// Vectors in 127ths of their largest component, as one would round them by hand.
fn to_nearest(vectors: &[f32]) -> Vec<i8> {
    let largest = vectors.iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
    vectors.iter().map(|x| (127.0 / largest * x).round() as i8).collect()
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    fs::write(folder.join(name), bytes).unwrap_or_else(|error| panic!("cannot write {name}: {error}"));
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let [_, n_items, folder] = &arguments[..] else { panic!("usage: world ITEMS FOLDER") };
    let n_items: usize = n_items.parse().expect("ITEMS is a number");
    assert!(n_items >= 1000, "a world has 1000 items or more");
    let folder = Path::new(folder);
    fs::create_dir_all(folder).unwrap_or_else(|error| panic!("cannot make {}: {error}", folder.display()));

    let world = World::new(n_items);
    let item_ids: Vec<String> = (0..n_items).map(|row| format!("sku-{row:07}")).collect();
    let queries: Vec<Vec<f32>> = world.sessions.iter().map(|session| world.query(session)).collect();
    let truth: Vec<u32> = queries.par_iter().map(|query| world.nearest(query)).collect::<Vec<_>>().concat();
    write(folder, "vectors.f32", bytemuck::cast_slice(&world.vectors));
    write(folder, "queries.f32", bytemuck::cast_slice(&queries.concat()));
    write(folder, "sessions.u32", bytemuck::cast_slice(&world.sessions.concat()));
    write(folder, "truth.u32", bytemuck::cast_slice(&truth));
    write(folder, "ids.json", serde_json::to_string(&item_ids).expect("ids are JSON").as_bytes());
    write(folder, "vectors.i8", bytemuck::cast_slice(&to_nearest(&world.vectors)));
    let exact = world.to_shelf(&item_ids, &world.rounded());
    write(folder, "exact.shelf", &exact);
    if n_items >= MIN_ITEMS {
        write(folder, "store.shelf", &indexed(&exact, &world.trials, 1).expect("the index is sound"));
    } else {
        write(folder, "store.shelf", &exact);
    }
}
