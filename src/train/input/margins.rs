//! Folds margins into coarse bands. What a store earns by an item is known to the reader alone: nothing behind it sees
//! more than the band.

use crate::format::attributes::MAX_MARGIN_BAND;

/// Fewest items that share a band.
pub(super) const MIN_ITEMS_OF_BAND: usize = 20;

/// The band of every item's margin, from 1 (lowest); 0 where it is not known, or for all where there are too few margins
/// to tell two bands. Equal margins share a band, and the order of the margins is all that counts.
pub(super) fn bands(margins: &[Option<f64>]) -> Vec<u8> {
    let mut known: Vec<(f64, usize)> =
        margins.iter().zip(0..).filter_map(|(margin, item)| Some(((*margin)?, item))).collect();
    known.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let wanted = (known.len() / MIN_ITEMS_OF_BAND).clamp(1, MAX_MARGIN_BAND as usize);
    let fewest = (known.len() / wanted).max(MIN_ITEMS_OF_BAND);
    // Each band takes as many as it should, and all that are equal to the last of them; a rest too small to be a band is
    // part of the last one.
    let (mut starts, mut end) = (vec![0], 0);
    for equal in known.chunk_by(|a, b| a.0 == b.0) {
        end += equal.len();
        let is_full = end - starts[starts.len() - 1] >= fewest;
        if is_full && known.len() - end >= fewest {
            starts.push(end);
        }
    }
    let mut bands = vec![0; margins.len()];
    if starts.len() > 1 {
        for (place, &(_, item)) in known.iter().enumerate() {
            bands[item] = starts.partition_point(|&start| start <= place) as u8;
        }
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many items each band has, from 0.
    fn sizes(margins: impl IntoIterator<Item = f64>) -> Vec<usize> {
        let margins: Vec<Option<f64>> =
            margins.into_iter().map(|margin| Some(margin).filter(|m| m.is_finite())).collect();
        let bands = bands(&margins);
        for (a, of_a) in margins.iter().zip(&bands).filter(|(margin, _)| margin.is_some()) {
            for (b, of_b) in margins.iter().zip(&bands) {
                assert!(b.is_none() || a > b || of_a <= of_b, "{a:?} in {of_a}, {b:?} in {of_b}");
            }
        }
        let last = bands.iter().max().copied().unwrap_or(0);
        (0..=last).map(|band| bands.iter().filter(|&&other| other == band).count()).collect()
    }

    #[test]
    fn bands_are_shared() {
        let distinct = |n: u32| (0..n).map(move |number| f64::from(number * 7 % n));
        assert_eq!(sizes([]), [0]);
        assert_eq!(sizes(distinct(39)), [39]);
        assert_eq!(sizes(distinct(40)), [0, 20, 20]);
        assert_eq!(sizes(distinct(59)), [0, 29, 30]);
        assert_eq!(sizes(distinct(160)), [0, 20, 20, 20, 20, 20, 20, 20, 20]);
        assert_eq!(sizes(distinct(8005)).iter().skip(1).min(), Some(&1000));
        assert_eq!(sizes(distinct(8005)).len(), 9);
        // Equal ones stay together, and what they leave may be too few for a band.
        assert_eq!(sizes([1.0; 100]), [100]);
        assert_eq!(sizes([[1.0; 100].as_slice(), &[2.0]].concat()), [101]);
        assert_eq!(sizes([[1.0; 100].as_slice(), &[2.0; 30]].concat()), [0, 100, 30]);
        // No margin is no band; a loss is a margin.
        assert_eq!(sizes(distinct(40).chain([f64::NAN; 3])), [3, 20, 20]);
        assert_eq!(sizes(distinct(40).map(|margin| -margin)), [0, 20, 20]);
    }
}
