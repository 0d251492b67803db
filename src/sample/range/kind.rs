//! One kind of thing that the store sells.

use super::{camp, home, wear};

/// What a maker makes: kinds of one line come from the same workshops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sample) enum Line {
    Shelter,
    Sleep,
    Kitchen,
    Light,
    CampSeats,
    Packs,
    Shell,
    Knit,
    Footwear,
    Accessories,
    Lamps,
    Bulbs,
    Textiles,
    Tableware,
    HomeSeats,
}

/// A size that is a product of its own, e.g. a tent for three.
pub(in crate::sample) struct Cut {
    /// In the title, e.g. `3`; may be empty.
    pub(in crate::sample) label: &'static str,
    /// In words, e.g. `3 people`.
    pub(in crate::sample) size: &'static str,
    /// Of the kind's price.
    pub(in crate::sample) price_percent: u32,
}

pub(super) const fn cut(label: &'static str, size: &'static str, price_percent: u32) -> Cut {
    Cut { label, size, price_percent }
}

/// A kind of thing. Its items stand on one shelf, or on two where women's and men's differ.
pub(in crate::sample) struct Kind {
    /// Two letters that item ids begin with. Names the kind in other tables.
    pub(in crate::sample) code: &'static str,
    pub(in crate::sample) line: Line,
    /// Which picture to draw.
    pub(in crate::sample) shape: &'static str,
    /// Which version of the picture.
    pub(in crate::sample) forms: &'static [&'static str],
    /// Without the department `Women` or `Men`, which stands before it where the kind is worn by one of them.
    pub(in crate::sample) category: &'static [&'static str],
    pub(in crate::sample) by_department: bool,
    pub(in crate::sample) noun: &'static str,
    /// Part of the catalog, relative to the other kinds.
    pub(in crate::sample) share: u32,
    /// What such a thing usually costs, in whole euros.
    pub(in crate::sample) price: u32,
    pub(in crate::sample) cuts: &'static [Cut],
    pub(in crate::sample) materials: &'static [&'static str],
    /// Patterns it can have beside plain.
    pub(in crate::sample) patterns: &'static [&'static str],
    /// Most colors of one product, 1 to 5.
    pub(in crate::sample) colors: u32,
    /// More words by which people look for it.
    pub(in crate::sample) keywords: &'static str,
    /// What people type.
    pub(in crate::sample) queries: &'static [&'static str],
    /// First sentences of a description. `{material}` and `{size}` are filled in.
    pub(in crate::sample) openings: &'static [&'static str],
    /// Second sentences of a description.
    pub(in crate::sample) details: &'static [&'static str],
    /// Kinds that complete it, the most natural first.
    pub(in crate::sample) goes_with: &'static [&'static str],
}

/// Every kind, in the order of the departments.
pub(in crate::sample) fn all_kinds() -> Vec<&'static Kind> {
    camp::KINDS.iter().chain(&wear::KINDS).chain(&home::KINDS).collect()
}

/// Where the kind with this code stands in [`all_kinds`]. Panics if there is none: only tables of this module ask.
pub(in crate::sample) fn kind_index(code: &str) -> usize {
    all_kinds().iter().position(|kind| kind.code == code).expect("the tables name kinds that exist: tested below")
}

#[cfg(test)]
mod tests {
    use super::super::BRANDS;
    use super::*;

    #[test]
    fn every_table_names_kinds_that_exist_and_can_be_made() {
        for (index, kind) in all_kinds().into_iter().enumerate() {
            assert_eq!(kind_index(kind.code), index, "{} is there once", kind.code);
            for other in kind.goes_with {
                assert_ne!(kind_index(other), index, "{} does not go with itself", kind.code);
            }
            let makers = BRANDS.iter().filter(|brand| brand.lines.contains(&kind.line));
            let mut levels: Vec<u8> = makers.map(|brand| brand.level).collect();
            levels.sort_unstable();
            levels.dedup();
            assert!(levels.len() >= 2, "{} is made at one price level only", kind.code);
            assert!((1..=5).contains(&kind.colors), "{}", kind.code);
        }
    }
}
