//! How much a slot by itself decides whether an item is seen at all.

use std::collections::BTreeMap;

use crate::train::Impressions;

/// The greatest exponent that is believed.
const MAX_EXPONENT: f64 = 2.0;
/// The greatest weight of a click, so that single clicks far down do not decide everything.
const MAX_WEIGHT: f64 = 4.0;

/// The exponent η of the chance to be seen, which is taken to fall with the rank r as 1/r^η.
///
/// It is learned from items that different visitors were shown in different slots, by the likelihood that of all times
/// the item was shown it was clicked where it was: how good the item is cancels out (a conditional logit with one
/// parameter). 0 where the log has no such items. After "intervention harvesting" (Agarwal et al., WSDM 2019).
pub fn position_exponent(impressions: &Impressions, is_meant: &impl Fn(u64) -> bool) -> f64 {
    // For each item, the logarithm of its rank where each visitor was shown it first, and whether it was clicked there.
    let mut shown: BTreeMap<(u32, u64), (f64, bool)> = BTreeMap::new();
    for list in impressions.clicked_lists().filter(|list| is_meant(list.session.visitor)) {
        for (slot, &item) in list.shown.items.iter().enumerate() {
            let first = ((slot + 1) as f64).ln();
            shown.entry((item, list.session.visitor)).or_insert((first, slot == list.clicked));
        }
    }
    let shown: Vec<(u32, f64, bool)> =
        shown.into_iter().map(|((item, _), (rank, is_clicked))| (item, rank, is_clicked)).collect();
    let items: Vec<&[(u32, f64, bool)]> = shown.chunk_by(|a, b| a.0 == b.0).filter(|item| item.len() > 1).collect();
    let mut exponent = 0.0;
    for _ in 0..20 {
        let (mut slope, mut curvature) = (0.0, 1e-9);
        for item in &items {
            let clicks = item.iter().filter(|shown| shown.2);
            let (mut sum, mut mean, mut square) = (0.0, 0.0, 0.0);
            for (_, rank, _) in *item {
                let weight = (-exponent * rank).exp();
                sum += weight;
                mean += weight * rank;
                square += weight * rank * rank;
            }
            let (mean, square) = (mean / sum, square / sum);
            for (_, rank, _) in clicks {
                slope += mean - rank;
                curvature += square - mean * mean;
            }
        }
        exponent = (exponent + slope / curvature).clamp(0.0, MAX_EXPONENT);
    }
    exponent
}

/// What a click in a slot counts for, so that clicks in all slots speak for equally many shoppers who looked: the inverse
/// of the chance to be seen, at most fourfold.
pub fn click_weight(slot: usize, exponent: f64) -> f64 {
    ((slot + 1) as f64).powf(exponent).min(MAX_WEIGHT)
}
