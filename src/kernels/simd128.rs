//! The twin for WebAssembly's 128-bit SIMD: 16 products at a time.
#![allow(unsafe_code)]

use core::arch::wasm32::{
    i16x8_extmul_high_i8x16, i16x8_extmul_low_i8x16, i32x4_add, i32x4_extadd_pairwise_i16x8, i32x4_extract_lane,
    i32x4_splat, v128, v128_load,
};

const LANES: usize = 16;

/// As [`super::scalar::dot`] for vectors of one length.
pub(super) fn dot(a: &[i8], b: &[i8]) -> i32 {
    let whole = a.len().min(b.len()) / LANES * LANES;
    let mut sums = i32x4_splat(0);
    for at in (0..whole).step_by(LANES) {
        // SAFETY: 16 bytes from `at` lie within both slices, and the loads take any alignment.
        let (a, b) =
            unsafe { (v128_load(a.as_ptr().add(at).cast::<v128>()), v128_load(b.as_ptr().add(at).cast::<v128>())) };
        // A product of two i8 fits i16, a pair of products only i32: widen before the pairs are added.
        sums = i32x4_add(sums, i32x4_extadd_pairwise_i16x8(i16x8_extmul_low_i8x16(a, b)));
        sums = i32x4_add(sums, i32x4_extadd_pairwise_i16x8(i16x8_extmul_high_i8x16(a, b)));
    }
    let lanes = i32x4_extract_lane::<0>(sums)
        + i32x4_extract_lane::<1>(sums)
        + i32x4_extract_lane::<2>(sums)
        + i32x4_extract_lane::<3>(sums);
    lanes + super::scalar::dot(&a[whole..], &b[whole..])
}
