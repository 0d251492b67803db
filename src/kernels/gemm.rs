//! Float matrix products for the learning: a checked door to `matrixmultiply`.
#![allow(unsafe_code)]

use matrixmultiply::sgemm;

use super::floats;

/// A matrix: its elements, and how far apart its rows and its columns lie.
pub(crate) type Strided<'a> = (&'a [f32], usize, usize);

/// out (m × n, dense) = kept · out + scale · a (m × k) · b (k × n). Runs on the calling thread.
///
/// # Panics
///
/// If a matrix is smaller than its shape and strides say.
pub(crate) fn gemm([m, k, n]: [usize; 3], scale: f32, a: Strided, b: Strided, kept: f32, out: &mut [f32]) {
    let reach = |rows: usize, columns: usize, (_, row, column): Strided| (rows - 1) * row + (columns - 1) * column;
    if m == 0 || k == 0 || n == 0 {
        return floats::scale(&mut out[..m * n], kept);
    }
    assert!(reach(m, k, a) < a.0.len(), "a holds m × k elements");
    assert!(reach(k, n, b) < b.0.len(), "b holds k × n elements");
    assert!(m * n <= out.len(), "out holds m × n elements");
    let [(a, a_row, a_column), (b, b_row, b_column)] =
        [a, b].map(|(elements, row, column)| (elements.as_ptr(), row as isize, column as isize));
    // SAFETY: every element that the strides reach lies within its slice, as asserted, and `out` is borrowed alone.
    unsafe {
        sgemm(m, k, n, scale, a, a_row, a_column, b, b_row, b_column, kept, out.as_mut_ptr(), n as isize, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_by_hand() {
        // [1 2; 3 4] · [5 6; 7 8], the second one as it lies and turned over.
        let (a, b) = ([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]);
        let mut out = [100.0; 4];
        gemm([2, 2, 2], 1.0, (&a, 2, 1), (&b, 2, 1), 0.0, &mut out);
        assert_eq!(out, [19.0, 22.0, 43.0, 50.0]);
        gemm([2, 2, 2], 2.0, (&a, 2, 1), (&b, 1, 2), 1.0, &mut out);
        assert_eq!(out, [53.0, 68.0, 121.0, 156.0]);
    }

    #[test]
    fn an_empty_side_adds_nothing() {
        let mut out = [2.0, 4.0];
        gemm([2, 0, 1], 1.0, (&[], 0, 1), (&[], 1, 1), 0.5, &mut out);
        assert_eq!(out, [1.0, 2.0]);
        gemm([0, 3, 2], 1.0, (&[], 3, 1), (&[0.0; 6], 2, 1), 0.0, &mut out);
        gemm([2, 3, 0], 1.0, (&[0.0; 6], 3, 1), (&[], 0, 1), 0.0, &mut out);
        assert_eq!(out, [1.0, 2.0]);
    }
}
