//! What the store sells: one table row a kind of thing, by department, and the brands that make them.

mod brands;
mod camp;
mod home;
mod kind;
mod wear;

pub(super) use brands::{BRANDS, Brand, price_percent};
pub(super) use kind::{Cut, Kind, Line, all_kinds, kind_index};
