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

    /// The row, if it is touched.
    pub(super) fn get(&self, row: u32) -> Option<&[f32]> {
        self.is_touched[row as usize].then(|| &self.values[row as usize * self.width..][..self.width])
    }

    /// The row, if it is touched.
    pub(super) fn get_mut(&mut self, row: u32) -> Option<&mut [f32]> {
        self.is_touched[row as usize].then(|| &mut self.values[row as usize * self.width..][..self.width])
    }

    /// The touched rows, ascending.
    pub(super) fn rows(&mut self) -> Vec<(u32, &mut [f32])> {
        self.touched.sort_unstable();
        let mut all = self.values.chunks_exact_mut(self.width).zip(0u32..);
        let touched = self.touched.iter().map(|&row| {
            let (values, _) = all.by_ref().find(|(_, index)| *index == row).expect("touched rows ascend and exist");
            (row, values)
        });
        touched.collect()
    }

    /// Makes all rows zero and untouched, in the time that touching them took.
    pub(super) fn clear(&mut self) {
        for row in self.touched.drain(..) {
            self.values[row as usize * self.width..][..self.width].fill(0.0);
            self.is_touched[row as usize] = false;
        }
    }
}
