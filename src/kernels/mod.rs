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
pub use top::Top;

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

    #[test]
    fn extremes_do_not_overflow() {
        for length in [16, 31, 64, 256] {
            let low = vec![i8::MIN; length];
            assert_eq!(dot(&low, &low), 16_384 * length as i32);
            assert_eq!(dot(&low, &vec![i8::MAX; length]), -16_256 * length as i32);
        }
    }
}
