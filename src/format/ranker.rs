//! Section 7, ranker: a small ensemble of decision trees over [`super::features`].
//!
//! A tree lies in pre-order: a split's lower branch is the next node, its upper branch `skip` nodes on. Children lie
//! behind their parent, so that no bytes make a walk loop.

use alloc::vec::Vec;

use super::FormatError;
use super::bytes::{Fields, u16_at, u32_at};

/// Most bytes that the section may have.
pub const MAX_LEN: usize = 64 * 1024;
/// Bounds the values of nodes, so that no sum of a path overflows: about 16 logits a tree.
pub const VALUE_MAX: i32 = 1 << 14;
/// Bytes of a node.
const NODE_LEN: usize = 8;
const PART: &str = "ranker";

/// A node before coding, and as it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Number of the feature that is asked for; 0 in a leaf.
    pub feature: u8,
    /// How many nodes on the upper branch begins; 0 in a leaf.
    pub skip: u8,
    /// Greater values go to the upper branch; 0 in a leaf.
    pub threshold: i16,
    /// What the tree says as far as it is known here, in 1/1024 of a logit. The root's is 0.
    pub value: i32,
}

/// A view of the section.
#[derive(Debug, Clone, Copy)]
pub struct Ranker<'a> {
    n_features: usize,
    ends: &'a [u8],
    nodes: &'a [u8],
}

impl<'a> Ranker<'a> {
    /// Finds the trees. O(1).
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn parse(section: &'a [u8]) -> Result<Ranker<'a>, FormatError> {
        if section.len() > MAX_LEN {
            return Err(FormatError::unsound(PART, "it is longer than # bytes", &[MAX_LEN as u64]));
        }
        let mut fields = Fields::new(PART, section);
        let n_features = fields.u32() as usize;
        let n_trees = fields.u32() as usize;
        let n_nodes = fields.u32() as usize;
        fields.reserved(4);
        let nodes = fields.array(n_nodes, NODE_LEN);
        let ends = fields.array(n_trees, 2);
        fields.end()?;
        Ok(Ranker { n_features, ends, nodes })
    }

    /// Walks all nodes once: features are known, children lie in their tree, values are small.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn validate(&self, n_known_features: usize) -> Result<(), FormatError> {
        let sound = self.n_features <= n_known_features
            && self.ends_cover_nodes()
            && (0..self.n_trees()).all(|tree| {
                let (start, end) = self.bounds(tree);
                self.node(start).value == 0
                    && (start..end).all(|at| {
                        let node = self.node(at);
                        let is_split = node.skip > 1 && at + usize::from(node.skip) < end;
                        let is_leaf = node.skip == 0 && node.feature == 0 && node.threshold == 0;
                        let is_known = usize::from(node.feature) < self.n_features || is_leaf;
                        let is_small = (-VALUE_MAX..=VALUE_MAX).contains(&node.value);
                        (is_split || is_leaf) && is_known && is_small
                    })
            });
        if sound { Ok(()) } else { Err(FormatError::unsound(PART, "its trees do not hold together", &[])) }
    }

    fn ends_cover_nodes(&self) -> bool {
        let mut before = 0;
        for tree in 0..self.n_trees() {
            let end = u16_at(self.ends, tree);
            if end <= before {
                return false;
            }
            before = end;
        }
        usize::from(before) == self.n_nodes()
    }

    /// How many trees there are.
    pub fn n_trees(&self) -> usize {
        self.ends.len() / 2
    }

    /// How many nodes they have together.
    pub fn n_nodes(&self) -> usize {
        self.nodes.len() / NODE_LEN
    }

    /// Where a tree's nodes begin and end. Panics past [`Ranker::n_trees`].
    pub fn bounds(&self, tree: usize) -> (usize, usize) {
        let start = if tree == 0 { 0 } else { u16_at(self.ends, tree - 1) };
        (usize::from(start), usize::from(u16_at(self.ends, tree)))
    }

    /// A node. Panics past [`Ranker::n_nodes`].
    pub fn node(&self, at: usize) -> Node {
        let (fixed, value) = (&self.nodes[NODE_LEN * at..], u32_at(self.nodes, 2 * at + 1));
        Node { feature: fixed[0], skip: fixed[1], threshold: u16_at(fixed, 1) as i16, value: value as i32 }
    }
}

/// Encodes the section from trees in pre-order.
///
/// # Errors
///
/// [`FormatError::Unsound`] if [`Ranker::parse`] and [`Ranker::validate`] would refuse the result.
pub fn write(n_features: usize, trees: &[Vec<Node>]) -> Result<Vec<u8>, FormatError> {
    let mut out = Vec::new();
    for count in [n_features, trees.len(), trees.iter().map(Vec::len).sum(), 0] {
        out.extend((count as u32).to_le_bytes());
    }
    for node in trees.iter().flatten() {
        out.extend([node.feature, node.skip]);
        out.extend(node.threshold.to_le_bytes());
        out.extend(node.value.to_le_bytes());
    }
    let mut end = 0;
    for tree in trees {
        end += tree.len();
        out.extend((end as u16).to_le_bytes());
    }
    Ranker::parse(&out)?.validate(n_features)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(value: i32) -> Node {
        Node { feature: 0, skip: 0, threshold: 0, value }
    }

    fn tree() -> Vec<Node> {
        vec![Node { feature: 1, skip: 2, threshold: -3, value: 0 }, leaf(-7), leaf(9)]
    }

    fn check(n_features: usize, change: impl FnOnce(&mut Vec<u8>), sound: bool) {
        let mut section = write(2, &[tree(), tree()]).unwrap();
        change(&mut section);
        let read = Ranker::parse(&section).and_then(|ranker| ranker.validate(n_features));
        assert_eq!(read.is_ok(), sound, "{section:?}: {read:?}");
    }

    #[test]
    fn what_is_written_is_read() {
        let section = write(2, &[tree(), vec![leaf(0)]]).unwrap();
        let ranker = Ranker::parse(&section).unwrap();
        assert_eq!((ranker.n_trees(), ranker.n_nodes(), ranker.bounds(1)), (2, 4, (3, 4)));
        assert_eq!((0..3).map(|at| ranker.node(at)).collect::<Vec<_>>(), tree());
    }

    #[test]
    fn unsound_trees_are_refused() {
        check(2, |_| (), true);
        check(3, |_| (), true);
        check(1, |_| (), false);
        check(2, |section| section[16] = 2, false);
        check(2, |section| section[17] = 0, false);
        check(2, |section| section[17] = 1, false);
        check(2, |section| section[17] = 3, false);
        check(2, |section| section[20] = 1, false);
        check(2, |section| section[31] = 0x7f, false);
        check(2, |section| section[28..32].copy_from_slice(&i32::MIN.to_le_bytes()), false);
        check(2, |section| *section.last_mut().unwrap() = 1, false);
        check(2, |section| section[64] = 0, false);
        check(2, |section| section.truncate(60), false);
        check(2, |section| section.push(0), false);
        check(2, |section| section.resize(MAX_LEN + 1, 0), false);
        assert!(write(2, &[vec![leaf(1)]]).is_err(), "a root has no value of its own");
    }
}
