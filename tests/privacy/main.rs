//! What a model file tells of the people behind it: what must not be in it, and how well an attacker does who asks whether
//! somebody's events were learned from.

mod file;
mod membership;
mod noise;
mod sensitive;
mod store;
