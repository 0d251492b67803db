//! What is put on a server: files under names that change with their content, and the manifest that names them.

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Directory, Division, Part, delta, divide};
use crate::format::FormatError;

/// How many versions back a shard's deltas go.
pub const MAX_DELTAS: usize = 3;
/// A delta that is longer than this share of what it makes is not worth its file.
const WORTH: f64 = 0.5;

/// What a page asks for first: all there is, and under which names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`Manifest::VERSION`].
    pub version: u32,
    /// Id of the whole model, 16 hexadecimal digits.
    pub model: String,
    /// Its items.
    pub items: usize,
    /// The first one is a model by itself.
    pub shards: Vec<Shard>,
    /// Which shard has which item; none for a model of one shard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<File>,
}

/// A part of the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// `first`, a category's path, or `other`.
    pub name: String,
    /// Its items.
    pub items: usize,
    /// The part itself.
    #[serde(flatten)]
    pub file: File,
    /// What makes it of earlier ones, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deltas: Vec<Delta>,
}

/// How to make a file of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// Name of the earlier file.
    pub from: String,
    /// The delta itself.
    #[serde(flatten)]
    pub file: File,
}

/// A file beside the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name, which begins with 16 hexadecimal digits of its SHA-256.
    pub file: String,
    /// Its length.
    pub bytes: usize,
    /// Its SHA-256, as for subresource integrity.
    pub integrity: String,
}

/// A manifest and the files that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Goes up last: it is what pages find the files by.
    pub manifest: Manifest,
    /// Names and bytes.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Why a file cannot be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// It is no model.
    #[error("{0} [{code}]", code = .0.code())]
    Format(#[from] FormatError),
    /// It is a part of one.
    #[error("this is a shard; publish the model that it was made of")]
    Shard,
}

impl Release {
    /// Divides a model, and makes deltas from what was published before, as far as its files are to be had.
    ///
    /// # Errors
    ///
    /// [`ReleaseError`].
    pub fn new(
        model: &[u8],
        division: Division,
        previous: Option<&Manifest>,
        read: impl Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<Release, ReleaseError> {
        let whole = Part::read(model)?;
        if !whole.is_whole() {
            return Err(ReleaseError::Shard);
        }
        let (names, lists): (Vec<String>, Vec<Vec<usize>>) = divide(&whole, division).into_iter().unzip();
        let parts = whole.split(&lists);
        let mut files = Vec::new();
        let mut add = |bytes: Vec<u8>, ending: &str| {
            let file = File::of(&bytes, ending);
            files.push((file.file.clone(), bytes));
            file
        };
        let mut shards: Vec<Shard> = Vec::new();
        for (name, part) in names.into_iter().zip(&parts) {
            let bytes = part.write()?;
            // Of several shards with one name each follows the one at its place.
            let place = shards.iter().filter(|shard| shard.name == name).count();
            let earlier = previous.and_then(|all| all.shards.iter().filter(|shard| shard.name == name).nth(place));
            let bases = earlier.map(Shard::versions).unwrap_or_default();
            let made = bases.iter().filter_map(|&from| {
                let delta = read(from).filter(|old| *old != bytes).map(|old| delta::make(&old, &bytes))?;
                (delta.len() as f64 <= WORTH * bytes.len() as f64).then_some((from.to_owned(), delta))
            });
            let deltas = made.take(MAX_DELTAS).map(|(from, delta)| Delta { from, file: add(delta, "delta") }).collect();
            shards.push(Shard { name, items: part.ids().len(), file: add(bytes, "shelf"), deltas });
        }
        let directory = (shards.len() > 1).then(|| {
            let directory = Directory::new(parts.iter().map(Part::ids));
            add(directory.write(), "directory")
        });
        let (model, items) = (whole.whole_id(), whole.ids().len());
        Ok(Release { manifest: Manifest { version: Manifest::VERSION, model, items, shards, directory }, files })
    }
}

impl Manifest {
    /// Version that is written and read.
    pub const VERSION: u32 = 1;

    /// The manifest as its file has it.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers are always JSON")
    }
}

impl Shard {
    /// The names of the file and of those that it can be made of.
    fn versions(&self) -> Vec<&str> {
        [&self.file.file].into_iter().chain(self.deltas.iter().map(|delta| &delta.from)).map(String::as_str).collect()
    }
}

impl File {
    fn of(bytes: &[u8], ending: &str) -> File {
        let digest = Sha256::digest(bytes);
        let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let integrity = format!("sha256-{}", Base64::encode_string(&digest));
        File { file: format!("{name}.{ending}"), bytes: bytes.len(), integrity }
    }
}
