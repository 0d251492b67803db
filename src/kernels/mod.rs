//! Dot products of int8 vectors, and the best of many scores.
//!
//! [`scalar`] is the truth. Its twins for 128-bit WebAssembly SIMD and for AVX2 give the same integers, which the tests
//! hold them to. This is the only room with `unsafe` code.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(feature = "train")]
mod gemm;
pub mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
mod top;

#[cfg(feature = "train")]
pub(crate) use gemm::gemm;
pub use top::{Top, sorted};

/// The dot product of two vectors of the same length. Exact: |result| is below 2^31 up to 131,071 dimensions.
///
/// # Panics
///
/// If the lengths differ.
pub fn dot(a: &[i8], b: &[i8]) -> i32 {
    assert_eq!(a.len(), b.len(), "vectors of one model have one length");
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return simd128::dot(a, b);
    #[cfg(target_arch = "x86_64")]
    if let Some(dot) = avx2::dot(a, b) {
        return dot;
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    scalar::dot(a, b)
}

/// The dot product of a vector with each of the rows that lie one after the other.
///
/// # Panics
///
/// If `rows` does not hold one row of the vector's length for every element of `out`.
pub fn dots(vector: &[i8], rows: &[i8], out: &mut [i32]) {
    assert_eq!(rows.len(), vector.len() * out.len(), "there is a row for every element");
    #[cfg(target_arch = "x86_64")]
    if avx2::dots(vector, rows, out) {
        return;
    }
    for (out, row) in out.iter_mut().zip(rows.chunks_exact(vector.len().max(1))) {
        *out = dot(vector, row);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Any length up to four lanes of 32 and some, every alignment, the extreme values included.
        #[test]
        fn the_fast_dot_is_the_scalar_dot(pairs in prop::collection::vec((any::<i8>(), any::<i8>()), 0..140), skip in 0usize..33) {
            let (a, b): (Vec<i8>, Vec<i8>) = pairs.into_iter().unzip();
            let skip = skip.min(a.len());
            prop_assert_eq!(dot(&a[skip..], &b[skip..]), scalar::dot(&a[skip..], &b[skip..]));
        }
    }

    proptest! {
        #[test]
        fn many_dots_are_single_dots(rows in prop::collection::vec(prop::array::uniform32(any::<i8>()), 0..9), vector in prop::array::uniform32(any::<i8>())) {
            let mut out = vec![0; rows.len()];
            dots(&vector, &rows.concat(), &mut out);
            let single: Vec<i32> = rows.iter().map(|row| scalar::dot(&vector, row)).collect();
            prop_assert_eq!(out, single);
        }
    }

    #[test]
    fn extremes_do_not_overflow() {
        for length in [16, 31, 64, 256] {
            let low = vec![i8::MIN; length];
            assert_eq!(dot(&low, &low), 16_384 * length as i32);
            assert_eq!(dot(&low, &vec![i8::MAX; length]), -16_256 * length as i32);
        }
    }
}
