//! Dot products of int8 vectors, the best of many scores, and the loops of learning.
//!
//! [`scalar`] is the truth. Its twins for 128-bit WebAssembly SIMD and for AVX2 give the same integers, which the tests
//! hold them to. This is the only room with `unsafe` code.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(feature = "train")]
pub(crate) mod floats;
#[cfg(feature = "train")]
mod gemm;
pub mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
mod top;

#[cfg(feature = "train")]
pub(crate) use gemm::gemm;
pub use top::{Top, sorted};

use alloc::vec::Vec;
use core::ops::Range;

/// The dot product of two vectors of the same length. Exact: |result| is below 2^31 up to 511 dimensions.
///
/// # Panics
///
/// If the lengths differ.
pub fn dot(a: &[i16], b: &[i8]) -> i32 {
    assert_eq!(a.len(), b.len(), "both have one length");
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return simd128::dot(a, b);
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    {
        let mut out = [0];
        dots(a, b, &mut out);
        out[0]
    }
}

/// The dot product of a vector with each of the rows that lie one after the other.
///
/// # Panics
///
/// If `rows` does not hold one row of the vector's length for every element of `out`.
pub fn dots(vector: &[i16], rows: &[i8], out: &mut [i32]) {
    assert_eq!(rows.len(), vector.len() * out.len(), "there is a row for every element");
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return simd128::dots(vector, rows, out);
    #[cfg(target_arch = "x86_64")]
    if avx2::dots(vector, rows, out) {
        return;
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    scalar::dots(vector, rows, out);
}

/// Adds to each row of a width from 1, from the second on, the one before, modulo 256.
pub fn accumulate(rows: &mut [i8], width: usize) {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return simd128::accumulate(rows, width);
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    scalar::accumulate(rows, width);
}

/// A row's elements as [`dot`] takes them on its left.
pub fn widened(row: &[i8]) -> Vec<i16> {
    row.iter().map(|&element| element.into()).collect()
}

/// What rows are tried by: their dot products with a vector, and their biases times a weight. Sums wrap around: they must
/// not come to 2^31.
#[derive(Debug, Clone, Copy)]
pub struct Sieve<'a> {
    /// Of the rows' length.
    pub vector: &'a [i16],
    /// The rows, one after the other.
    pub rows: &'a [i8],
    /// A little-endian i16 for every row.
    pub biases: &'a [u8],
    /// What a bias of 1 adds.
    pub weight: i32,
}

impl Sieve<'_> {
    /// How many rows there are: as many as have both vector and bias.
    fn n_rows(&self) -> usize {
        (self.rows.len() / self.vector.len().max(1)).min(self.biases.len() / 2)
    }

    fn dot(&self, row: usize) -> i32 {
        let width = self.vector.len();
        scalar::dot(self.vector, &self.rows[row * width..(row + 1) * width])
    }

    /// From the row's dot product.
    fn sum(&self, row: usize, dot: i32) -> i32 {
        let bias = i16::from_le_bytes([self.biases[2 * row], self.biases[2 * row + 1]]);
        dot.wrapping_add(self.weight.wrapping_mul(bias.into()))
    }
}

/// Four rows, some of which pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passing {
    /// The first of them.
    pub first: usize,
    /// Those that pass: a bit for each, the lowest for the first.
    mask: u32,
    /// Their dot products with the vector; 0 for those that do not pass.
    dots: [i32; 4],
}

impl Passing {
    /// The rows that pass, ascending, and their dot products with the vector.
    pub fn rows(&self) -> impl Iterator<Item = (u32, i32)> {
        (0..4).filter(|bit| self.mask >> bit & 1 == 1).map(|bit| (self.first as u32 + bit, self.dots[bit as usize]))
    }
}

/// Looks through a range of rows for some whose sum is `least` or more. Four are looked at together, fewer at the end: returns
/// the first of those among which there is one.
pub fn passing(sieve: &Sieve, least: i32, rows: Range<usize>) -> Option<Passing> {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return simd128::passing(sieve, least, rows);
    #[cfg(target_arch = "x86_64")]
    if let Some(found) = avx2::passing(sieve, least, &rows) {
        return found;
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    scalar::passing(sieve, least, rows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Any width up to three steps and some, any number of rows, every alignment, the extreme values included.
        #[test]
        fn fast_dots_are_scalar_dots(
            width in 0usize..70, n_rows in 0usize..11, skip in 0usize..17, seed in prop::collection::vec(any::<(i16, i8)>(), 1..200),
        ) {
            let (vector, row): (Vec<i16>, Vec<i8>) = seed.into_iter().unzip();
            let vector: Vec<i16> = vector.into_iter().cycle().take(width).collect();
            let rows: Vec<i8> = row.into_iter().cycle().take(skip + width * n_rows).collect();
            let (mut fast, mut truth) = (vec![0; n_rows], vec![0; n_rows]);
            dots(&vector, &rows[skip..], &mut fast);
            scalar::dots(&vector, &rows[skip..], &mut truth);
            prop_assert_eq!(fast, truth);
        }

        #[test]
        fn rows_are_accumulated_one_by_one(width in 1usize..40, rows in prop::collection::vec(any::<i8>(), 0..300)) {
            let mut fast = rows.clone();
            accumulate(&mut fast, width);
            for (at, (&sum, &row)) in fast.iter().zip(&rows).enumerate() {
                prop_assert_eq!(sum, row.wrapping_add(if at < width { 0 } else { fast[at - width] }), "at {}", at);
            }
        }

        #[test]
        fn what_passes_passes_everywhere(
            steps in 0usize..5, odd in prop::bool::weighted(0.2), n_rows in 0usize..23, weight in any::<i32>(),
            from in 0usize..24, end in 0usize..30,
            seed in prop::collection::vec(any::<(i16, i8, u8)>(), 1..200), of in any::<prop::sample::Index>(), more in 0..2,
        ) {
            let width = 16 * steps + usize::from(odd);
            let vector: Vec<i16> = seed.iter().map(|seed| seed.0).cycle().take(width).collect();
            let rows: Vec<i8> = seed.iter().map(|seed| seed.1).cycle().take(width * n_rows).collect();
            let biases: Vec<u8> = seed.iter().map(|seed| seed.2).cycle().take(2 * n_rows).collect();
            let sieve = Sieve { vector: &vector, rows: &rows, biases: &biases, weight };
            // A bound that some row just passes, or just does not.
            let n_rows = sieve.n_rows();
            let sum = |row| sieve.sum(row, sieve.dot(row)).wrapping_add(more);
            let least = if n_rows > 0 { sum(of.index(n_rows)) } else { 0 };
            prop_assert_eq!(passing(&sieve, least, from..end), scalar::passing(&sieve, least, from..end));
        }
    }

    #[test]
    fn rows_that_pass_are_found_one_group_after_the_other() {
        let vector = [1; 16];
        let rows: Vec<i8> = (0..10).flat_map(|row| [row; 16]).collect();
        let biases: Vec<u8> = (0..10i16).flat_map(|row| if row == 1 { 100i16 } else { 0 }.to_le_bytes()).collect();
        let sieve = Sieve { vector: &vector, rows: &rows, biases: &biases, weight: 2 };
        let found = |range| passing(&sieve, 6 * 16, range).map(|found| (found.first, found.rows().collect()));
        let rows = |rows: &[u32]| rows.iter().map(|&row| (row, 16 * row as i32)).collect::<Vec<_>>();
        assert_eq!(found(0..10), Some((0, rows(&[1]))));
        assert_eq!(found(4..10), Some((4, rows(&[6, 7]))));
        assert_eq!(found(4..7), Some((4, rows(&[6]))));
        assert_eq!(found(8..10), Some((8, rows(&[8, 9]))));
        assert_eq!(found(12..40), None);
    }

    #[test]
    fn extremes_do_not_overflow() {
        for length in [16, 31, 64, 256] {
            let (low, vector) = (vec![i8::MIN; length], vec![i16::MIN; length]);
            assert_eq!(dot(&vector, &low), (1 << 22) * length as i32);
            assert_eq!(dot(&vector, &vec![i8::MAX; length]), -32_768 * 127 * length as i32);
        }
    }
}
