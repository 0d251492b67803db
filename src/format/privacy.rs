//! Section 9, privacy: how the people whose events the model was learned from are protected in it. Scoring does not read
//! it, and neither does the WebAssembly: it is there for whoever inspects the file.

use alloc::vec::Vec;

use super::FormatError;
use super::bytes::{Fields, pad16};

const PART: &str = "privacy";
const WHOLE_VISITORS: u32 = 1;

/// What the builder held itself to. `docs/PRIVACY.md` says what it means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Privacy {
    /// Distinct visitors that are behind each item's events, each pair of items, and each number learned from either. 0
    /// where noise stands in its place.
    pub min_visitors: u32,
    /// Most events of one visitor that were learned from, the newest.
    pub max_events_per_visitor: u32,
    /// Whether some visitor has several sessions. Else every session counted as a visitor of its own.
    pub knows_visitors: bool,
    /// ε and δ of differential privacy for all events of one visitor; none without that guarantee.
    pub noise: Option<Noise>,
}

/// Differential privacy in the sense of (ε, δ): whatever is concluded from the file, one visitor more or less in the log
/// makes it at most e^ε times as likely, but for a chance of δ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// ε, more than 0.
    pub epsilon: f64,
    /// δ, between 0 and 1.
    pub delta: f64,
}

impl Privacy {
    /// Reads the section.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn parse(section: &[u8]) -> Result<Privacy, FormatError> {
        let mut fields = Fields::new(PART, section);
        let min_visitors = fields.u32();
        let max_events_per_visitor = fields.u32();
        let flags = fields.u32();
        fields.reserved(4);
        let [epsilon, delta] = [fields.u64(), fields.u64()].map(f64::from_bits);
        fields.end()?;
        let is_none = epsilon == 0.0 && delta == 0.0;
        let is_sound = epsilon.is_finite() && epsilon > 0.0 && delta > 0.0 && delta < 1.0;
        if flags > WHOLE_VISITORS || !(is_none || is_sound) {
            return Err(FormatError::unsound(PART, "its flags or its noise are out of range", &[]));
        }
        let noise = is_sound.then_some(Noise { epsilon, delta });
        Ok(Privacy { min_visitors, max_events_per_visitor, knows_visitors: flags == WHOLE_VISITORS, noise })
    }

    /// Encodes the section.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`] if [`Privacy::parse`] would refuse the result.
    pub fn write(&self) -> Result<Vec<u8>, FormatError> {
        let mut out = Vec::new();
        out.extend(self.min_visitors.to_le_bytes());
        out.extend(self.max_events_per_visitor.to_le_bytes());
        out.extend((if self.knows_visitors { WHOLE_VISITORS } else { 0 }).to_le_bytes());
        pad16(&mut out);
        let (epsilon, delta) = self.noise.map_or((0.0, 0.0), |noise| (noise.epsilon, noise.delta));
        out.extend(epsilon.to_bits().to_le_bytes());
        out.extend(delta.to_bits().to_le_bytes());
        Privacy::parse(&out)?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let plain = Privacy { min_visitors: 20, max_events_per_visitor: 500, knows_visitors: true, noise: None };
        let noise = Some(Noise { epsilon: 4.0, delta: 1e-6 });
        for privacy in [plain, Privacy { min_visitors: 0, knows_visitors: false, noise, ..plain }] {
            let section = privacy.write().unwrap();
            assert_eq!((section.len(), Privacy::parse(&section).unwrap()), (32, privacy));
        }
    }

    #[test]
    fn unsound_sections_are_refused() {
        let sound = Privacy { min_visitors: 3, max_events_per_visitor: 1, knows_visitors: false, noise: None };
        let section = sound.write().unwrap();
        let mut flags = section.clone();
        flags[8] = 2;
        let mut half = section.clone();
        half[16..24].copy_from_slice(&1.0f64.to_le_bytes());
        for broken in [&section[..31], &flags, &half, &[section.as_slice(), &[0]].concat()] {
            assert!(Privacy::parse(broken).is_err(), "{broken:?}");
        }
        for (epsilon, delta) in [(f64::NAN, 0.1), (-1.0, 0.1), (1.0, 1.0), (f64::INFINITY, 0.5)] {
            let noise = Some(Noise { epsilon, delta });
            assert!(Privacy { noise, ..sound }.write().is_err(), "{epsilon} {delta}");
        }
    }
}
