//! Puts what was learned from shown lists into a finished model.

use crate::format::attributes::{self, CLICK_RATE, Encoded, FLAG_SENSITIVE, FLAGS};
use crate::format::container::SectionKind;
use crate::format::features::N_FEATURES;
use crate::format::metadata::ONE;
use crate::format::ranker::Node;
use crate::format::{FormatError, ranker};
use crate::model::Model;
use crate::train::{ClickedList, Impressions};

/// Level of an item that is clicked as often as its slots let expect.
const EXPECTED_LEVEL: f64 = 128.0;
/// Levels of a doubling.
const DOUBLING: f64 = 32.0;
/// Clicks, and expected clicks, that every item is given beforehand.
const PRIOR: f64 = 1.0;

/// The model with a ranker, which has the say from then on: strength 1 unless a request asks for less.
pub(super) fn with_ranker(model: &[u8], trees: &[Vec<Node>]) -> Result<Vec<u8>, FormatError> {
    let model = Model::from_bytes(model.to_vec())?;
    let mut metadata = model.metadata().clone();
    for blend in &mut metadata.blends {
        blend.strength = ONE as u16;
    }
    let ranker = ranker::write(N_FEATURES, trees)?;
    Ok(model.with_sections([(SectionKind::Metadata, metadata.write()?), (SectionKind::Ranker, ranker)]))
}

/// The model with a column of how often items are clicked where they are shown, over what their slots let expect: by
/// the mean of each slot, so that an item gains nothing from having stood at the top.
pub(super) fn with_click_rates(
    model: &[u8],
    impressions: &Impressions,
    is_meant: &impl Fn(u64) -> bool,
) -> Result<Vec<u8>, FormatError> {
    let model = Model::from_bytes(model.to_vec())?;
    // A list tells nothing of an item that fewer visitors were shown than are asked for everywhere.
    let min_visitors = model.privacy().map_or(1, |privacy| privacy.min_visitors);
    let lists = || impressions.clicked_lists().filter(|list| is_meant(list.session.visitor));
    let (mut shown, mut clicked) = (Vec::<f64>::new(), Vec::<f64>::new());
    for list in lists() {
        let n = shown.len().max(list.shown.items.len());
        shown.resize(n, 0.0);
        clicked.resize(n, 0.0);
        shown[..list.shown.items.len()].iter_mut().for_each(|count| *count += 1.0);
        clicked[list.clicked] += 1.0;
    }
    let mut rates = vec![(0.0, 0.0); model.n_items()];
    for list in lists() {
        for (slot, &item) in list.shown.items.iter().enumerate() {
            let Some(row) = model.row(&impressions.item_ids[item as usize]) else { continue };
            let (clicks, expected) = &mut rates[row as usize];
            *clicks += f64::from(u8::from(slot == list.clicked));
            *expected += clicked[slot] / shown[slot];
        }
    }
    let visitors = visitors_of(lists(), &model, impressions);
    let attributes = model.attributes();
    let flags = attributes.as_ref().and_then(|attributes| attributes.column(FLAGS));
    let is_sensitive = |row: u32| flags.is_some_and(|flags| flags.value(row) & FLAG_SENSITIVE != 0);
    let level = |(row, (&(clicks, expected), &visitors)): (u32, (&(f64, f64), &u32))| {
        let doublings = ((clicks + PRIOR) / (expected + PRIOR)).log2();
        let level = (EXPECTED_LEVEL + DOUBLING * doublings).round().clamp(1.0, 255.0) as u32;
        if expected > 0.0 && visitors >= min_visitors && !is_sensitive(row) { level } else { 0 }
    };
    let values = (0..).zip(rates.iter().zip(&visitors)).map(level).collect();
    let mut columns = vec![Encoded { name: CLICK_RATE.to_owned(), values, dictionary: Vec::new() }];
    for (name, column) in attributes.iter().flat_map(|attributes| attributes.iter()) {
        let values = (0..model.n_items() as u32).map(|row| column.value(row)).collect();
        columns.push(Encoded {
            name: name.to_owned(),
            values,
            dictionary: column.words().map(str::to_owned).collect(),
        });
    }
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    let section = attributes::write(model.n_items(), &columns)?;
    Ok(model.with_sections([(SectionKind::Attributes, section)]))
}

/// Distinct visitors who were shown each row. Lists of one visitor follow one another.
fn visitors_of<'a>(lists: impl Iterator<Item = ClickedList<'a>>, model: &Model, impressions: &Impressions) -> Vec<u32> {
    let mut visitors = vec![0; model.n_items()];
    let mut last = vec![None; model.n_items()];
    for list in lists {
        for row in list.shown.items.iter().filter_map(|&item| model.row(&impressions.item_ids[item as usize])) {
            let last = &mut last[row as usize];
            visitors[row as usize] += u32::from(*last != Some(list.session.visitor));
            *last = Some(list.session.visitor);
        }
    }
    visitors
}
