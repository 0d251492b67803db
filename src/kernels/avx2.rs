//! The twin for x86-64 processors with AVX2: four rows at a time.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m128i, __m256i, _mm_add_epi32, _mm_andnot_si128, _mm_castsi128_ps, _mm_cmpgt_epi32, _mm_cvtepi16_epi32,
    _mm_loadl_epi64, _mm_loadu_si128, _mm_movemask_ps, _mm_mullo_epi32, _mm_set1_epi32, _mm_storeu_si128,
    _mm256_add_epi32, _mm256_castsi256_si128, _mm256_cvtepi8_epi16, _mm256_extracti128_si256, _mm256_hadd_epi32,
    _mm256_loadu_si256, _mm256_madd_epi16, _mm256_setzero_si256, _mm256_storeu_si256,
};

use core::ops::Range;

use super::{Passing, Sieve, scalar};

/// Elements that a step takes from every row.
const STEP: usize = 16;

/// As [`super::dots`]; false, and nothing done, where the processor has no AVX2.
pub(super) fn dots(vector: &[i16], rows: &[i8], out: &mut [i32]) -> bool {
    if !is_x86_feature_detected!("avx2") || !vector.len().is_multiple_of(STEP) {
        return false;
    }
    // SAFETY: the processor has AVX2, and the length is a multiple of a step.
    unsafe { dots_avx2(vector, rows, out) };
    true
}

/// As [`super::passing`]; the inner `None` where the processor has no AVX2.
pub(super) fn passing(sieve: &Sieve, least: i32, rows: &Range<usize>) -> Option<Option<Passing>> {
    if !is_x86_feature_detected!("avx2") || !sieve.vector.len().is_multiple_of(STEP) {
        return None;
    }
    // SAFETY: the processor has AVX2, and the length is a multiple of a step.
    Some(unsafe { passing_avx2(sieve, least, rows.clone()) })
}

/// # Safety
///
/// The processor must have AVX2, and the vector's length must be a multiple of [`STEP`].
#[target_feature(enable = "avx2")]
unsafe fn dots_avx2(vector: &[i16], rows: &[i8], out: &mut [i32]) {
    let (fours, rest) = out.as_chunks_mut::<4>();
    let rows_of_four = 4 * vector.len();
    for (out, rows) in fours.iter_mut().zip(rows.chunks_exact(rows_of_four.max(1))) {
        // SAFETY: a chunk has four rows of the vector's length; `out` has the 16 bytes that are stored.
        unsafe { _mm_storeu_si128(out.as_mut_ptr().cast::<__m128i>(), four(vector, rows.as_ptr())) };
    }
    for (out, row) in rest.iter_mut().zip(rows[fours.len() * rows_of_four..].chunks_exact(vector.len().max(1))) {
        // SAFETY: the processor has AVX2, and a chunk has the vector's length.
        *out = unsafe { dot(vector, row) };
    }
}

/// # Safety
///
/// The processor must have AVX2, and the vector's length must be a multiple of [`STEP`].
#[target_feature(enable = "avx2")]
unsafe fn passing_avx2(sieve: &Sieve, least: i32, Range { start: mut from, end }: Range<usize>) -> Option<Passing> {
    let Sieve { vector, rows, biases, weight } = *sieve;
    // So many rows have their bytes.
    let whole = end.min(sieve.n_rows());
    let (weights, below) = (_mm_set1_epi32(weight), _mm_set1_epi32(least));
    while from + 4 <= whole {
        // SAFETY: row `from` and the three behind it lie within `rows`, their biases within `biases`, and the loads take
        // any alignment.
        let (dots, biases) = unsafe {
            (
                four(vector, rows.as_ptr().add(from * vector.len())),
                _mm_cvtepi16_epi32(_mm_loadl_epi64(biases.as_ptr().add(2 * from).cast::<__m128i>())),
            )
        };
        let fail = _mm_cmpgt_epi32(below, _mm_add_epi32(dots, _mm_mullo_epi32(weights, biases)));
        let mask = (!_mm_movemask_ps(_mm_castsi128_ps(fail)) & 0b1111) as u32;
        if mask != 0 {
            let mut found = Passing { first: from, mask, dots: [0; 4] };
            // SAFETY: `dots` has the 16 bytes that are stored, and the store takes any alignment.
            unsafe { _mm_storeu_si128(found.dots.as_mut_ptr().cast::<__m128i>(), _mm_andnot_si128(fail, dots)) };
            return Some(found);
        }
        from += 4;
    }
    scalar::passing(sieve, least, from..end)
}

/// # Safety
///
/// The processor must have AVX2, and both must have one length, a multiple of [`STEP`].
#[target_feature(enable = "avx2")]
unsafe fn dot(vector: &[i16], row: &[i8]) -> i32 {
    let mut sums = _mm256_setzero_si256();
    for at in (0..vector.len()).step_by(STEP) {
        // SAFETY: 16 elements from `at` on lie within both, and the loads take any alignment.
        let (factors, row) = unsafe {
            let row = _mm_loadu_si128(row.as_ptr().add(at).cast::<__m128i>());
            (_mm256_loadu_si256(vector.as_ptr().add(at).cast::<__m256i>()), row)
        };
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(factors, _mm256_cvtepi8_epi16(row)));
    }
    let mut lanes = [0; 8];
    // SAFETY: `lanes` has the 32 bytes that are stored, and the store takes any alignment.
    unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast::<__m256i>(), sums) };
    lanes.iter().sum()
}

/// Dot products with four rows that lie one after the other.
///
/// # Safety
///
/// The processor must have AVX2. The vector's length is a multiple of [`STEP`], and so many elements of each row must lie
/// from `rows` on.
#[target_feature(enable = "avx2")]
unsafe fn four(vector: &[i16], rows: *const i8) -> __m128i {
    let width = vector.len();
    let mut sums = [_mm256_setzero_si256(); 4];
    for at in (0..width).step_by(STEP) {
        // SAFETY: 16 elements from `at` on lie within the vector, and the load takes any alignment.
        let factors = unsafe { _mm256_loadu_si256(vector.as_ptr().add(at).cast::<__m256i>()) };
        for (row, sum) in sums.iter_mut().enumerate() {
            // SAFETY: 16 elements from `at` on lie within every row, and the load takes any alignment.
            let row = unsafe { _mm_loadu_si128(rows.add(row * width + at).cast::<__m128i>()) };
            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(factors, _mm256_cvtepi8_epi16(row)));
        }
    }
    let [a, b, c, d] = sums;
    let both = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256::<1>(both))
}
