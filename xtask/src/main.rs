//! Builds, packs, tests and shows Reshelve.

fn main() {}
