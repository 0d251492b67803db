//! The plain implementation, which the compiler may vectorize as it likes: integer sums have one result.

use core::ops::Range;

use super::{Passing, Sieve};

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

/// As [`super::accumulate`].
pub fn accumulate(rows: &mut [i8], width: usize) {
    for row in (width..rows.len()).step_by(width) {
        let (before, rows) = rows[row - width..].split_at_mut(width);
        rows.iter_mut().zip(before).for_each(|(x, before)| *x = x.wrapping_add(*before));
    }
}

/// As [`super::passing`].
pub fn passing(sieve: &Sieve, least: i32, rows: Range<usize>) -> Option<Passing> {
    let end = rows.end.min(sieve.n_rows());
    (rows.start..end).step_by(4).find_map(|first| {
        let mut found = Passing { first, mask: 0, dots: [0; 4] };
        for row in first..end.min(first + 4) {
            let dot = sieve.dot(row);
            if sieve.sum(row, dot) >= least {
                found.mask |= 1 << (row - first);
                found.dots[row - first] = dot;
            }
        }
        (found.mask != 0).then_some(found)
    })
}
