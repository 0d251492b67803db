//! The plain implementation, which the compiler may vectorize as it likes: integer sums have one result.

use core::ops::Range;

use super::Sieve;

/// The dot product of two vectors; elements past the shorter one do not count.
pub fn dot(a: &[i16], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
}

/// As [`super::dots`].
pub fn dots(vector: &[i16], rows: &[i8], out: &mut [i32]) {
    for (out, row) in out.iter_mut().zip(rows.chunks_exact(vector.len().max(1))) {
        *out = dot(vector, row);
    }
}

/// As [`super::passing`].
pub fn passing(sieve: &Sieve, least: i32, rows: Range<usize>) -> Option<(usize, u32)> {
    let end = rows.end.min(sieve.n_rows());
    (rows.start..end).step_by(4).find_map(|first| {
        let passes = |row: usize| sieve.sum(row) >= least;
        let mask =
            (first..end.min(first + 4)).filter(|&row| passes(row)).fold(0, |mask, row| mask | 1 << (row - first));
        (mask != 0).then_some((first, mask))
    })
}
