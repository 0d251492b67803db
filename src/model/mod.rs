//! [`Model`]: a checked, immutable view over the bytes of a `.shelf` file.

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "train")]
use alloc::collections::BTreeMap;
use core::ops::Range;

use crate::format::FormatError;
use crate::format::attributes::{Attributes, CATEGORY, Column, FLAG_SENSITIVE, FLAGS, POPULARITY};
#[cfg(feature = "train")]
use crate::format::container;
use crate::format::container::{Container, MAJOR_VERSION, Section, SectionKind};
use crate::format::embeddings::{self, Embeddings};
use crate::format::features::N_FEATURES;
use crate::format::ids::{self, Ids};
use crate::format::index::Index;
use crate::format::message::{push_digits, sentence};
use crate::format::metadata::Metadata;
use crate::format::neighbors::Neighbors;
use crate::format::priors::Priors;
#[cfg(feature = "train")]
use crate::format::privacy::Privacy;
use crate::format::ranker::Ranker;

mod rules;

pub(crate) use rules::is_within;
pub use rules::{Rules, Words};

/// A model: the bytes of its file, checked once and used where they lie. Memory beyond the file is the decoded metadata.
#[derive(Debug)]
pub struct Model {
    /// The file's, but for vectors in place of their differences.
    bytes: Vec<u8>,
    container: Container,
    metadata: Metadata,
    ids: Range<usize>,
    embeddings: Option<Range<usize>>,
    neighbors: Option<Range<usize>>,
    attributes: Option<Range<usize>>,
    priors: Option<Range<usize>>,
    ranker: Option<Range<usize>>,
    index: Option<Range<usize>>,
    rules: Option<Rules>,
    #[cfg(feature = "train")]
    privacy: Option<Privacy>,
}

/// A section that was parsed when the model was made. Not `expect`, which would put the formatting of errors into the
/// WebAssembly.
fn validated<T>(section: Result<T, FormatError>) -> T {
    section.unwrap_or_else(|_| unreachable!("the section was parsed when the model was made"))
}

impl Model {
    /// Takes the bytes of a file and checks all of them, in O(bytes): whatever they are, nothing that the model is
    /// asked afterwards panics on account of them.
    ///
    /// # Errors
    ///
    /// Any [`FormatError`].
    pub fn from_bytes(mut bytes: Vec<u8>) -> Result<Model, FormatError> {
        let container = Container::parse(&bytes)?;
        let metadata = Metadata::parse(&bytes[container.require(SectionKind::Metadata)?])?;
        let ids = container.require(SectionKind::Ids)?;
        let embeddings = container.find(SectionKind::Embeddings);
        let mut shape = None;
        if let Some(range) = &embeddings {
            let embeddings = Embeddings::restore(&mut bytes[range.clone()])?;
            shape = Some((embeddings.len(), embeddings.dimensions()));
        }
        let neighbors = container.find(SectionKind::Neighbors);
        let attributes = container.find(SectionKind::Attributes);
        let priors = container.find(SectionKind::Priors).filter(|_| cfg!(feature = "merchandising"));
        let ranker = container.find(SectionKind::Ranker);
        let index = container.find(SectionKind::Index).filter(|_| cfg!(feature = "recommend"));
        // Here and below `cfg!` keeps what a build leaves out from being read, and so from being shipped. Rules and a ranker
        // decide what may be shown, and in which order: without them a file is refused, not read in part.
        for (is_read, kind) in
            [(cfg!(feature = "merchandising"), SectionKind::Rules), (cfg!(feature = "ranker"), SectionKind::Ranker)]
        {
            if !is_read && container.find(kind).is_some() {
                return Err(FormatError::LeftOut { section: kind.name() });
            }
        }
        let view = Ids::parse(&bytes[ids.clone()])?;
        view.validate()?;
        let check_len = |kind: SectionKind, len: usize| {
            if len == view.len() {
                return Ok(());
            }
            let numbers = [len as u64, view.len() as u64];
            Err(FormatError::unsound(kind.name(), "it has # items and the ids have #", &numbers))
        };
        if let Some((len, _)) = shape {
            check_len(SectionKind::Embeddings, len)?;
        }
        if let Some(range) = &neighbors {
            let neighbors = Neighbors::parse(&bytes[range.clone()])?;
            neighbors.validate()?;
            check_len(SectionKind::Neighbors, neighbors.len())?;
        }
        if let Some(range) = &attributes {
            let (len, attributes) = Attributes::parse(&bytes[range.clone()])?;
            attributes.validate()?;
            check_len(SectionKind::Attributes, len)?;
        }
        if let Some(range) = priors.as_ref().filter(|_| cfg!(feature = "merchandising")) {
            let priors = Priors::parse(&bytes[range.clone()])?;
            priors.validate()?;
            let of_attributes =
                attributes.as_ref().map(|range| Attributes::parse(&bytes[range.clone()])).transpose()?;
            let category = of_attributes.and_then(|(_, attributes)| attributes.column(CATEGORY));
            let numbers = [priors.n_categories(), category.map_or(0, |category| category.n_words())];
            if numbers[0] != numbers[1] {
                let template = "it has # categories and the attributes have #";
                return Err(FormatError::unsound(SectionKind::Priors.name(), template, &numbers.map(|n| n as u64)));
            }
        }
        if let Some(range) = ranker.as_ref().filter(|_| cfg!(feature = "ranker")) {
            Ranker::parse(&bytes[range.clone()])?.validate(N_FEATURES)?;
        }
        if let Some(range) = &index {
            let index = Index::parse(&bytes[range.clone()])?;
            index.validate()?;
            check_len(SectionKind::Index, index.n_items())?;
            let numbers = [index.dimensions(), shape.map_or(0, |(_, dimensions)| dimensions)];
            if numbers[0] != numbers[1] {
                let template = "it has # dimensions and the embeddings have #";
                return Err(FormatError::unsound(SectionKind::Index.name(), template, &numbers.map(|n| n as u64)));
            }
        }
        #[cfg(feature = "train")]
        let privacy = container.find(SectionKind::Privacy).map(|range| Privacy::parse(&bytes[range])).transpose()?;
        let rules = None;
        let mut model = Model {
            container,
            metadata,
            ids,
            embeddings,
            neighbors,
            attributes,
            priors,
            ranker,
            index,
            rules,
            #[cfg(feature = "train")]
            privacy,
            bytes,
        };
        let rules = model.container.find(SectionKind::Rules);
        if let Some(range) = rules.filter(|_| cfg!(feature = "merchandising")) {
            model.rules = Some(Rules::bind(&model, model.bytes[range].to_vec(), model.container.id)?);
        }
        Ok(model)
    }

    /// Hash of the content: equal exactly when the files are. Shown as 16 hexadecimal digits.
    pub fn id(&self) -> String {
        let mut digits = String::new();
        push_digits(&mut digits, self.container.id, 16, 16);
        digits
    }

    /// Version of the file format, as `major.minor`.
    pub fn format_version(&self) -> String {
        sentence("#.#", "", &[MAJOR_VERSION, self.container.minor_version].map(u64::from))
    }

    /// Everything that is not an array.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The bytes of the file. O(bytes): a copy.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut file = self.bytes.clone();
        if let Some(range) = &self.embeddings {
            validated(embeddings::to_differences(&mut file[range.clone()]));
        }
        file
    }

    /// How many bytes the file has.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// The sections, in file order.
    pub fn sections(&self) -> &[Section] {
        &self.container.sections
    }

    /// The bytes of a section, in a file that has it. O(bytes of the file).
    #[cfg(feature = "train")]
    pub fn section(&self, kind: SectionKind) -> Option<Vec<u8>> {
        self.container.find(kind).map(|range| self.to_bytes()[range].to_vec())
    }

    /// The bytes of a file with these sections in place of the model's own, or beside them. What this release does not
    /// know is left out.
    #[cfg(feature = "train")]
    pub fn with_sections(&self, new: impl IntoIterator<Item = (SectionKind, Vec<u8>)>) -> Vec<u8> {
        let known = self.sections().iter().filter_map(|section| Some((section.kind.ok()?, section.range.clone())));
        let file = self.to_bytes();
        let known = known.map(|(kind, range)| (kind, file[range].to_vec()));
        let mut sections: BTreeMap<SectionKind, Vec<u8>> = known.collect();
        sections.extend(new);
        container::write(&sections.into_iter().collect::<Vec<_>>())
    }

    /// How many items the model knows: rows are below it.
    pub fn n_items(&self) -> usize {
        self.ids().len()
    }

    /// The ids.
    pub fn ids(&self) -> Ids<'_> {
        validated(Ids::parse(&self.bytes[self.ids.clone()]))
    }

    /// The row of an item, if the model knows it.
    pub fn row(&self, item_id: &str) -> Option<u32> {
        self.ids().row(ids::hash(item_id))
    }

    /// The embeddings, in a model that has them.
    pub fn embeddings(&self) -> Option<Embeddings<'_>> {
        self.embeddings.clone().map(|range| validated(Embeddings::parse(&self.bytes[range])))
    }

    /// The neighbor rows, in a model that has them.
    pub fn neighbors(&self) -> Option<Neighbors<'_>> {
        self.neighbors.clone().map(|range| validated(Neighbors::parse(&self.bytes[range])))
    }

    /// The attributes, in a model that has them.
    pub fn attributes(&self) -> Option<Attributes<'_>> {
        self.attributes.clone().map(|range| validated(Attributes::parse(&self.bytes[range])).1)
    }

    /// What contexts say of categories, in a model that has it.
    pub fn priors(&self) -> Option<Priors<'_>> {
        let priors = self.priors.clone().filter(|_| cfg!(feature = "merchandising"));
        priors.map(|range| validated(Priors::parse(&self.bytes[range])))
    }

    /// The learned ranker, in a model that has one.
    pub fn ranker(&self) -> Option<Ranker<'_>> {
        let ranker = self.ranker.clone().filter(|_| cfg!(feature = "ranker"));
        ranker.map(|range| validated(Ranker::parse(&self.bytes[range])))
    }

    /// The index, in a model that has one.
    pub fn index(&self) -> Option<Index<'_>> {
        self.index.clone().map(|range| validated(Index::parse(&self.bytes[range])))
    }

    /// The rules that hold where a request brings none of its own, in a model that has them.
    pub fn rules(&self) -> Option<&Rules> {
        self.rules.as_ref().filter(|_| cfg!(feature = "merchandising"))
    }

    /// How the people behind the model are protected in it, if the file says.
    #[cfg(feature = "train")]
    pub fn privacy(&self) -> Option<&Privacy> {
        self.privacy.as_ref()
    }

    /// The column of popularity levels, in a model that has it.
    pub fn popularity(&self) -> Option<Column<'_>> {
        self.attributes()?.column(POPULARITY)
    }

    /// What tells the rows that are marked as sensitive: nothing about them may be kept or told.
    pub fn sensitive(&self) -> impl Fn(u32) -> bool + Copy + '_ {
        let flags = self.attributes().and_then(|columns| columns.column(FLAGS));
        move |row| flags.is_some_and(|flags| flags.value(row) & FLAG_SENSITIVE != 0)
    }
}
