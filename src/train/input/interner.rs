//! Gives strings dense numbers, each string stored once.

use hashbrown::HashTable;
use twox_hash::XxHash64;

/// A set of strings, numbered from 0 in the order in which they first came. About 20 bytes a string beyond its text.
#[derive(Debug, Default)]
pub(super) struct Interner {
    text: String,
    ends: Vec<usize>,
    numbers: HashTable<u32>,
}

impl Interner {
    /// The number of `string`, a new one if it was never seen. `None` when 2³² strings are there already.
    pub(super) fn intern(&mut self, string: &str) -> Option<u32> {
        let hash = hash_of(string);
        if let Some(&number) = self.numbers.find(hash, |&number| text_at(&self.text, &self.ends, number) == string) {
            return Some(number);
        }
        let number = u32::try_from(self.ends.len()).ok()?;
        self.text.push_str(string);
        self.ends.push(self.text.len());
        let (text, ends) = (&self.text, &self.ends);
        self.numbers.insert_unique(hash, number, |&other| hash_of(text_at(text, ends, other)));
        Some(number)
    }

    /// How many strings there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The string with this number. Panics where there is none.
    pub(super) fn text(&self, number: u32) -> &str {
        text_at(&self.text, &self.ends, number)
    }
}

fn text_at<'a>(text: &'a str, ends: &[usize], number: u32) -> &'a str {
    let index = number as usize;
    let start = if index == 0 { 0 } else { ends[index - 1] };
    &text[start..ends[index]]
}

fn hash_of(string: &str) -> u64 {
    XxHash64::oneshot(0, string.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::Interner;

    #[test]
    fn numbers_are_dense_and_stable() {
        let mut interner = Interner::default();
        let words: Vec<String> = (0..5_000).map(|word| format!("word {}", word % 3_000)).collect();
        for (index, word) in words.iter().enumerate() {
            assert_eq!(interner.intern(word), Some(index as u32 % 3_000));
        }
        assert_eq!((interner.len(), interner.text(0), interner.text(2_999)), (3_000, "word 0", "word 2999"));
        assert_eq!((interner.intern(""), interner.text(3_000)), (Some(3_000), ""));
    }
}
