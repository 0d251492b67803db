//! What renewing a model takes and leaves, against learning it anew.

use std::time::Instant;

use serde::Serialize;

use super::cold::is_drawn;
use super::{Cases, measure, split};
use crate::format::container::SectionKind;
use crate::model::Model;
use crate::publish::delta;
use crate::session::DAY_MS;
use crate::train::{Catalog, Learned, Options, Sessions, TrainError, Watch, learn, renew};

/// What a price becomes that changes.
const DEARER: f64 = 1.25;

/// A model of all but the last two days, and what is made of it when a day has gone by. Measured on the last day.
#[derive(Debug, Clone, Serialize)]
pub struct Renewal {
    /// Steps of the last day's sessions.
    pub cases: usize,
    /// Items of the catalog.
    pub items: usize,
    /// Those of them that the old model does not know, and that have no event before the day that is added.
    pub new_items: usize,
    /// The old model.
    pub old: Made,
    /// A model learned anew, from a day more and with the new items.
    pub learned: Made,
    /// The old model renewed from the same.
    pub renewed: Made,
    /// The renewed model renewed once more, as many prices having changed as there were new items, and nothing else.
    pub repriced: Made,
}

/// A file.
#[derive(Debug, Clone, Serialize)]
pub struct Made {
    /// How long it took to make.
    pub seconds: f64,
    /// Its length.
    pub bytes: usize,
    /// Hit rate on the last day.
    pub hr: f64,
    /// Mean reciprocal rank on the last day.
    pub mrr: f64,
    /// Length of the delta from the model before it; 0 for the old one.
    pub delta: usize,
    /// The same, section by section.
    pub sections: Vec<Section>,
}

/// A section of a file.
#[derive(Debug, Clone, Serialize)]
pub struct Section {
    /// Its name.
    pub name: &'static str,
    /// Its length.
    pub bytes: usize,
    /// Length of a delta from the same section of the model before.
    pub delta: usize,
}

/// Learns, renews and measures. `share` of the catalog's items, drawn by the hash of their ids, are new. None without two days
/// that can be told from what was before.
///
/// # Errors
///
/// [`TrainError`].
pub fn measure_renewal(
    sessions: &Sessions,
    catalog: &Catalog,
    share: f64,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Option<Renewal>, TrainError> {
    let Some(newest_ms) = sessions.newest_ms().filter(|_| sessions.has_dates) else { return Ok(None) };
    let ends_by = |time_ms: i64| {
        let ends = sessions.iter().map(|session| session.last().map(|event| event.timestamp_ms));
        ends.take_while(|&end| end <= Some(time_ms)).count()
    };
    let [until_last, until_added] = [1, 2].map(|days| ends_by(newest_ms - days * DAY_MS));
    let cases = split(sessions, until_last).1;
    if until_added == 0 || until_added == until_last || cases.0.is_empty() {
        return Ok(None);
    }
    let is_new = |id: &str| is_drawn(id, share, options.seed);
    let is_known = |item: u32| !is_new(&sessions.item_ids[item as usize]);
    let before = |time_ms: i64, index: usize| {
        let part = sessions.part(0..index);
        part.filtered(|event| is_known(event.item) || event.timestamp_ms > time_ms).without_unused_items()
    };
    let old_sessions = before(newest_ms, until_added);
    let day_more = before(newest_ms - 2 * DAY_MS, until_last);
    let mut old_catalog = catalog.clone();
    old_catalog.items.retain(|item| !is_new(&item.id));
    let mut repriced = catalog.clone();
    for item in repriced.items.iter_mut().filter(|item| is_drawn(&item.id, share, !options.seed)) {
        item.price = item.price.map(|price| price * DEARER);
    }

    let made = |before: Option<&Model>, make: &dyn Fn() -> Result<Learned, TrainError>| {
        let start = Instant::now();
        let bytes = make()?.bytes;
        let seconds = start.elapsed().as_secs_f64();
        let model = Model::from_bytes(bytes)?;
        let made = Made::of(&model, before, seconds, &cases);
        Ok::<_, TrainError>((model, made))
    };
    let (old, of_old) = made(None, &|| learn(&old_sessions, Some(&old_catalog), options, watch))?;
    let (_, learned) = made(Some(&old), &|| learn(&day_more, Some(catalog), options, watch))?;
    let (model, renewed) = made(Some(&old), &|| renew(&old, &day_more, Some(catalog), options, watch))?;
    let (_, repriced) = made(Some(&model), &|| renew(&model, &day_more, Some(&repriced), options, watch))?;
    Ok(Some(Renewal {
        cases: cases.0.len(),
        items: catalog.items.len(),
        new_items: catalog.items.len() - old_catalog.items.len(),
        old: of_old,
        learned,
        renewed,
        repriced,
    }))
}

impl Made {
    fn of(model: &Model, before: Option<&Model>, seconds: f64, cases: &Cases) -> Made {
        let figures = measure(model, cases);
        let sections = before.iter().flat_map(|before| {
            SectionKind::ALL.into_iter().filter_map(|kind| {
                let section = model.section(kind)?;
                let delta = delta::make(&before.section(kind).unwrap_or_default(), &section).len();
                Some(Section { name: kind.name(), bytes: section.len(), delta })
            })
        });
        Made {
            seconds,
            bytes: model.byte_len(),
            hr: figures.hr,
            mrr: figures.mrr,
            delta: before.map_or(0, |before| delta::make(&before.to_bytes(), &model.to_bytes()).len()),
            sections: sections.collect(),
        }
    }
}
