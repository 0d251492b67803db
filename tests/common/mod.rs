//! What several test files share.
#![allow(dead_code, reason = "every test file uses another part")]

use std::path::PathBuf;

/// A file of the public data sets, if it is there; else a printed line. `RESHELVE_DATA` names another folder.
pub(crate) fn data_file(name: &str) -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let path = std::env::var_os("RESHELVE_DATA").map_or_else(beside, PathBuf::from).join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no {}; RESHELVE_DATA names another folder", path.display());
    None
}
