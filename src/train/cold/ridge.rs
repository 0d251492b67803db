//! Ridge regression from sparse features to dense targets, by conjugate gradients (Hestenes and Stiefel, 1952).

use rayon::prelude::*;

use crate::kernels::floats;

/// Most steps; each takes O(entries · width).
const MAX_STEPS: usize = 60;
/// Share of the right-hand side that may be left when a target is done.
const TOLERANCE: f32 = 1e-3;

/// A sparse matrix, by rows.
#[derive(Debug, Clone)]
pub(super) struct Sparse {
    n_columns: usize,
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Sparse {
    /// From rows of columns and values.
    pub(super) fn new(rows: impl Iterator<Item = Vec<(u32, f32)>>, n_columns: usize) -> Sparse {
        let mut sparse = Sparse { n_columns, starts: vec![0], entries: Vec::new() };
        for row in rows {
            sparse.entries.extend(row);
            sparse.starts.push(sparse.entries.len());
        }
        sparse
    }

    pub(super) fn n_rows(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn row(&self, row: usize) -> &[(u32, f32)] {
        &self.entries[self.starts[row]..self.starts[row + 1]]
    }

    /// The same with every column multiplied by a number; those multiplied by 0 are left out.
    pub(super) fn scaled(&self, scale: impl Fn(u32) -> f32) -> Sparse {
        let rows = (0..self.n_rows()).map(|row| {
            let entries = self.row(row).iter().map(|&(column, value)| (column, value * scale(column)));
            entries.filter(|&(_, value)| value != 0.0).collect()
        });
        Sparse::new(rows, self.n_columns)
    }

    /// Some of the rows.
    pub(super) fn picked(&self, rows: &[usize]) -> Sparse {
        Sparse::new(rows.iter().map(|&row| self.row(row).to_vec()), self.n_columns)
    }

    fn transposed(&self) -> Sparse {
        let mut starts = vec![0; self.n_columns + 1];
        for &(column, _) in &self.entries {
            starts[column as usize + 1] += 1;
        }
        for column in 0..self.n_columns {
            starts[column + 1] += starts[column];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0.0); self.entries.len()];
        for row in 0..self.n_rows() {
            for &(column, value) in self.row(row) {
                let place = &mut next[column as usize];
                entries[*place] = (row as u32, value);
                *place += 1;
            }
        }
        Sparse { n_columns: self.n_rows(), starts, entries }
    }

    /// The product with a dense matrix of `width` columns. Every row is one thread's work, so that the sums do not depend
    /// on their number.
    pub(super) fn times(&self, dense: &[f32], width: usize) -> Vec<f32> {
        let mut product = vec![0.0; self.n_rows() * width];
        product.par_chunks_exact_mut(width).enumerate().with_min_len(64).for_each(|(row, out)| {
            floats::add_rows(out, dense, self.row(row));
        });
        product
    }
}

/// Coefficients, one row of `width` a feature, that minimize Σ weight · |target − features · coefficients|² +
/// penalty · |coefficients|².
pub(super) fn ridge(features: &Sparse, targets: &[f32], weights: &[f32], width: usize, penalty: f32) -> Vec<f32> {
    let transposed = features.transposed();
    let weighted = |mut values: Vec<f32>| {
        for (row, weight) in values.chunks_exact_mut(width).zip(weights) {
            row.iter_mut().for_each(|x| *x *= weight);
        }
        values
    };
    let mut residual = transposed.times(&weighted(targets.to_vec()), width);
    let mut solution = vec![0.0; residual.len()];
    let mut direction = residual.clone();
    let mut squared = column_dots(&residual, &residual, width);
    let enough: Vec<f32> = squared.iter().map(|x| x * TOLERANCE * TOLERANCE).collect();
    for _ in 0..MAX_STEPS {
        if squared.iter().zip(&enough).all(|(left, enough)| left <= enough) {
            break;
        }
        let mut image = transposed.times(&weighted(features.times(&direction, width)), width);
        image.iter_mut().zip(&direction).for_each(|(image, x)| *image += penalty * x);
        let along = column_dots(&direction, &image, width);
        let step: Vec<f32> = squared.iter().zip(&along).map(|(s, a)| if *a > 0.0 { s / a } else { 0.0 }).collect();
        add_scaled(&mut solution, &direction, &step, 1.0);
        add_scaled(&mut residual, &image, &step, -1.0);
        let next = column_dots(&residual, &residual, width);
        let turn: Vec<f32> = next.iter().zip(&squared).map(|(n, s)| if *s > 0.0 { n / s } else { 0.0 }).collect();
        for (direction, residual) in direction.chunks_exact_mut(width).zip(residual.chunks_exact(width)) {
            for ((direction, residual), turn) in direction.iter_mut().zip(residual).zip(&turn) {
                *direction = residual + turn * *direction;
            }
        }
        squared = next;
    }
    solution
}

fn add_scaled(out: &mut [f32], values: &[f32], scale: &[f32], sign: f32) {
    let width = scale.len();
    for (out, values) in out.chunks_exact_mut(width).zip(values.chunks_exact(width)) {
        for ((out, value), scale) in out.iter_mut().zip(values).zip(scale) {
            *out += sign * scale * value;
        }
    }
}

fn column_dots(a: &[f32], b: &[f32], width: usize) -> Vec<f32> {
    let mut dots = vec![0.0f32; width];
    for (a, b) in a.chunks_exact(width).zip(b.chunks_exact(width)) {
        for ((dot, a), b) in dots.iter_mut().zip(a).zip(b) {
            *dot += a * b;
        }
    }
    dots
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: features (1, 0), (1, 1), (0, 1), targets 1, 3, 2 have the exact solution (1, 2); a penalty of 1 solves
    /// (2 + 1) a + b = 4 and a + (2 + 1) b = 5.
    #[test]
    fn three_rows_by_hand() {
        let rows = vec![vec![(0, 1.0)], vec![(0, 1.0), (1, 1.0)], vec![(1, 1.0)]];
        let features = Sparse::new(rows.into_iter(), 2);
        let check = |weights: &[f32], penalty: f32, expected: [f32; 2]| {
            let found = ridge(&features, &[1.0, 3.0, 2.0], weights, 1, penalty);
            assert!(found.iter().zip(expected).all(|(x, y)| (x - y).abs() < 1e-4), "{found:?} is not {expected:?}");
        };
        check(&[1.0; 3], 1e-6, [1.0, 2.0]);
        check(&[1.0; 3], 1.0, [7.0 / 8.0, 11.0 / 8.0]);
        check(&[1.0, 0.0, 1.0], 1.0, [0.5, 1.0]);
    }
}
