#![allow(clippy::print_stderr, reason = "this is where the command talks to its user")]

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::format::container::MAGIC;

/// Says what went wrong, with its causes, as far as it does not name them itself.
pub(super) fn complain(error: &anyhow::Error) {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text += ": ";
            text += &cause;
        }
    }
    eprintln!("error: {text}");
}

/// Tells the user something that is no answer.
pub(super) fn tell(text: impl std::fmt::Display) {
    eprintln!("{text}");
}

/// Writes an answer to standard output. A reader that has gone away, as `head` does, is no failure.
pub(super) fn print(text: impl std::fmt::Display) -> Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        result => result.context("cannot write to standard output"),
    }
}

/// Writes an answer as one JSON object.
pub(super) fn print_json(value: &impl Serialize) -> Result<()> {
    print(serde_json::to_string_pretty(value).context("cannot write the answer as JSON")?)
}

/// Writes a file whole or not at all: beside its place first, then renamed.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let path = &place(path)?;
    check_kind(path, bytes)?;
    let mut file = beside(path)?;
    file.write_all(bytes).with_context(|| failure(path))?;
    file.persist(path).with_context(|| failure(path))?;
    Ok(())
}

/// Fails where [`write_whole`] would, of a file that begins so: to know it before what takes long.
pub(super) fn check_place(path: &Path, beginning: &[u8]) -> Result<()> {
    let path = &place(path)?;
    check_kind(path, beginning)?;
    beside(path).map(drop)
}

/// Fails where a file of another kind stands, by what it begins with: it may be what was read.
fn check_kind(path: &Path, bytes: &[u8]) -> Result<()> {
    let len = if bytes.starts_with(&MAGIC) { MAGIC.len() } else { 1 };
    let mut standing = Vec::new();
    if let Ok(file) = File::open(path) {
        file.take(len as u64).read_to_end(&mut standing).with_context(|| failure(path))?;
    }
    if !standing.is_empty() && !bytes.starts_with(&standing) {
        bail!("{} is there, and not of the kind that is written here; remove it, or name another file", path.display());
    }
    Ok(())
}

/// Where a file is written: to where a link leads, and in the place of nothing but a file.
fn place(path: &Path) -> Result<PathBuf> {
    if path == Path::new("-") {
        bail!("what is written is no text for standard output; name a file");
    }
    let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if place.is_dir() || path.to_string_lossy().ends_with(std::path::is_separator) {
        bail!("{} is a folder; name a file in it", path.display());
    }
    if place.exists() && !place.is_file() {
        bail!("{} is a device or a pipe; name a file", path.display());
    }
    Ok(place)
}

/// A file that is gone when it is dropped, in the same folder.
fn beside(path: &Path) -> Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    // As any new file; the library's own default is a file that nobody else may read.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder(path)).with_context(|| failure(path))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn failure(path: &Path) -> String {
    format!("cannot write {}; does {} exist, and may you write there?", path.display(), folder(path).display())
}

/// A number of bytes for people.
pub(super) fn bytes(count: u64) -> String {
    indicatif::DecimalBytes(count).to_string()
}
