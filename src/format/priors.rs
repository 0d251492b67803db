//! Section 6, priors: how much more, or less, than usual each category is looked for in a season, at a time of day, from a
//! device: in whatever is known of a request before anything is known of its shopper.

use alloc::string::String;
use alloc::vec::Vec;

use super::FormatError;
use super::bytes::{Fields, u64_at};
use super::ids;

/// Most words of contexts.
pub const MAX_CONTEXTS: usize = 1024;
/// What a tilt of 1 is, in 1/1024 of a logit.
pub const TILT: i32 = 16;
const PART: &str = "priors";

/// A view of the section.
#[derive(Debug, Clone, Copy)]
pub struct Priors<'a> {
    n_categories: usize,
    popular: u16,
    session: u16,
    contexts: &'a [u8],
    tilts: &'a [u8],
}

impl<'a> Priors<'a> {
    /// Finds the arrays. O(1).
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn parse(section: &'a [u8]) -> Result<Priors<'a>, FormatError> {
        let mut fields = Fields::new(PART, section);
        let n_contexts = fields.u32() as usize;
        let n_categories = fields.u32() as usize;
        let popular = fields.u16();
        let session = fields.u16();
        fields.reserved(4);
        let numbers = [n_contexts as u64, MAX_CONTEXTS as u64];
        fields.check(n_contexts <= MAX_CONTEXTS, "# contexts, at most # are allowed", &numbers);
        let contexts = fields.array(n_contexts, 16);
        let tilts = fields.array(n_categories, n_contexts);
        fields.end()?;
        Ok(Priors { n_categories, popular, session, contexts, tilts })
    }

    /// Walks the contexts once: each is there once.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn validate(&self) -> Result<(), FormatError> {
        let is_unsorted = |place: &usize| self.context(place - 1) >= self.context(*place);
        match (1..self.n_contexts()).find(is_unsorted) {
            Some(place) => Err(FormatError::unsound(PART, "context # is not in ascending order", &[place as u64])),
            None => Ok(()),
        }
    }

    /// How many words of contexts there are.
    pub fn n_contexts(&self) -> usize {
        self.contexts.len() / 16
    }

    /// How many words the column `category` has.
    pub fn n_categories(&self) -> usize {
        self.n_categories
    }

    /// How much tilts count where popularity is all there is, in 1/1024.
    pub fn popular_weight(&self) -> u16 {
        self.popular
    }

    /// How much they count beside a session, in 1/1024.
    pub fn session_weight(&self) -> u16 {
        self.session
    }

    /// The hashes of a context's name and word. Panics past [`Priors::n_contexts`].
    pub fn context(&self, place: usize) -> (u64, u64) {
        (u64_at(self.contexts, 2 * place), u64_at(self.contexts, 2 * place + 1))
    }

    /// A tilt for each word of the column `category`, two's complement, in [`TILT`]; none where the word says nothing.
    pub fn tilts(&self, name: &str, word: &str) -> Option<&'a [u8]> {
        let context = (ids::hash(name), ids::hash(word));
        let place = (0..self.n_contexts()).find(|&place| self.context(place) == context)?;
        self.tilts.get(place * self.n_categories..(place + 1) * self.n_categories)
    }
}

/// What [`write()`] encodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoded {
    /// How many words the column `category` has.
    pub n_categories: usize,
    /// How much tilts count where popularity is all there is, in 1/1024.
    pub popular: u16,
    /// How much they count beside a session, in 1/1024.
    pub session: u16,
    /// The name and the word of each context, and its tilts.
    pub contexts: Vec<((String, String), Vec<i8>)>,
}

/// Encodes the section.
///
/// # Errors
///
/// [`FormatError::Unsound`] if [`Priors::parse`] or [`Priors::validate`] would refuse the result.
///
/// # Panics
///
/// If a context has not a tilt for every category.
pub fn write(priors: &Encoded) -> Result<Vec<u8>, FormatError> {
    let hashed = priors.contexts.iter().map(|((name, word), tilts)| ((ids::hash(name), ids::hash(word)), tilts));
    let mut contexts: Vec<((u64, u64), &Vec<i8>)> = hashed.collect();
    contexts.sort_unstable_by_key(|(context, _)| *context);
    let mut out = Vec::new();
    out.extend((contexts.len() as u32).to_le_bytes());
    out.extend((priors.n_categories as u32).to_le_bytes());
    out.extend(priors.popular.to_le_bytes());
    out.extend(priors.session.to_le_bytes());
    out.extend([0; 4]);
    for ((name, word), _) in &contexts {
        out.extend(name.to_le_bytes());
        out.extend(word.to_le_bytes());
    }
    for (_, tilts) in contexts {
        assert_eq!(tilts.len(), priors.n_categories, "a context has a tilt for every category");
        out.extend(tilts.iter().map(|&tilt| tilt as u8));
    }
    Priors::parse(&out)?.validate()?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(name: &str, word: &str, tilts: &[i8]) -> ((String, String), Vec<i8>) {
        ((name.to_owned(), word.to_owned()), tilts.to_vec())
    }

    #[test]
    fn contexts_come_back() {
        let contexts = vec![context("season", "q1", &[-128, 5]), context("device", "q1", &[0, 127])];
        let section = write(&Encoded { n_categories: 2, popular: 7, session: 9, contexts }).unwrap();
        let priors = Priors::parse(&section).unwrap();
        assert_eq!((priors.n_contexts(), priors.n_categories()), (2, 2));
        assert_eq!((priors.popular_weight(), priors.session_weight()), (7, 9));
        assert_eq!(priors.tilts("season", "q1"), Some(&[0x80, 5][..]));
        assert_eq!(priors.tilts("device", "q1"), Some(&[0, 0x7f][..]));
        assert_eq!(priors.tilts("season", "q2"), None);
        assert_eq!(priors.tilts("q1", "season"), None);
    }

    #[test]
    fn unsound_priors_are_refused() {
        let section = |contexts| write(&Encoded { n_categories: 1, popular: 0, session: 0, contexts });
        let sound = section(vec![context("a", "b", &[1]), context("a", "c", &[1])]).unwrap();
        let check = |change: &dyn Fn(&mut Vec<u8>), expected: &str| {
            let mut section = sound.clone();
            change(&mut section);
            let parsed = Priors::parse(&section).and_then(|priors| priors.validate());
            let error = parsed.unwrap_err().to_string();
            assert!(error.contains(expected), "{error:?} should contain {expected:?}");
        };
        check(&|section| section.truncate(15), "do not fit");
        check(&|section| section.truncate(section.len() - 1), "do not fit");
        check(&|section| section.push(0), "1 bytes are left");
        check(&|section| section[12] = 1, "must be zero");
        check(&|section| section[0..4].copy_from_slice(&1025u32.to_le_bytes()), "1025 contexts, at most 1024");
        check(&|section| section[4..8].copy_from_slice(&u32::MAX.to_le_bytes()), "do not fit");
        check(&|section| section.copy_within(32..48, 16), "context 1 is not in ascending order");
        let twice = section(vec![context("a", "b", &[1]), context("a", "b", &[2])]).unwrap_err().to_string();
        assert!(twice.contains("ascending order"), "{twice}");
    }
}
