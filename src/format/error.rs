/// Why bytes are not a model file that this release can read.
///
/// Every message names the place and what to do about it. [`FormatError::code`] is stable and reaches JavaScript.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The first eight bytes are not the magic: another kind of file, an error page, or a transfer as text.
    #[error("not a .shelf file: it begins with {found:02x?}; check the address, and that it is served unchanged")]
    Magic {
        /// The first bytes, at most eight.
        found: Vec<u8>,
    },
    /// The file is of a newer major version.
    #[error(
        "the file has format version {found}, this release reads {supported}; update Reshelve, or build the model with an older one"
    )]
    Version {
        /// Major version of the file.
        found: u16,
        /// Major version that this release reads.
        supported: u16,
    },
    /// The file ends early or has bytes behind its end.
    #[error("the file should have {expected} bytes and has {found}; download or build it again")]
    Length {
        /// Bytes that the header or the table announces.
        expected: u64,
        /// Bytes given.
        found: u64,
    },
    /// A checksum does not match: bytes were changed on the way.
    #[error("the checksum of the {part} does not match; download or build the file again")]
    Checksum {
        /// The header or the section's name.
        part: &'static str,
    },
    /// A section that this release cannot do without is not there.
    #[error("the file has no {section} section; build it again with this release")]
    Missing {
        /// The section's name.
        section: &'static str,
    },
    /// A section marked as required is of a kind unknown to this release.
    #[error("the file requires a section of kind {kind}, which this release does not know; update Reshelve")]
    UnknownRequired {
        /// Number of the kind.
        kind: u16,
    },
    /// The bytes have their checksums and still make no sense.
    #[error("the {part} is not sound: {what}; build the file again")]
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
            _ => "ERR_MODEL_FORMAT",
        }
    }

    pub(super) fn unsound(part: &'static str, what: impl Into<String>) -> FormatError {
        FormatError::Unsound { part, what: what.into() }
    }
}
