//! The twin for x86-64 processors with AVX2: 32 products at a time.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m128i, __m256i, _mm_loadu_si128, _mm256_add_epi32, _mm256_cvtepi8_epi16, _mm256_madd_epi16, _mm256_setzero_si256,
    _mm256_storeu_si256,
};

const LANES: usize = 16;

/// As [`super::scalar::dot`] for vectors of one length; `None` where the processor has no AVX2.
pub(super) fn dot(a: &[i8], b: &[i8]) -> Option<i32> {
    if !is_x86_feature_detected!("avx2") || a.len() != b.len() {
        return None;
    }
    // SAFETY: the processor has AVX2, and the lengths are equal, as the function asks.
    Some(unsafe { dot_avx2(a, b) })
}

/// As [`super::dots`] for as many rows as `out` has elements; false, and nothing done, where the processor has no AVX2.
pub(super) fn dots(vector: &[i8], rows: &[i8], out: &mut [i32]) -> bool {
    if !is_x86_feature_detected!("avx2") {
        return false;
    }
    // SAFETY: the processor has AVX2.
    unsafe { dots_avx2(vector, rows, out) };
    true
}

/// # Safety
///
/// The processor must have AVX2.
#[target_feature(enable = "avx2")]
unsafe fn dots_avx2(vector: &[i8], rows: &[i8], out: &mut [i32]) {
    for (out, row) in out.iter_mut().zip(rows.chunks_exact(vector.len().max(1))) {
        // SAFETY: the processor has AVX2, and a chunk has the vector's length.
        *out = unsafe { dot_avx2(vector, row) };
    }
}

/// # Safety
///
/// The processor must have AVX2, and `b` must not be shorter than `a`.
#[target_feature(enable = "avx2")]
unsafe fn dot_avx2(a: &[i8], b: &[i8]) -> i32 {
    let whole = a.len() / LANES * LANES;
    let mut sums = _mm256_setzero_si256();
    for at in (0..whole).step_by(LANES) {
        // SAFETY: 16 bytes from `at` lie within both slices, and the loads take any alignment.
        let (a, b) = unsafe {
            let a = _mm_loadu_si128(a.as_ptr().add(at).cast::<__m128i>());
            let b = _mm_loadu_si128(b.as_ptr().add(at).cast::<__m128i>());
            (_mm256_cvtepi8_epi16(a), _mm256_cvtepi8_epi16(b))
        };
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(a, b));
    }
    let mut lanes = [0i32; 8];
    // SAFETY: `lanes` has the 32 bytes that are stored, and the store takes any alignment.
    unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast::<__m256i>(), sums) };
    lanes.iter().sum::<i32>() + super::scalar::dot(&a[whole..], &b[whole..])
}
