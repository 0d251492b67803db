//! The `reshelve` command.

fn main() {}
