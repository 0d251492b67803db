use rayon::prelude::*;

use super::{add_scaled, dot, normalize};

const FIRST_DECAY: f32 = 0.9;
const SECOND_DECAY: f32 = 0.999;
const EPSILON: f32 = 1e-8;
/// Rows that a thread updates at a time.
const ROWS_PER_TASK: usize = 256;

/// The optimizer of Kingma and Ba (2015). Rows that a batch does not touch keep their moments, as its sparse form does.
#[derive(Debug)]
pub(super) struct Adam {
    pub(super) learning_rate: f32,
    first_power: f32,
    second_power: f32,
}

impl Default for Adam {
    fn default() -> Adam {
        Adam { learning_rate: 0.0, first_power: 1.0, second_power: 1.0 }
    }
}

/// Decayed means of gradients and of their squares.
#[derive(Debug)]
pub(super) struct Moments {
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Moments {
    pub(super) fn new(length: usize) -> Moments {
        Moments { first: vec![0.0; length], second: vec![0.0; length] }
    }
}

impl Adam {
    /// Begins the next step.
    pub(super) fn advance(&mut self) {
        self.first_power *= FIRST_DECAY;
        self.second_power *= SECOND_DECAY;
    }

    /// Takes a step for all parameters.
    pub(super) fn update(&self, parameters: &mut [f32], gradients: &[f32], moments: &mut Moments) {
        self.update_row(parameters, gradients, &mut moments.first, &mut moments.second);
    }

    /// Takes a step for those rows of `width` parameters that have a gradient: `gradient_of` writes it, or returns false. On
    /// the sphere, rows keep length 1.
    pub(super) fn update_rows(
        &self,
        parameters: &mut [f32],
        moments: &mut Moments,
        width: usize,
        on_sphere: bool,
        gradient_of: impl Fn(usize, &mut [f32]) -> bool + Sync,
    ) {
        let [parameters, first, second] =
            [parameters, &mut moments.first, &mut moments.second].map(|table| table.par_chunks_exact_mut(width));
        let rows = parameters.zip(first.zip(second)).enumerate().with_min_len(ROWS_PER_TASK);
        rows.for_each_init(
            || vec![0.0; width],
            |gradient, (row, (parameters, (first, second)))| {
                if !gradient_of(row, gradient) {
                    return;
                }
                if on_sphere {
                    let along = dot(gradient, parameters);
                    add_scaled(gradient, -along, parameters);
                }
                self.update_row(parameters, gradient, first, second);
                if on_sphere {
                    normalize(parameters);
                }
            },
        );
    }

    fn update_row(&self, parameters: &mut [f32], gradients: &[f32], first: &mut [f32], second: &mut [f32]) {
        let first_scale = self.learning_rate / (1.0 - self.first_power);
        let second_scale = 1.0 / (1.0 - self.second_power);
        for (((parameter, &gradient), first), second) in parameters.iter_mut().zip(gradients).zip(first).zip(second) {
            *first += (1.0 - FIRST_DECAY) * (gradient - *first);
            *second += (1.0 - SECOND_DECAY) * (gradient * gradient - *second);
            *parameter -= first_scale * *first / ((second_scale * *second).sqrt() + EPSILON);
        }
    }
}
