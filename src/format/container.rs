//! The header and the section table: the frame of a `.shelf` file.

use alloc::vec::Vec;
use core::ops::Range;

use twox_hash::XxHash64;

use super::FormatError;
use super::bytes::{Fields, align16, pad16};
use super::message::{push_digits, sentence};

/// The first eight bytes. The high bit, the line ends and the end-of-file mark betray a transfer that took it for text.
pub const MAGIC: [u8; 8] = *b"\x89SHELF\r\n";
/// Changes when old readers must refuse the file.
pub const MAJOR_VERSION: u16 = 1;
/// Changes when old readers can still read the file, but miss something.
pub const MINOR_VERSION: u16 = 0;
/// Bytes of the header.
pub const HEADER_LEN: usize = 32;
/// Bytes of an entry of the section table.
pub const ENTRY_LEN: usize = 32;
/// Most sections a file may have.
pub const MAX_SECTIONS: u32 = 64;

const PART: &str = "header";
const TABLE: &str = "section table";
const FLAG_REQUIRED: u16 = 1;

/// What a section holds. The numbers are part of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
pub enum SectionKind {
    /// [`super::metadata`]
    Metadata = 1,
    /// [`super::ids`]
    Ids = 2,
    /// [`super::embeddings`]
    Embeddings = 3,
    /// [`super::neighbors`]
    Neighbors = 4,
    /// [`super::attributes`]
    Attributes = 5,
    /// [`super::priors`]
    Priors = 6,
    /// [`super::ranker`]
    Ranker = 7,
    /// [`super::rules`]
    Rules = 8,
    /// [`super::privacy`]
    Privacy = 9,
    /// [`super::index`]
    Index = 10,
    /// `part`, for models in parts
    Part = 11,
}

impl SectionKind {
    /// Every kind that this release knows, in the order in which the writer lays them down.
    pub const ALL: [SectionKind; 11] = [
        SectionKind::Metadata,
        SectionKind::Ids,
        SectionKind::Embeddings,
        SectionKind::Neighbors,
        SectionKind::Attributes,
        SectionKind::Priors,
        SectionKind::Ranker,
        SectionKind::Rules,
        SectionKind::Privacy,
        SectionKind::Index,
        SectionKind::Part,
    ];

    /// The section's name in messages and in `reshelve inspect`.
    pub fn name(self) -> &'static str {
        match self {
            SectionKind::Metadata => "metadata",
            SectionKind::Ids => "ids",
            SectionKind::Embeddings => "embeddings",
            SectionKind::Neighbors => "neighbors",
            SectionKind::Attributes => "attributes",
            SectionKind::Priors => "priors",
            SectionKind::Ranker => "ranker",
            SectionKind::Rules => "rules",
            SectionKind::Privacy => "privacy",
            SectionKind::Index => "index",
            SectionKind::Part => "part",
        }
    }

    /// Whether a reader that does not know the kind must refuse the file.
    fn is_required(self) -> bool {
        matches!(self, SectionKind::Metadata | SectionKind::Ids)
    }

    fn from_number(number: u16) -> Option<SectionKind> {
        SectionKind::ALL.into_iter().find(|&kind| kind as u16 == number)
    }
}

/// One entry of the section table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it holds; the bare number where this release does not know it.
    pub kind: Result<SectionKind, u16>,
    /// Where its bytes lie in the file.
    pub range: Range<usize>,
}

/// A checked header and section table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Minor version of the file; the major one is [`MAJOR_VERSION`].
    pub minor_version: u16,
    /// Hash of the section table, which holds the hashes of all sections: it changes with any byte of content.
    pub id: u64,
    /// All sections, in file order.
    pub sections: Vec<Section>,
}

/// What the header says, before any of it is checked against the file.
struct Header {
    minor_version: u16,
    n_sections: u32,
    file_len: u64,
    id: u64,
}

impl Header {
    /// Reads the header of a file that is of our kind and version; none if it is cut off.
    fn read(beginning: &[u8]) -> Result<Option<Header>, FormatError> {
        let magic = &beginning[..beginning.len().min(MAGIC.len())];
        if magic.is_empty() || !MAGIC.starts_with(magic) {
            return Err(FormatError::Magic { found: magic.to_vec() });
        }
        let Some(header) = beginning.get(..HEADER_LEN) else { return Ok(None) };
        let mut fields = Fields::new(PART, &header[MAGIC.len()..]);
        let (major, minor_version) = (fields.u16(), fields.u16());
        if major != MAJOR_VERSION {
            return Err(FormatError::Version { found: major, supported: MAJOR_VERSION });
        }
        Ok(Some(Header { minor_version, n_sections: fields.u32(), file_len: fields.u64(), id: fields.u64() }))
    }
}

/// How many bytes the whole file has, by its beginning; none as long as that is shorter than a header. So a download
/// can be refused, or room made for it, before it has arrived.
///
/// # Errors
///
/// [`FormatError::Magic`] or [`FormatError::Version`], as soon as they show.
pub fn announced_len(beginning: &[u8]) -> Result<Option<u64>, FormatError> {
    Ok(Header::read(beginning)?.map(|header| header.file_len))
}

impl Container {
    /// Reads and checks header, table, lengths, padding and all checksums, in one pass over the file.
    ///
    /// # Errors
    ///
    /// Any [`FormatError`] but `Missing`.
    pub fn parse(file: &[u8]) -> Result<Container, FormatError> {
        let found = file.len() as u64;
        let Some(Header { minor_version, n_sections, file_len: expected, id }) = Header::read(file)? else {
            return Err(FormatError::Length { expected: HEADER_LEN as u64, found });
        };
        if expected != found {
            return Err(FormatError::Length { expected, found });
        }
        if n_sections > MAX_SECTIONS {
            let numbers = [n_sections, MAX_SECTIONS].map(u64::from);
            return Err(FormatError::unsound(PART, "# sections, at most # are allowed", &numbers));
        }
        let table_end = HEADER_LEN + n_sections as usize * ENTRY_LEN;
        let Some(table) = file.get(HEADER_LEN..table_end) else {
            return Err(FormatError::Length { expected: table_end as u64, found });
        };
        if content_id(minor_version, table) != id {
            return Err(FormatError::Checksum { part: PART });
        }
        let sections = read_table(file, table, table_end)?;
        Ok(Container { minor_version, id, sections })
    }

    /// The bytes' range of a section, if the file has it.
    pub fn find(&self, kind: SectionKind) -> Option<Range<usize>> {
        self.sections.iter().find(|section| section.kind == Ok(kind)).map(|section| section.range.clone())
    }

    /// As [`Container::find`], for a section that must be there.
    ///
    /// # Errors
    ///
    /// [`FormatError::Missing`].
    pub fn require(&self, kind: SectionKind) -> Result<Range<usize>, FormatError> {
        self.find(kind).ok_or(FormatError::Missing { section: kind.name() })
    }
}

fn read_table(file: &[u8], table: &[u8], table_end: usize) -> Result<Vec<Section>, FormatError> {
    let unsound = |template: &str, numbers: &[u64]| FormatError::unsound(TABLE, template, numbers);
    let mut sections: Vec<Section> = Vec::with_capacity(table.len() / ENTRY_LEN);
    let mut fields = Fields::new(TABLE, table);
    let mut end = table_end;
    let mut last_number = 0;
    for index in 0..table.len() / ENTRY_LEN {
        let (number, flags) = (fields.u16(), fields.u16());
        fields.reserved(4);
        let (offset, length, checksum) = (fields.u64(), fields.u64(), fields.u64());
        fields.sound()?;
        if number <= last_number {
            return Err(unsound(
                "entry # has kind #, which must be greater than #",
                &[index as u64, u64::from(number), u64::from(last_number)],
            ));
        }
        last_number = number;
        if flags & !FLAG_REQUIRED != 0 {
            let mut what = sentence("entry # has unknown flags 0x", "", &[index as u64]);
            push_digits(&mut what, u64::from(flags), 16, 4);
            return Err(FormatError::Unsound { part: TABLE, what });
        }
        let kind = SectionKind::from_number(number).ok_or(number);
        if kind.is_err() && flags & FLAG_REQUIRED != 0 {
            return Err(FormatError::UnknownRequired { kind: number });
        }
        let start = align16(end);
        if offset != start as u64 {
            return Err(unsound("entry # begins at # instead of #", &[index as u64, offset, start as u64]));
        }
        let range = usize::try_from(length).ok().and_then(|length| start.checked_add(length)).map(|end| start..end);
        let Some((range, bytes)) = range.and_then(|range| Some((range.clone(), file.get(range)?))) else {
            return Err(unsound(
                "entry # has # bytes at #, beyond the end of the file",
                &[index as u64, length, offset],
            ));
        };
        if file[end..start].iter().any(|&byte| byte != 0) {
            return Err(unsound("the padding before entry # is not zero", &[index as u64]));
        }
        if XxHash64::oneshot(0, bytes) != checksum {
            return Err(FormatError::Checksum { part: kind.map_or("unknown section", SectionKind::name) });
        }
        end = range.end;
        sections.push(Section { kind, range });
    }
    if end != file.len() {
        return Err(unsound("the sections end at # and the file at #", &[end as u64, file.len() as u64]));
    }
    Ok(sections)
}

/// The model's id: everything that the checksums of the sections do not already cover goes in.
fn content_id(minor_version: u16, table: &[u8]) -> u64 {
    XxHash64::oneshot(u64::from(minor_version), table)
}

/// Puts a file together. Sections must come in ascending order of kind, each at most once.
///
/// # Panics
///
/// If they do not: the order is the caller's own, not input.
pub fn write(sections: &[(SectionKind, Vec<u8>)]) -> Vec<u8> {
    assert!(sections.is_sorted_by(|a, b| a.0 < b.0), "sections are written in ascending order of kind");
    let mut table = Vec::with_capacity(sections.len() * ENTRY_LEN);
    let mut offset = HEADER_LEN + sections.len() * ENTRY_LEN;
    for (kind, bytes) in sections {
        offset = align16(offset);
        let flags = if kind.is_required() { FLAG_REQUIRED } else { 0 };
        table.extend((*kind as u16).to_le_bytes());
        table.extend(flags.to_le_bytes());
        table.extend([0; 4]);
        table.extend((offset as u64).to_le_bytes());
        table.extend((bytes.len() as u64).to_le_bytes());
        table.extend(XxHash64::oneshot(0, bytes).to_le_bytes());
        offset += bytes.len();
    }
    let mut file = Vec::with_capacity(offset);
    file.extend(MAGIC);
    file.extend(MAJOR_VERSION.to_le_bytes());
    file.extend(MINOR_VERSION.to_le_bytes());
    file.extend((sections.len() as u32).to_le_bytes());
    file.extend((offset as u64).to_le_bytes());
    file.extend(content_id(MINOR_VERSION, &table).to_le_bytes());
    file.extend(table);
    for (_, bytes) in sections {
        pad16(&mut file);
        file.extend(bytes);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        write(&[(SectionKind::Metadata, vec![1, 2, 3]), (SectionKind::Ids, vec![4; 40])])
    }

    /// Rewrites the length and the id after a deliberate change to header or table.
    fn reseal(file: &mut [u8]) {
        let length = file.len() as u64;
        file[16..24].copy_from_slice(&length.to_le_bytes());
        let n_sections = u32::from_le_bytes(file[12..16].try_into().unwrap()) as usize;
        let minor = u16::from_le_bytes(file[10..12].try_into().unwrap());
        let id = content_id(minor, &file[HEADER_LEN..HEADER_LEN + n_sections * ENTRY_LEN]);
        file[24..32].copy_from_slice(&id.to_le_bytes());
    }

    fn check(change: impl FnOnce(&mut Vec<u8>), expected: &str) {
        let mut file = sample();
        change(&mut file);
        let error = Container::parse(&file).unwrap_err().to_string();
        assert!(error.contains(expected), "{error:?} should contain {expected:?}");
    }

    #[test]
    fn a_written_file_is_read() {
        let file = sample();
        let container = Container::parse(&file).unwrap();
        assert_eq!(file[container.find(SectionKind::Metadata).unwrap()], [1, 2, 3]);
        assert_eq!(file[container.require(SectionKind::Ids).unwrap()], [4; 40]);
        assert_eq!(container.require(SectionKind::Neighbors), Err(FormatError::Missing { section: "neighbors" }));
    }

    #[test]
    fn broken_frames_are_refused() {
        check(|file| file[0] = b'<', "not a .shelf file");
        check(|file| file.truncate(0), "not a .shelf file");
        check(|file| file.truncate(5), "should have 32 bytes");
        check(|file| file.truncate(20), "should have 32 bytes");
        check(|file| file.truncate(file.len() - 1), "download or build it again");
        check(|file| file.push(0), "download or build it again");
        check(|file| file[8] = 2, "format version 2");
        check(|file| file[10] = 9, "checksum of the header");
        check(|file| file[40] ^= 1, "checksum of the header");
        check(|file| file[12] = 255, "255 sections");
        check(|file| file[96] ^= 1, "checksum of the metadata");
        check(|file| *file.last_mut().unwrap() ^= 1, "checksum of the ids");
        check(|file| file[100] = 1, "padding before entry 1");
        let resealed = |change: fn(&mut Vec<u8>)| {
            move |file: &mut Vec<u8>| {
                change(file);
                reseal(file);
            }
        };
        check(resealed(|file| file[32] = 3), "which must be greater than");
        check(resealed(|file| file[34] = 8), "unknown flags");
        check(resealed(|file| file[32 + 8] = 112), "begins at 112 instead of 96");
        check(resealed(|file| file[64 + 23] = 1), "beyond the end of the file");
        check(resealed(|file| file.push(0)), "the sections end at");
        check(resealed(|file| file[64] = 77), "requires a section of kind 77");
    }

    #[test]
    fn the_beginning_tells_the_length() {
        let file = sample();
        assert_eq!(announced_len(&file[..HEADER_LEN - 1]), Ok(None));
        assert_eq!(announced_len(&file[..HEADER_LEN]), Ok(Some(file.len() as u64)));
        assert!(matches!(announced_len(b"\x89SHEEP"), Err(FormatError::Magic { .. })));
    }

    #[test]
    fn unknown_optional_sections_are_skipped() {
        let mut file = write(&[(SectionKind::Metadata, vec![1]), (SectionKind::Attributes, vec![2])]);
        file[64] = 99;
        reseal(&mut file);
        assert_eq!(Container::parse(&file).unwrap().sections[1].kind, Err(99));
    }
}
