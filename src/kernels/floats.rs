//! The loops over floats that learning spends its time in. With AVX2 eight elements are worked on at a time: each by the same
//! steps, and sums in the same order, so that the results are the same to the bit.

/// Sums side by side: the compiler may not reorder one.
const LANES: usize = 8;
/// Sums that the processor holds while it goes through what is added to them.
const HELD: usize = 64;

/// Functions that are compiled a second time, for processors with AVX2, and run as what the processor has.
macro_rules! twice {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? $body:block)*) => {
        $(
            $(#[$doc])*
            #[allow(unsafe_code)]
            pub(crate) fn $name($($argument: $type),*) $(-> $result)? {
                #[inline(always)]
                fn plain($($argument: $type),*) $(-> $result)? $body

                #[cfg(target_arch = "x86_64")]
                {
                    #[target_feature(enable = "avx2")]
                    fn avx2($($argument: $type),*) $(-> $result)? {
                        plain($($argument),*)
                    }
                    if is_x86_feature_detected!("avx2") {
                        // SAFETY: the processor has AVX2.
                        return unsafe { avx2($($argument),*) };
                    }
                }
                plain($($argument),*)
            }
        )*
    };
}

twice! {
    /// out += scale · vector, as far as both reach.
    fn add_scaled(out: &mut [f32], scale: f32, vector: &[f32]) {
        for (out, x) in out.iter_mut().zip(vector) {
            *out += scale * x;
        }
    }

    /// out += Σ weight · row, of rows of a table as long as `out`: as [`add_scaled`] one after the other, but `out` is read and
    /// written once.
    fn add_rows(out: &mut [f32], table: &[f32], rows: &[(u32, f32)]) {
        let width = out.len();
        let (chunks, rest) = out.as_chunks_mut::<HELD>();
        let rest_from = width - rest.len();
        for (chunk, from) in chunks.iter_mut().zip((0..).step_by(HELD)) {
            let mut sums = *chunk;
            for &(row, weight) in rows {
                let row: &[f32; HELD] = table[row as usize * width + from..].first_chunk().expect("rows are as long");
                for lane in 0..HELD {
                    sums[lane] += weight * row[lane];
                }
            }
            *chunk = sums;
        }
        for &(row, weight) in rows {
            let row = &table[row as usize * width + rest_from..];
            for (sum, x) in rest.iter_mut().zip(row) {
                *sum += weight * x;
            }
        }
    }

    /// The dot product of vectors of the same length.
    fn dot(a: &[f32], b: &[f32]) -> f32 {
        let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
        let mut sums = [0.0f32; LANES];
        for (a, b) in a.iter().zip(b) {
            for lane in 0..LANES {
                sums[lane] += a[lane] * b[lane];
            }
        }
        for ((sum, a), b) in sums.iter_mut().zip(a_rest).zip(b_rest) {
            *sum += a * b;
        }
        sums.iter().sum()
    }

    /// The largest of some numbers, none of which is NaN; −∞ of none.
    fn largest(numbers: &[f32]) -> f32 {
        let (chunks, rest) = numbers.as_chunks::<LANES>();
        let mut largest = [f32::NEG_INFINITY; LANES];
        for chunk in chunks {
            for lane in 0..LANES {
                largest[lane] = if chunk[lane] > largest[lane] { chunk[lane] } else { largest[lane] };
            }
        }
        largest.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max)
    }

    /// Makes e^(x − above) of every x, none of which is greater than `above`, and returns their sum.
    fn exponentials(numbers: &mut [f32], above: f32) -> f32 {
        numbers.iter_mut().for_each(|number| *number = exp(*number - above));
        let (chunks, rest) = numbers.as_chunks::<LANES>();
        let mut sums = [0.0f32; LANES];
        for chunk in chunks {
            for lane in 0..LANES {
                sums[lane] += chunk[lane];
            }
        }
        sums.iter().chain(rest).sum()
    }

    /// Multiplies all by a number.
    fn scale(numbers: &mut [f32], by: f32) {
        numbers.iter_mut().for_each(|number| *number *= by);
    }
}

/// e to a power of at most 0, within ten parts in a million, without branches, so that it runs on many numbers at once.
/// Splits off the power of two, which goes straight into the exponent's bits; a polynomial does the rest.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    let scaled = (x * core::f32::consts::LOG2_E).max(-126.0);
    // Adding 1.5 · 2^23 rounds to a whole number, and leaves it in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let rounded = scaled + ROUND;
    let rest = (scaled - (rounded - ROUND)) * core::f32::consts::LN_2;
    let power = 1.0 + rest * (1.0 + rest * (0.5 + rest * (1.0 / 6.0 + rest * (1.0 / 24.0 + rest * (1.0 / 120.0)))));
    f32::from_bits((rounded.to_bits() << 23).wrapping_add(1.0f32.to_bits())) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_as_good_as_one_by_one() {
        let a: Vec<f32> = (0..77).map(|n| (n as f32).sin()).collect();
        let b: Vec<f32> = (0..77).map(|n| (n as f32 * 0.7).cos()).collect();
        let exact: f64 = a.iter().zip(&b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
        assert!((f64::from(dot(&a, &b)) - exact).abs() < 1e-5);
        let mut out = b.clone();
        add_scaled(&mut out, 0.5, &a);
        assert!(out.iter().zip(&a).zip(&b).all(|((out, a), b)| *out == b + 0.5 * a));
    }

    #[test]
    fn rows_are_added_as_one_by_one() {
        for width in [16, 64, 80, 128] {
            let table: Vec<f32> = (0..5 * width).map(|n| (n as f32).sin()).collect();
            let rows = [(4, 0.3), (0, -1.0), (2, 0.7)];
            let mut together = vec![0.5; width];
            let mut singly = together.clone();
            add_rows(&mut together, &table, &rows);
            for (row, weight) in rows {
                add_scaled(&mut singly, weight, &table[row as usize * width..][..width]);
            }
            assert_eq!(together, singly, "{width}");
        }
    }

    #[test]
    fn exponentials_are_near_those_of_the_library() {
        let numbers: Vec<f32> = (0..203).map(|n| -0.37 * n as f32).collect();
        let above = largest(&numbers);
        assert_eq!(above, 0.0);
        let mut powers = numbers.clone();
        let sum = exponentials(&mut powers, above);
        for (number, power) in numbers.iter().zip(&powers) {
            assert!((power - number.exp()).abs() <= 1e-5 * number.exp() + 1e-37, "e^{number} is not {power}");
        }
        assert!((sum - powers.iter().sum::<f32>()).abs() < 1e-5);
        assert_eq!(largest(&[]), f32::NEG_INFINITY);
        assert_eq!(exponentials(&mut [f32::NEG_INFINITY, 1.0], 1.0), 1.0);
        scale(&mut powers, 2.0);
        assert_eq!(powers[0], 2.0);
    }
}
