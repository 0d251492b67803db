//! Gradient-boosted trees for lists with one click each, by LambdaMART (Burges 2010): the gradient of a candidate is
//! the sum over its pairs with the clicked one of how wrong their order is, times what exchanging them would gain.
//!
//! Values are small integers from the start, so that trees come out as the runtime reads them and a score is the same
//! integer here and there. Features are counted in parallel, each by one thread in the order of rows: the number of
//! threads does not change a bit.

use std::collections::BinaryHeap;

use rand::seq::index;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::format::features::N_FEATURES;
use crate::format::metadata::ONE;
use crate::format::ranker::{Node, VALUE_MAX};
use crate::rank::Features;

/// Most bins of a feature.
const MAX_BINS: usize = 255;

/// Lists to learn from: their candidates one after the other.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    /// The features of all candidates.
    pub rows: Vec<Features>,
    /// One entry a list.
    pub lists: Vec<List>,
}

impl Lists {
    /// Weighs every list by the slot that was clicked. The mean is 1 again, so that the booster's settings mean the same
    /// whatever the weights are.
    pub fn weigh(&mut self, weight: impl Fn(usize) -> f64) {
        let sum: f64 = self.lists.iter().map(|list| weight(list.clicked)).sum();
        let mean = sum / self.lists.len().max(1) as f64;
        self.lists.iter_mut().for_each(|list| list.weight = (weight(list.clicked) / mean) as f32);
    }
}

/// A list with a click.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// Index of its first candidate in [`Lists::rows`].
    pub start: usize,
    /// Index behind its last.
    pub end: usize,
    /// The slot that was clicked.
    pub clicked: usize,
    /// How much the list counts.
    pub weight: f32,
}

/// How the trees are learned.
#[derive(Debug, Clone, PartialEq)]
pub struct BoosterOptions {
    /// Trees. More fit closer, cost 1/3 µs each for a list of 25, and 120 bytes at eight leaves. Default 300.
    pub trees: usize,
    /// Most leaves of a tree, 2 to 100. Default 8.
    pub leaves: usize,
    /// Share of a tree's answer that is taken. Default 0.05.
    pub learning_rate: f64,
    /// Fewest candidates in a leaf, where there are a hundred times as many in all; else a hundredth of them. Default 200.
    pub min_rows: usize,
    /// Added to the curvature of a leaf: greater values make more cautious leaves. Default 5.
    pub ridge: f64,
    /// Share of the features that a tree may ask for. Default 0.3.
    pub feature_share: f64,
    /// Share of the lists that a tree learns from. Default 0.8.
    pub list_share: f64,
    /// Seed of both draws.
    pub seed: u64,
}

impl Default for BoosterOptions {
    fn default() -> BoosterOptions {
        BoosterOptions {
            trees: 300,
            leaves: 8,
            learning_rate: 0.05,
            min_rows: 200,
            ridge: 5.0,
            feature_share: 0.3,
            list_share: 0.8,
            seed: 1,
        }
    }
}

/// Learns trees, each in pre-order. `told` is called after every one.
pub fn boost(lists: &Lists, options: &BoosterOptions, told: impl Fn(usize)) -> Vec<Vec<Node>> {
    let bins = Bins::new(&lists.rows);
    let options = &BoosterOptions { min_rows: options.min_rows.min(lists.rows.len() / 100), ..options.clone() };
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let mut scores = vec![0i32; lists.rows.len()];
    let mut trees = Vec::with_capacity(options.trees);
    let askable: Vec<usize> = (0..N_FEATURES).filter(|&feature| bins.edges[feature].len() > 1).collect();
    let n_asked = ((askable.len() as f64 * options.feature_share).ceil() as usize).min(askable.len());
    for tree in 0..options.trees {
        let slopes = slopes(lists, &scores);
        let rows: Vec<u32> = lists
            .lists
            .iter()
            .filter(|_| rng.random_bool(options.list_share))
            .flat_map(|list| list.start as u32..list.end as u32)
            .collect();
        let mut asked: Vec<usize> =
            index::sample(&mut rng, askable.len(), n_asked).into_iter().map(|at| askable[at]).collect();
        asked.sort_unstable();
        let grown = Grower { bins: &bins, slopes: &slopes, asked: &asked, options }.grow(rows);
        let nodes = grown.into_nodes(&bins);
        scores.par_iter_mut().zip(&lists.rows).for_each(|(score, row)| *score += answer(&nodes, row));
        trees.push(nodes);
        told(tree + 1);
    }
    trees
}

/// What a tree says of a candidate.
fn answer(nodes: &[Node], row: &Features) -> i32 {
    let mut at = 0;
    while nodes[at].skip > 0 {
        let goes_up = row[usize::from(nodes[at].feature)] > nodes[at].threshold;
        at += if goes_up { usize::from(nodes[at].skip) } else { 1 };
    }
    nodes[at].value
}

/// First and second derivative of the loss.
#[derive(Debug, Clone, Copy, Default)]
struct Slope {
    gradient: f64,
    curvature: f64,
}

impl std::ops::AddAssign for Slope {
    fn add_assign(&mut self, other: Slope) {
        self.gradient += other.gradient;
        self.curvature += other.curvature;
    }
}

impl std::ops::Sub for Slope {
    type Output = Slope;

    fn sub(self, other: Slope) -> Slope {
        Slope { gradient: self.gradient - other.gradient, curvature: self.curvature - other.curvature }
    }
}

/// The slopes of all candidates under the present scores, list by list.
fn slopes(lists: &Lists, scores: &[i32]) -> Vec<Slope> {
    let of_lists: Vec<Vec<Slope>> =
        lists.lists.par_iter().map(|list| slopes_of(list, &scores[list.start..list.end])).collect();
    of_lists.concat()
}

fn slopes_of(list: &List, scores: &[i32]) -> Vec<Slope> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by_key(|&slot| (std::cmp::Reverse(scores[slot]), slot));
    let mut gains = vec![0.0; scores.len()];
    for (rank, &slot) in order.iter().enumerate() {
        gains[slot] = 1.0 / ((rank + 2) as f64).log2();
    }
    let mut slopes = vec![Slope::default(); scores.len()];
    for slot in (0..scores.len()).filter(|&slot| slot != list.clicked) {
        let ahead = f64::from(scores[list.clicked] - scores[slot]) / f64::from(ONE);
        let wrong = 1.0 / (1.0 + ahead.exp());
        let weight = (gains[list.clicked] - gains[slot]).abs() * f64::from(list.weight);
        let curvature = wrong * (1.0 - wrong) * weight;
        slopes[slot] += Slope { gradient: wrong * weight, curvature };
        slopes[list.clicked] += Slope { gradient: -wrong * weight, curvature };
    }
    slopes
}

/// Features in few bins, so that splits can be counted.
struct Bins {
    /// For each feature the greatest value of each bin, ascending.
    edges: Vec<Vec<i16>>,
    /// For each feature the bin of every row.
    columns: Vec<Vec<u8>>,
}

impl Bins {
    fn new(rows: &[Features]) -> Bins {
        let (edges, columns) = (0..N_FEATURES)
            .into_par_iter()
            .map(|feature| {
                let mut sorted: Vec<i16> = rows.iter().map(|row| row[feature]).collect();
                sorted.sort_unstable();
                let mut edges = sorted.clone();
                edges.dedup();
                if edges.len() > MAX_BINS {
                    edges = (1..=MAX_BINS).map(|bin| sorted[bin * (sorted.len() - 1) / MAX_BINS]).collect();
                    edges.dedup();
                }
                let column = rows.iter().map(|row| edges.partition_point(|&edge| edge < row[feature]) as u8).collect();
                (edges, column)
            })
            .unzip();
        Bins { edges, columns }
    }
}

/// For each bin of a feature, the slopes and the number of its candidates.
type Histogram = Vec<(Slope, u32)>;

/// Where to split a node, and what that gains.
#[derive(Debug, Clone, Copy)]
struct Split {
    gain: f64,
    feature: usize,
    /// The last bin that goes to the lower branch.
    bin: u8,
}

/// A node that is growing.
#[derive(Debug, Default)]
struct Branch {
    rows: Vec<u32>,
    sum: Slope,
    histograms: Vec<Histogram>,
    split: Option<Split>,
    /// Indexes of the lower and the upper branch, once it is split.
    children: Option<(usize, usize)>,
}

struct Grower<'a> {
    bins: &'a Bins,
    slopes: &'a [Slope],
    asked: &'a [usize],
    options: &'a BoosterOptions,
}

/// A grown tree; the root is the first branch.
struct Grown {
    branches: Vec<Branch>,
    learning_rate: f64,
    ridge: f64,
}

/// An open branch by its gain; of equals the one that grew first.
#[derive(PartialEq)]
struct Open(f64, usize);

impl Eq for Open {}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Open) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Open {
    fn cmp(&self, other: &Open) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0).then(other.1.cmp(&self.1))
    }
}

impl Grower<'_> {
    /// Splits whatever gains most, until there are enough leaves.
    fn grow(&self, rows: Vec<u32>) -> Grown {
        let histograms = self.histograms(&rows);
        let mut branches = vec![self.branch(rows, histograms)];
        let mut open: BinaryHeap<Open> = BinaryHeap::new();
        open.extend(branches[0].split.map(|split| Open(split.gain, 0)));
        let mut n_leaves = 1;
        while n_leaves < self.options.leaves {
            let Some(Open(_, at)) = open.pop() else { break };
            let split = branches[at].split.expect("only branches with a split are open");
            let column = &self.bins.columns[split.feature];
            let rows = std::mem::take(&mut branches[at].rows);
            let (lower, upper): (Vec<u32>, Vec<u32>) =
                rows.into_iter().partition(|&row| column[row as usize] <= split.bin);
            // The larger half's counts are what the smaller half leaves.
            let whole = std::mem::take(&mut branches[at].histograms);
            let is_lower_smaller = lower.len() <= upper.len();
            let counted = self.histograms(if is_lower_smaller { &lower } else { &upper });
            let rest = difference(&whole, &counted);
            let (of_lower, of_upper) = if is_lower_smaller { (counted, rest) } else { (rest, counted) };
            for (rows, histograms) in [(lower, of_lower), (upper, of_upper)] {
                let branch = self.branch(rows, histograms);
                open.extend(branch.split.map(|split| Open(split.gain, branches.len())));
                branches.push(branch);
            }
            branches[at].children = Some((branches.len() - 2, branches.len() - 1));
            n_leaves += 1;
        }
        Grown { branches, learning_rate: self.options.learning_rate, ridge: self.options.ridge }
    }

    fn branch(&self, rows: Vec<u32>, histograms: Vec<Histogram>) -> Branch {
        let mut sum = Slope::default();
        rows.iter().for_each(|&row| sum += self.slopes[row as usize]);
        let split = self.best_split(sum, rows.len(), &histograms);
        Branch { rows, sum, histograms, split, children: None }
    }

    fn histograms(&self, rows: &[u32]) -> Vec<Histogram> {
        self.asked
            .par_iter()
            .map(|&feature| {
                let column = &self.bins.columns[feature];
                let mut histogram = vec![(Slope::default(), 0); self.bins.edges[feature].len()];
                for &row in rows {
                    let (sum, count) = &mut histogram[usize::from(column[row as usize])];
                    *sum += self.slopes[row as usize];
                    *count += 1;
                }
                histogram
            })
            .collect()
    }

    /// The split that gains most; of equals the first by feature and bin.
    fn best_split(&self, sum: Slope, n_rows: usize, histograms: &[Histogram]) -> Option<Split> {
        let worth = |slope: Slope| slope.gradient.powi(2) / (slope.curvature + self.options.ridge);
        let mut best: Option<Split> = None;
        for (&feature, histogram) in self.asked.iter().zip(histograms) {
            let (mut lower, mut n_lower) = (Slope::default(), 0);
            for (bin, &(slope, count)) in histogram.iter().enumerate() {
                lower += slope;
                n_lower += count as usize;
                if n_rows - n_lower < self.options.min_rows {
                    break;
                }
                if n_lower < self.options.min_rows || count == 0 {
                    continue;
                }
                let gain = worth(lower) + worth(sum - lower) - worth(sum);
                if gain > best.map_or(1e-9, |best| best.gain) {
                    best = Some(Split { gain, feature, bin: bin as u8 });
                }
            }
        }
        best
    }
}

fn difference(whole: &[Histogram], part: &[Histogram]) -> Vec<Histogram> {
    let of_feature = |whole: &Histogram, part: &Histogram| -> Histogram {
        whole.iter().zip(part).map(|(&(a, n), &(b, m))| (a - b, n - m)).collect()
    };
    whole.iter().zip(part).map(|(whole, part)| of_feature(whole, part)).collect()
}

impl Grown {
    /// The tree in pre-order, its values relative to the root's.
    fn into_nodes(self, bins: &Bins) -> Vec<Node> {
        let mut nodes = Vec::with_capacity(self.branches.len());
        self.append(0, bins, &mut nodes);
        nodes
    }

    fn append(&self, at: usize, bins: &Bins, nodes: &mut Vec<Node>) {
        let value = self.value(at) - self.value(0);
        let value = (value * f64::from(ONE)).round().clamp(-f64::from(VALUE_MAX), f64::from(VALUE_MAX)) as i32;
        let place = nodes.len();
        nodes.push(Node { feature: 0, skip: 0, threshold: 0, value });
        let branch = &self.branches[at];
        if let (Some(split), Some((lower, upper))) = (branch.split, branch.children) {
            self.append(lower, bins, nodes);
            nodes[place].skip = u8::try_from(nodes.len() - place).expect("a tree has at most 100 leaves");
            nodes[place].feature = split.feature as u8;
            nodes[place].threshold = bins.edges[split.feature][usize::from(split.bin)];
            self.append(upper, bins, nodes);
        }
    }

    fn value(&self, at: usize) -> f64 {
        let sum = self.branches[at].sum;
        -self.learning_rate * sum.gradient / (sum.curvature + self.ridge)
    }
}
