use alloc::string::String;
use alloc::vec::Vec;

use super::message::{push_digits, sentence};

/// Why bytes are not a model file that this release can read.
///
/// Every message names the place and what to do about it. [`FormatError::code`] is stable and reaches JavaScript.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum FormatError {
    /// The first eight bytes are not the magic: another kind of file, an error page, or a transfer as text.
    Magic {
        /// The first bytes, at most eight.
        found: Vec<u8>,
    },
    /// The file is of a newer major version.
    Version {
        /// Major version of the file.
        found: u16,
        /// Major version that this release reads.
        supported: u16,
    },
    /// The file ends early or has bytes behind its end.
    Length {
        /// Bytes that the header or the table announces.
        expected: u64,
        /// Bytes given.
        found: u64,
    },
    /// A checksum does not match: bytes were changed on the way.
    Checksum {
        /// The header or the section's name.
        part: &'static str,
    },
    /// A section that this release cannot do without is not there.
    Missing {
        /// The section's name.
        section: &'static str,
    },
    /// A section marked as required is of a kind unknown to this release.
    UnknownRequired {
        /// Number of the kind.
        kind: u16,
    },
    /// The file holds something that this build leaves out, and that would have a say in every order.
    LeftOut {
        /// The section's name.
        section: &'static str,
    },
    /// The bytes have their checksums and still make no sense.
    Unsound {
        /// The header or the section's name.
        part: &'static str,
        /// What is wrong, with the number that shows it.
        what: String,
    },
}

impl FormatError {
    /// The stable code that the command line and JavaScript show.
    pub fn code(&self) -> &'static str {
        match self {
            FormatError::Version { .. } | FormatError::UnknownRequired { .. } => "ERR_MODEL_VERSION",
            FormatError::LeftOut { .. } => "ERR_LEFT_OUT",
            _ => "ERR_MODEL_FORMAT",
        }
    }

    /// What has happened, and what to do.
    pub fn message(&self) -> String {
        match self {
            FormatError::Magic { found } => {
                let mut bytes = String::new();
                for byte in found {
                    bytes.push_str(if bytes.is_empty() { "" } else { ", " });
                    push_digits(&mut bytes, u64::from(*byte), 16, 2);
                }
                let advice = "]; check the address, and that it is served unchanged";
                ["not a .shelf file: it begins with [", &bytes, advice].concat()
            }
            FormatError::Version { found, supported } => sentence(
                "the file has format version #, this release reads #; \
                 update Reshelve, or build the model with an older one",
                "",
                &[u64::from(*found), u64::from(*supported)],
            ),
            FormatError::Length { expected, found } => {
                let template = "the file should have # bytes and has #; download or build it again";
                sentence(template, "", &[*expected, *found])
            }
            FormatError::Checksum { part } => {
                ["the checksum of the ", part, " does not match; download or build the file again"].concat()
            }
            FormatError::Missing { section } => {
                ["the file has no ", section, " section; build it again with this release"].concat()
            }
            FormatError::UnknownRequired { kind } => {
                let template =
                    "the file requires a section of kind #, which this release does not know; update Reshelve";
                sentence(template, "", &[u64::from(*kind)])
            }
            FormatError::LeftOut { section } => {
                ["the model has ", section, ", which the WebAssembly in use leaves out: take `reshelve/wasm` instead"]
                    .concat()
            }
            FormatError::Unsound { part, what } => {
                ["the ", part, " is not sound: ", what, "; build the file again"].concat()
            }
        }
    }

    /// A [`FormatError::Unsound`] whose `what` is a [`sentence`].
    #[cold]
    pub(crate) fn unsound(part: &'static str, template: &str, numbers: &[u64]) -> FormatError {
        FormatError::unsound_in(part, template, "", numbers)
    }

    /// The same with something that has a name.
    #[cold]
    pub(crate) fn unsound_in(part: &'static str, template: &str, name: &str, numbers: &[u64]) -> FormatError {
        FormatError::Unsound { part, what: sentence(template, name, numbers) }
    }
}
