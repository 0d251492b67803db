//! Brings models to the devices that use them.

pub mod delta;
