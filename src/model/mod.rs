//! [`Model`]: a checked, immutable view over the bytes of a `.shelf` file.

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "train")]
use alloc::collections::BTreeMap;

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
        let n_items = Ids::parse(&bytes[container.require(SectionKind::Ids)?])?.len();
        for section in &container.sections {
            if let Ok(kind) = section.kind
                && let Some(len) = check(kind, &mut bytes[section.range.clone()])?
            {
                agree(kind, "it has # items and the ids have #", [len, n_items])?;
            }
        }
        #[cfg(feature = "train")]
        let privacy = container.find(SectionKind::Privacy).map(|range| Privacy::parse(&bytes[range])).transpose()?;
        let rules = None;
        let mut model = Model {
            container,
            metadata,
            rules,
            #[cfg(feature = "train")]
            privacy,
            bytes,
        };
        if let Some(priors) = model.priors() {
            let n_categories = model.column(CATEGORY).map_or(0, |category| category.n_words());
            let template = "it has # categories and the attributes have #";
            agree(SectionKind::Priors, template, [priors.n_categories(), n_categories])?;
        }
        if let Some(index) = model.index() {
            let dimensions = model.embeddings().map_or(0, |embeddings| embeddings.dimensions());
            let template = "it has # dimensions and the embeddings have #";
            agree(SectionKind::Index, template, [index.dimensions(), dimensions])?;
        }
        if cfg!(feature = "merchandising")
            && let Some(range) = model.container.find(SectionKind::Rules)
        {
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
        if let Some(range) = self.container.find(SectionKind::Embeddings) {
            validated(embeddings::to_differences(&mut file[range]));
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

    /// A section that the model has, as its reader sees it. O(1).
    fn view<'a, T>(&'a self, kind: SectionKind, parse: impl FnOnce(&'a [u8]) -> Result<T, FormatError>) -> Option<T> {
        self.container.find(kind).map(|range| validated(parse(&self.bytes[range])))
    }

    /// The ids.
    pub fn ids(&self) -> Ids<'_> {
        self.view(SectionKind::Ids, Ids::parse).expect("every model has ids")
    }

    /// The row of an item, if the model knows it.
    pub fn row(&self, item_id: &str) -> Option<u32> {
        self.ids().row(ids::hash(item_id))
    }

    /// The embeddings, in a model that has them.
    pub fn embeddings(&self) -> Option<Embeddings<'_>> {
        self.view(SectionKind::Embeddings, Embeddings::parse)
    }

    /// The neighbor rows, in a model that has them.
    pub fn neighbors(&self) -> Option<Neighbors<'_>> {
        self.view(SectionKind::Neighbors, Neighbors::parse)
    }

    /// The attributes, in a model that has them.
    pub fn attributes(&self) -> Option<Attributes<'_>> {
        self.view(SectionKind::Attributes, Attributes::parse).map(|(_, attributes)| attributes)
    }

    /// The column of the attributes with this name, in a model that has it.
    #[inline(never)]
    pub fn column(&self, name: &str) -> Option<Column<'_>> {
        self.attributes()?.column(name)
    }

    /// What contexts say of categories, in a model that has it.
    pub fn priors(&self) -> Option<Priors<'_>> {
        if cfg!(feature = "merchandising") { self.view(SectionKind::Priors, Priors::parse) } else { None }
    }

    /// The learned ranker, in a model that has one.
    pub fn ranker(&self) -> Option<Ranker<'_>> {
        if cfg!(feature = "ranker") { self.view(SectionKind::Ranker, Ranker::parse) } else { None }
    }

    /// The index, in a model that has one.
    pub fn index(&self) -> Option<Index<'_>> {
        if cfg!(feature = "recommend") { self.view(SectionKind::Index, Index::parse) } else { None }
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
        self.column(POPULARITY)
    }

    /// What tells the rows that are marked as sensitive: nothing about them may be kept or told.
    pub fn sensitive(&self) -> impl Fn(u32) -> bool + Copy + '_ {
        let flags = self.column(FLAGS);
        move |row| flags.is_some_and(|flags| flags.value(row) & FLAG_SENSITIVE != 0)
    }
}

/// Checks a section by itself, and puts vectors in place of their differences. Says how many items it has, if it does.
/// `cfg!` keeps what a build leaves out from being read, and so from being shipped. Rules and a ranker decide what may be
/// shown, and in which order: without them a file is refused, not read in part.
#[inline(never)]
fn check(kind: SectionKind, section: &mut [u8]) -> Result<Option<usize>, FormatError> {
    match kind {
        SectionKind::Ids => Ids::parse(section).and_then(|ids| ids.validate().map(|()| Some(ids.len()))),
        SectionKind::Embeddings => Embeddings::restore(section).map(|embeddings| Some(embeddings.len())),
        SectionKind::Neighbors => {
            Neighbors::parse(section).and_then(|neighbors| neighbors.validate().map(|()| Some(neighbors.len())))
        }
        SectionKind::Attributes => {
            Attributes::parse(section).and_then(|(len, attributes)| attributes.validate().map(|()| Some(len)))
        }
        SectionKind::Priors if cfg!(feature = "merchandising") => {
            Priors::parse(section).and_then(|priors| priors.validate().map(|()| None))
        }
        SectionKind::Ranker if cfg!(feature = "ranker") => {
            Ranker::parse(section).and_then(|ranker| ranker.validate(N_FEATURES).map(|()| None))
        }
        SectionKind::Index if cfg!(feature = "recommend") => {
            Index::parse(section).and_then(|index| index.validate().map(|()| Some(index.n_items())))
        }
        SectionKind::Ranker => Err(FormatError::LeftOut { section: kind.name() }),
        SectionKind::Rules if !cfg!(feature = "merchandising") => Err(FormatError::LeftOut { section: kind.name() }),
        _ => Ok(None),
    }
}

/// Two sections that state the same number must state the same.
fn agree(kind: SectionKind, template: &str, numbers: [usize; 2]) -> Result<(), FormatError> {
    if numbers[0] == numbers[1] {
        return Ok(());
    }
    Err(FormatError::unsound(kind.name(), template, &numbers.map(|number| number as u64)))
}
