//! A model in parts: files with some of its items each, which can be put together again.

use std::collections::BTreeSet;

use crate::format::attributes::Attributes;
use crate::format::container::{self, Container, SectionKind};
use crate::format::embeddings::Embeddings;
use crate::format::ids::Ids;
use crate::format::neighbors::{self, Entry, LEVELS, Neighbors};
use crate::format::{FormatError, attributes, embeddings, ids, part};

const PART: &str = "part";

/// Sections that speak of no item.
const COMMON: [SectionKind; 5] =
    [SectionKind::Metadata, SectionKind::Priors, SectionKind::Ranker, SectionKind::Rules, SectionKind::Privacy];

/// Some items of a model, or all of them, with what the model says of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Id of the whole model.
    whole: u64,
    /// Items of the whole model.
    n_items: u32,
    /// What the model says beside its items. Only the first part has it, which is a model by itself.
    common: Vec<(SectionKind, Vec<u8>)>,
    /// The index section of the whole model, likewise.
    index: Vec<u8>,
    /// The items' rows in the whole model, ascending. What follows is by item, in this order.
    rows: Vec<u32>,
    ids: Vec<String>,
    embeddings: Option<embeddings::Encoded>,
    /// What each level is worth, and the rows, with neighbors by their rows in the whole model.
    neighbors: Option<([u16; LEVELS], Vec<Vec<Entry>>)>,
    /// Dictionaries have their words in the first part alone.
    columns: Vec<attributes::Encoded>,
}

impl Part {
    /// Reads a file: a part, or a whole model.
    ///
    /// # Errors
    ///
    /// [`FormatError`].
    pub fn read(file: &[u8]) -> Result<Part, FormatError> {
        let container = Container::parse(file)?;
        let section = |kind| container.find(kind).map(|range| &file[range]);
        let ids = Ids::parse(&file[container.require(SectionKind::Ids)?])?;
        ids.validate()?;
        let n_items = ids.len() as u32;
        let stated = match section(SectionKind::Part) {
            Some(bytes) => part::Part::parse(bytes)?,
            None => part::Part {
                whole: container.id,
                n_items,
                rows: (0..n_items).collect(),
                elsewhere: vec![Vec::new(); ids.len()],
                index: section(SectionKind::Index).unwrap_or_default().to_vec(),
            },
        };
        let part::Part { whole, n_items, rows, elsewhere, index } = stated;
        let check_len = |kind: SectionKind, len: usize| {
            if len == rows.len() {
                return Ok(());
            }
            let numbers = [len as u64, rows.len() as u64];
            Err(FormatError::unsound(kind.name(), "it has # items and the part has #", &numbers))
        };
        check_len(SectionKind::Ids, ids.len())?;
        let mut embeddings = section(SectionKind::Embeddings).map(<[u8]>::to_vec);
        let embeddings = embeddings.as_deref_mut().map(Embeddings::restore).transpose()?;
        if let Some(embeddings) = &embeddings {
            check_len(SectionKind::Embeddings, embeddings.len())?;
        }
        let neighbors = match section(SectionKind::Neighbors).map(Neighbors::parse).transpose()? {
            Some(neighbors) => {
                neighbors.validate()?;
                check_len(SectionKind::Neighbors, neighbors.len())?;
                let here = |row| neighbors.entries(row).map(|(neighbor, level)| (rows[neighbor as usize], level));
                let all = (0..).zip(elsewhere).map(|(row, elsewhere)| {
                    let mut entries: Vec<Entry> = here(row).chain(elsewhere).collect();
                    entries.sort_unstable();
                    entries
                });
                Some((neighbors.weights(), all.collect()))
            }
            None => None,
        };
        let columns = match section(SectionKind::Attributes).map(Attributes::parse).transpose()? {
            Some((len, attributes)) => {
                check_len(SectionKind::Attributes, len)?;
                attributes.validate()?;
                attributes.iter().map(|(name, column)| column.decode(name)).collect()
            }
            None => Vec::new(),
        };
        let common = COMMON.into_iter().filter_map(|kind| Some((kind, section(kind)?.to_vec()))).collect();
        let ids = (0..ids.len() as u32).map(|row| ids.id(row)).collect();
        let embeddings = embeddings.map(|embeddings| embeddings.decode());
        Ok(Part { whole, n_items, common, index, rows, ids, embeddings, neighbors, columns })
    }

    /// Whether all items of the model are there.
    pub fn is_whole(&self) -> bool {
        self.rows.len() == self.n_items as usize
    }

    /// The file: a part, or the whole model if all of its items are there.
    ///
    /// # Errors
    ///
    /// [`FormatError`], for what no model could be.
    pub fn write(&self) -> Result<Vec<u8>, FormatError> {
        let is_whole = self.is_whole();
        let mut sections = self.common.clone();
        sections.push((SectionKind::Ids, ids::write(&self.ids)?));
        if let Some(embeddings) = &self.embeddings {
            sections.push((SectionKind::Embeddings, embeddings::write(embeddings)?));
        }
        let mut elsewhere = vec![Vec::new(); self.rows.len()];
        if let Some((weights, rows)) = &self.neighbors {
            let here = |(neighbor, level)| Some((self.rows.binary_search(&neighbor).ok()? as u32, level));
            let inside: Vec<Vec<Entry>> =
                rows.iter().map(|row| row.iter().copied().filter_map(here).collect()).collect();
            sections.push((SectionKind::Neighbors, neighbors::write(weights, &inside)?));
            for (row, elsewhere) in rows.iter().zip(&mut elsewhere) {
                elsewhere.extend(row.iter().filter(|(neighbor, _)| self.rows.binary_search(neighbor).is_err()));
            }
        }
        if !self.columns.is_empty() {
            sections.push((SectionKind::Attributes, attributes::write(self.rows.len(), &self.columns)?));
        }
        if !is_whole {
            let Part { whole, n_items, ref rows, ref index, .. } = *self;
            let part = part::Part { whole, n_items, rows: rows.clone(), elsewhere, index: index.clone() };
            sections.push((SectionKind::Part, part.write()));
        } else if !self.index.is_empty() {
            sections.push((SectionKind::Index, self.index.clone()));
        }
        sections.sort_unstable_by_key(|(kind, _)| *kind);
        Ok(container::write(&sections))
    }

    /// Takes it apart, by lists of places in its order, ascending in each. The first list makes the first part.
    pub fn split(&self, lists: &[Vec<usize>]) -> Vec<Part> {
        let mut parts: Vec<Part> = lists.iter().map(|list| self.take(list)).collect();
        for part in parts.iter_mut().skip(1) {
            part.common.clear();
            part.index.clear();
            part.columns.iter_mut().for_each(|column| column.dictionary.clear());
        }
        parts
    }

    /// Puts parts of one model together, in any order, the first one among them.
    ///
    /// # Errors
    ///
    /// [`FormatError`] if they are of several models, the first is missing, or one is there twice.
    pub fn join(parts: Vec<Part>) -> Result<Part, FormatError> {
        let refuse = |template: &str| Err(FormatError::unsound(PART, template, &[]));
        let Some(first) = parts.iter().position(|part| !part.common.is_empty()) else {
            return refuse("the first part is missing, which has what the model says beside its items");
        };
        let mut parts = parts;
        let mut joined = parts.swap_remove(first);
        for part in parts {
            if !joined.fits(&part) {
                return refuse("it is of another model than the first one");
            }
            joined.rows.extend(part.rows);
            joined.ids.extend(part.ids);
            if let (Some(joined), Some(part)) = (&mut joined.embeddings, part.embeddings) {
                joined.biases.extend(part.biases);
                joined.vectors.extend(part.vectors);
            }
            if let (Some((_, joined)), Some((_, part))) = (&mut joined.neighbors, part.neighbors) {
                joined.extend(part);
            }
            for (joined, part) in joined.columns.iter_mut().zip(part.columns) {
                joined.values.extend(part.values);
            }
        }
        if joined.rows.iter().collect::<BTreeSet<_>>().len() < joined.rows.len() {
            return refuse("an item is in two parts");
        }
        let mut order: Vec<usize> = (0..joined.rows.len()).collect();
        order.sort_unstable_by_key(|&at| joined.rows[at]);
        Ok(joined.take(&order))
    }

    /// Whether both are of one model.
    fn fits(&self, other: &Part) -> bool {
        let levels = |part: &Part| part.neighbors.as_ref().map(|(weights, _)| *weights);
        (self.whole, self.n_items) == (other.whole, other.n_items)
            && other.common.is_empty()
            && self.embeddings.as_ref().map(|of| &of.encoder) == other.embeddings.as_ref().map(|of| &of.encoder)
            && levels(self) == levels(other)
            && self.columns.iter().map(|column| &column.name).eq(other.columns.iter().map(|column| &column.name))
    }

    /// The items at these places, in this order.
    fn take(&self, places: &[usize]) -> Part {
        let each = |values: &[u32]| places.iter().map(|&at| values[at]).collect::<Vec<u32>>();
        Part {
            whole: self.whole,
            n_items: self.n_items,
            common: self.common.clone(),
            index: self.index.clone(),
            rows: each(&self.rows),
            ids: places.iter().map(|&at| self.ids[at].clone()).collect(),
            embeddings: self.embeddings.as_ref().map(|encoded| embeddings::Encoded {
                encoder: encoded.encoder.clone(),
                biases: places.iter().map(|&at| encoded.biases[at]).collect(),
                vectors: places.iter().flat_map(|&at| encoded.vector(at)).copied().collect(),
            }),
            neighbors: self
                .neighbors
                .as_ref()
                .map(|(weights, rows)| (*weights, places.iter().map(|&at| rows[at].clone()).collect())),
            columns: self
                .columns
                .iter()
                .map(|column| attributes::Encoded {
                    name: column.name.clone(),
                    values: each(&column.values),
                    dictionary: column.dictionary.clone(),
                })
                .collect(),
        }
    }

    /// Id of the whole model, as `Model::id` has it.
    pub fn whole_id(&self) -> String {
        format!("{:016x}", self.whole)
    }

    /// The items' ids.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The column with this name.
    pub fn column(&self, name: &str) -> Option<&attributes::Encoded> {
        self.columns.iter().find(|column| column.name == name)
    }
}
