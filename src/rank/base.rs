//! The incoming order as a score.

use alloc::vec;
use alloc::vec::Vec;

use super::RequestError;

/// Base scores from 0 (last) to `range` (first), by incoming rank: each doubling of the rank costs the same.
pub(super) fn by_rank(n_candidates: usize, range: i32) -> Vec<i32> {
    let whole = log2(n_candidates as u32).max(1);
    let score = |rank: u32| range - (i64::from(range) * i64::from(log2(rank)) / i64::from(whole)) as i32;
    (1..=n_candidates as u32).map(score).collect()
}

/// Base scores from 0 (the lowest of the engine's scores) to `range` (the highest), in proportion. All the same: all 0.
pub(super) fn by_score(scores: &[f64], range: i32) -> Result<Vec<i32>, RequestError> {
    if let Some(index) = scores.iter().position(|score| !score.is_finite()) {
        return Err(RequestError::BaseScore { index });
    }
    // Halves, so that the distance of the two greatest numbers does not overflow. Each step is exact IEEE arithmetic,
    // the same on every machine.
    let lowest = scores.iter().fold(f64::INFINITY, |a, &b| a.min(b)) / 2.0;
    let span = scores.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b)) / 2.0 - lowest;
    if span <= 0.0 {
        return Ok(vec![0; scores.len()]);
    }
    Ok(scores.iter().map(|score| rounded((score / 2.0 - lowest) / span * f64::from(range))).collect())
}

/// The nearest whole number to one that is not negative; halves go up. `f64::round` is the standard library's.
pub(super) fn rounded(number: f64) -> i32 {
    let whole = number as i32;
    whole + i32::from(number - f64::from(whole) >= 0.5)
}

/// The binary logarithm in 1/1024, rounded down, by repeated squaring: the same bits everywhere. 0 for 0.
pub(super) fn log2(value: u32) -> u32 {
    let Some(whole) = value.checked_ilog2() else { return 0 };
    let mut mantissa = (u64::from(value) << 31) >> whole;
    let mut result = whole;
    for _ in 0..10 {
        mantissa = (mantissa * mantissa) >> 31;
        let bit = (mantissa >> 32) as u32;
        mantissa >>= bit;
        result = result << 1 | bit;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_rounded_down() {
        for value in (1..5000).chain([1 << 20, u32::MAX]) {
            let exact = f64::from(value).log2() * 1024.0;
            let error = exact - f64::from(log2(value));
            assert!((0.0..1.001).contains(&error), "{value}: {exact} is not {}", log2(value));
        }
        assert_eq!(log2(0), 0);
    }

    #[test]
    fn numbers_are_rounded_as_the_standard_library_does() {
        for number in [0.0, 0.499_999_999_999_999_94, 0.5, 1.499_999_999_999_999_8, 1.5, 2.5, 1023.5, 65_534.5] {
            assert_eq!(f64::from(rounded(number)), number.round(), "{number}");
        }
    }

    #[test]
    fn ranks_fall_from_the_range_to_zero() {
        assert!(by_rank(0, 100).is_empty());
        assert_eq!(by_rank(1, 100), [100]);
        assert_eq!(by_rank(4, 1000), [1000, 500, 1000 - 1000 * 1623 / 2048, 0]);
    }

    #[test]
    fn scores_keep_their_proportions() {
        assert_eq!(by_score(&[2.0, 4.0, 3.0], 1000), Ok(vec![0, 1000, 500]));
        assert_eq!(by_score(&[7.0, 7.0], 1000), Ok(vec![0, 0]));
        assert_eq!(by_score(&[f64::MAX, f64::MIN, 0.0], 1000), Ok(vec![1000, 0, 500]));
        assert_eq!(by_score(&[1.0, f64::NAN], 1000), Err(RequestError::BaseScore { index: 1 }));
        assert_eq!(by_score(&[], 1000), Ok(vec![]));
    }
}
