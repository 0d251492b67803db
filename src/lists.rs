//! Making and searching lists in less code than the library does, which has the body of a loop of unknown length twice, and
//! looks at several numbers at once. Where lists are long the library is faster.

use alloc::vec::Vec;

/// Collects what an iterator gives, without a guess at how much that is.
pub(crate) trait Gather: Iterator + Sized {
    /// All items in a list.
    fn gather(self) -> Vec<Self::Item> {
        let mut list = Vec::new();
        for item in self {
            list.push(item);
        }
        list
    }
}

impl<I: Iterator> Gather for I {}

/// Whether an item is in a list.
#[inline(never)]
pub(crate) fn has<T: PartialEq>(list: &[T], item: &T) -> bool {
    list.iter().any(|other| other == item)
}
