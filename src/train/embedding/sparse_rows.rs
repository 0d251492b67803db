/// Some rows of a table, ascending.
pub(super) fn rows_mut(mut table: &mut [f32], width: usize, rows: impl IntoIterator<Item = u32>) -> Vec<&mut [f32]> {
    let mut first = 0;
    let row = |row: u32| {
        let skipped = (row - first) as usize * width;
        first = row + 1;
        table.split_off_mut(..skipped).and_then(|_| table.split_off_mut(..width)).expect("rows ascend and exist")
    };
    rows.into_iter().map(row).collect()
}

/// Rows of a table, of which a batch touches few: those are known, and the others are zero.
#[derive(Debug)]
pub(super) struct SparseRows {
    width: usize,
    values: Vec<f32>,
    is_touched: Vec<bool>,
    touched: Vec<u32>,
}

impl SparseRows {
    pub(super) fn new(n_rows: usize, width: usize) -> SparseRows {
        SparseRows { width, values: vec![0.0; n_rows * width], is_touched: vec![false; n_rows], touched: Vec::new() }
    }

    /// Length of a row.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The row, from now on a touched one.
    pub(super) fn touch(&mut self, row: u32) -> &mut [f32] {
        if !std::mem::replace(&mut self.is_touched[row as usize], true) {
            self.touched.push(row);
        }
        &mut self.values[row as usize * self.width..][..self.width]
    }

    /// Whether the row is touched.
    pub(super) fn has(&self, row: u32) -> bool {
        self.is_touched[row as usize]
    }

    /// All rows, one after the other.
    pub(super) fn values(&self) -> &[f32] {
        &self.values
    }

    /// The row, if it is touched.
    pub(super) fn get_mut(&mut self, row: u32) -> Option<&mut [f32]> {
        self.is_touched[row as usize].then(|| &mut self.values[row as usize * self.width..][..self.width])
    }

    /// The touched rows, ascending.
    pub(super) fn rows(&mut self) -> Vec<(u32, &mut [f32])> {
        // Faster than sorting those that are touched, unless they are few among millions.
        let touched = (0..).zip(&self.is_touched).filter_map(|(row, is_touched)| is_touched.then_some(row));
        touched.clone().zip(rows_mut(&mut self.values, self.width, touched)).collect()
    }

    /// Makes all rows zero and untouched, in the time that touching them took.
    pub(super) fn clear(&mut self) {
        for row in self.touched.drain(..) {
            self.values[row as usize * self.width..][..self.width].fill(0.0);
            self.is_touched[row as usize] = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_asked_for() {
        let mut table: Vec<f32> = (0..8).map(|x| x as f32).collect();
        let mut check = |rows: &[u32], expected: &[[f32; 2]]| {
            assert_eq!(rows_mut(&mut table, 2, rows.iter().copied()), expected, "{rows:?}");
        };
        check(&[], &[]);
        check(&[0, 1, 3], &[[0.0, 1.0], [2.0, 3.0], [6.0, 7.0]]);
        check(&[2], &[[4.0, 5.0]]);
    }

    #[test]
    fn what_is_cleared_is_zero_and_untouched() {
        let mut rows = SparseRows::new(3, 2);
        rows.touch(2)[1] = 1.0;
        rows.touch(0)[0] = 2.0;
        assert_eq!(rows.rows(), [(0, &mut [2.0, 0.0][..]), (2, &mut [0.0, 1.0][..])]);
        assert!(rows.has(2) && rows.get_mut(1).is_none());
        rows.clear();
        assert!(rows.rows().is_empty() && !rows.has(2));
        assert_eq!(rows.values(), [0.0; 6]);
    }
}
