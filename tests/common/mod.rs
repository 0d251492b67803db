//! What several test files share.
#![allow(dead_code, reason = "every test file uses another part")]

use std::path::PathBuf;

/// The folder with the public data sets, if it is there. `RESHELVE_DATA` names another.
pub(crate) fn data() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("RESHELVE_DATA").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no data in {}; RESHELVE_DATA names another folder", folder.display());
    None
}

/// A file of the public data sets, if it is there; else a printed line.
pub(crate) fn data_file(name: &str) -> Option<PathBuf> {
    let path = data()?.join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no {}", path.display());
    None
}
