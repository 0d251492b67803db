//! The twin for WebAssembly's 128-bit SIMD: four rows at a time.
#![allow(unsafe_code)]

use core::arch::wasm32::{
    i8x16_add, i16x8_load_extend_i8x8, i32x4_add, i32x4_bitmask, i32x4_dot_i16x8, i32x4_extract_lane, i32x4_ge,
    i32x4_load_extend_i16x4, i32x4_mul, i32x4_shuffle, i32x4_splat, v128, v128_and, v128_load, v128_store,
};

use core::ops::Range;

use super::{Passing, Sieve, scalar};

/// Elements that a step takes from every row. Longer steps cost code, shorter ones time.
const STEP: usize = 16;
/// Length of the vectors that builds make, unless told otherwise.
const USUAL: usize = 64;

/// As [`super::dots`].
pub(super) fn dots(vector: &[i16], rows: &[i8], out: &mut [i32]) {
    let width = vector.len();
    let mut done = 0;
    if width.is_multiple_of(STEP) {
        while done + 4 <= out.len() {
            let rows = &rows[done * width..(done + 4) * width];
            // SAFETY: there are four rows of the vector's length, which is a multiple of a step; the store takes 16 bytes
            // of any alignment, and four elements of `out` have them.
            unsafe { v128_store(out[done..done + 4].as_mut_ptr().cast::<v128>(), four(vector, rows.as_ptr())) };
            done += 4;
        }
    }
    for (out, row) in out[done..].iter_mut().zip(rows[done * width..].chunks_exact(width.max(1))) {
        *out = dot(vector, row);
    }
}

/// As [`super::accumulate`].
pub(super) fn accumulate(rows: &mut [i8], width: usize) {
    let mut at = width;
    // What a step adds is behind it, and has been added to.
    if width >= STEP {
        let start = rows.as_mut_ptr();
        while at + STEP <= rows.len() {
            // SAFETY: a step from `at` on and one a row before it lie within the rows, and any alignment will do.
            unsafe {
                let (here, before) = (start.add(at).cast::<v128>(), start.add(at - width).cast::<v128>());
                v128_store(here, i8x16_add(v128_load(here), v128_load(before)));
            }
            at += STEP;
        }
    }
    for at in at..rows.len() {
        rows[at] = rows[at].wrapping_add(rows[at - width]);
    }
}

/// As [`super::dot`], whose check it relies on.
pub(super) fn dot(vector: &[i16], row: &[i8]) -> i32 {
    let whole = row.len() / 8 * 8;
    let mut sums = i32x4_splat(0);
    let mut at = 0;
    while at < whole {
        // SAFETY: eight elements from `at` on lie within both, and any alignment will do.
        unsafe {
            let factors = v128_load(vector.as_ptr().add(at).cast::<v128>());
            sums = add_products(sums, factors, row.as_ptr().add(at));
        }
        at += 8;
    }
    let sums = i32x4_add(sums, i32x4_shuffle::<2, 3, 0, 1>(sums, sums));
    i32x4_extract_lane::<0>(sums) + i32x4_extract_lane::<1>(sums) + scalar::dot(&vector[whole..], &row[whole..])
}

/// As [`super::passing`].
pub(super) fn passing(sieve: &Sieve, least: i32, Range { start: mut from, end }: Range<usize>) -> Option<Passing> {
    let Sieve { vector, rows, biases, weight } = *sieve;
    // So many rows have their bytes.
    let whole = if vector.len().is_multiple_of(STEP) { end.min(sieve.n_rows()) } else { from };
    let (weights, lowest) = (i32x4_splat(weight), i32x4_splat(least));
    // In registers for all rows.
    let usual = <&[i16; USUAL]>::try_from(vector).ok().map(|vector| {
        // SAFETY: eight times eight elements lie within the vector, and any alignment will do.
        let eight = |at: usize| unsafe { v128_load(vector.as_ptr().add(at).cast::<v128>()) };
        [eight(0), eight(8), eight(16), eight(24), eight(32), eight(40), eight(48), eight(56)]
    });
    while from + 4 <= whole {
        // SAFETY: row `from` and the three behind it lie within `rows`, their biases within `biases`, and the loads take
        // any alignment.
        let (dots, biases) = unsafe {
            let rows = rows.as_ptr().add(from * vector.len());
            let dots = match &usual {
                // Written out: a closure would be called for every row.
                Some(factors) => sums([
                    of_usual(factors, rows),
                    of_usual(factors, rows.add(USUAL)),
                    of_usual(factors, rows.add(2 * USUAL)),
                    of_usual(factors, rows.add(3 * USUAL)),
                ]),
                None => four(vector, rows),
            };
            (dots, i32x4_load_extend_i16x4(biases.as_ptr().add(2 * from).cast::<i16>()))
        };
        let passes = i32x4_ge(i32x4_add(dots, i32x4_mul(weights, biases)), lowest);
        let mask = i32x4_bitmask(passes).into();
        if mask != 0 {
            let mut found = Passing { first: from, mask, dots: [0; 4] };
            // SAFETY: `dots` has the 16 bytes that are stored, and the store takes any alignment.
            unsafe { v128_store(found.dots.as_mut_ptr().cast::<v128>(), v128_and(passes, dots)) };
            return Some(found);
        }
        from += 4;
    }
    scalar::passing(sieve, least, from..end)
}

/// Dot products with four rows that lie one after the other.
///
/// # Safety
///
/// The vector's length is a multiple of [`STEP`], and so many elements of each row must lie from `rows` on.
#[inline(never)]
unsafe fn four(vector: &[i16], rows: *const i8) -> v128 {
    let width = vector.len();
    let zero = i32x4_splat(0);
    let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
    let mut at = 0;
    // Written out: what is optimized for size is not unrolled, and sums in an array lie in memory.
    while at < width {
        // SAFETY: 16 elements from `at` on lie within the vector and within every row, and any alignment will do.
        unsafe {
            let factors = v128_load(vector.as_ptr().add(at).cast::<v128>());
            a = add_products(a, factors, rows.add(at));
            b = add_products(b, factors, rows.add(at + width));
            c = add_products(c, factors, rows.add(at + 2 * width));
            d = add_products(d, factors, rows.add(at + 3 * width));
            let factors = v128_load(vector.as_ptr().add(at + 8).cast::<v128>());
            a = add_products(a, factors, rows.add(at + 8));
            b = add_products(b, factors, rows.add(at + 8 + width));
            c = add_products(c, factors, rows.add(at + 8 + 2 * width));
            d = add_products(d, factors, rows.add(at + 8 + 3 * width));
        }
        at += STEP;
    }
    sums([a, b, c, d])
}

/// The products of a row with a vector of [`USUAL`] length, in four sums.
///
/// # Safety
///
/// So many elements must lie at `row`.
#[inline(always)]
unsafe fn of_usual(factors: &[v128; USUAL / 8], row: *const i8) -> v128 {
    // SAFETY: eight times eight elements lie at the row.
    unsafe {
        let sum = i32x4_dot_i16x8(factors[0], i16x8_load_extend_i8x8(row));
        let sum = add_products(sum, factors[1], row.add(8));
        let sum = add_products(sum, factors[2], row.add(16));
        let sum = add_products(sum, factors[3], row.add(24));
        let sum = add_products(sum, factors[4], row.add(32));
        let sum = add_products(sum, factors[5], row.add(40));
        let sum = add_products(sum, factors[6], row.add(48));
        add_products(sum, factors[7], row.add(56))
    }
}

/// What the four numbers of each come to.
#[inline(always)]
fn sums([a, b, c, d]: [v128; 4]) -> v128 {
    let ab = i32x4_add(i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b));
    let cd = i32x4_add(i32x4_shuffle::<0, 4, 1, 5>(c, d), i32x4_shuffle::<2, 6, 3, 7>(c, d));
    i32x4_add(i32x4_shuffle::<0, 1, 4, 5>(ab, cd), i32x4_shuffle::<2, 3, 6, 7>(ab, cd))
}

/// # Safety
///
/// There must be eight elements at `row`.
#[inline(always)]
unsafe fn add_products(sum: v128, factors: v128, row: *const i8) -> v128 {
    // SAFETY: the load takes eight elements, of any alignment.
    i32x4_add(sum, i32x4_dot_i16x8(factors, unsafe { i16x8_load_extend_i8x8(row) }))
}
