//! Where things lie, and how work that is up to date is recognized.

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use twox_hash::XxHash64;

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the repository").to_path_buf()
}

/// A path below the repository's root.
pub(crate) fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

/// All files below `folder`, sorted by path, so that what is made from them is the same on every machine.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies a folder with all that is in it, over what is there.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let target = to.join(file.strip_prefix(from).expect("files() lists what is below the folder"));
        copy(&file, &target)?;
    }
    Ok(())
}

/// Copies one file, making the folders on the way.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().expect("a file has a folder"))?;
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// A hash of texts and files, 16 hexadecimal digits, the same on every machine for the same content.
#[derive(Default)]
pub(crate) struct Fingerprint(Vec<u8>);

impl Fingerprint {
    /// Adds bytes, framed by their length so that neighbors cannot run together.
    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend((bytes.len() as u64).to_le_bytes());
        self.0.extend(bytes);
        self
    }

    /// Adds a file, or every file of a folder: name and content. What does not exist adds nothing.
    pub(crate) fn path(mut self, path: &Path) -> Result<Self> {
        let files = if path.is_dir() { files(path)? } else { vec![path.to_path_buf()] };
        for file in files.iter().filter(|file| file.exists()) {
            let name = file.strip_prefix(root()).unwrap_or(file).to_string_lossy().replace('\\', "/");
            let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            self = self.bytes(name.as_bytes()).bytes(&content);
        }
        Ok(self)
    }

    /// The digits.
    pub(crate) fn digits(self) -> String {
        format!("{:016x}", XxHash64::oneshot(0, &self.0))
    }
}

/// Remembers in `target/stamps/NAME` from what a piece of work was last made.
pub(crate) struct Stamp {
    file: PathBuf,
    inputs: String,
}

impl Stamp {
    /// The stamp of the work called `name`, made from `inputs`.
    pub(crate) fn new(name: &str, inputs: Fingerprint) -> Self {
        Self { file: path("target/stamps").join(name), inputs: inputs.digits() }
    }

    /// Whether the work was done from these very inputs, and its `product` is still there.
    pub(crate) fn is_fresh(&self, product: &Path) -> bool {
        product.exists() && fs::read_to_string(&self.file).is_ok_and(|written| written == self.inputs)
    }

    /// Says that the work is done.
    pub(crate) fn write(&self) -> Result<()> {
        fs::create_dir_all(self.file.parent().expect("a stamp lies in a folder"))?;
        fs::write(&self.file, &self.inputs).with_context(|| format!("cannot write {}", self.file.display()))
    }
}
