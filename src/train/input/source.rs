//! Opens a path or standard input, unpacks it, and recognizes its format.

use std::{
    cell::Cell,
    convert::Infallible,
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    rc::Rc,
    str::FromStr,
};

use flate2::read::MultiGzDecoder;

use super::{
    config::{FileConfig, FileFormat},
    delimited::{Delimited, most_frequent_delimiter},
    error::InputError,
    json_lines::JsonLines,
    parquet_rows::ParquetRows,
    rows::RowReader,
};

/// How much of the unpacked text is looked at to recognize the format, and to find the keys of JSON Lines.
const HEAD_BYTES: u64 = 256 * 1024;

/// Where input comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

impl Source {
    /// `-` is standard input, everything else a path.
    pub fn new(path: &str) -> Source {
        if path == "-" { Source::Stdin } else { Source::Path(PathBuf::from(path)) }
    }

    /// The name for messages: the path as it was given, or `standard input`.
    pub fn name(&self) -> String {
        match self {
            Source::Path(path) => path.display().to_string(),
            Source::Stdin => "standard input".to_owned(),
        }
    }

    /// How many bytes lie on the disk, where that is known.
    pub(super) fn byte_len(&self) -> Option<u64> {
        match self {
            Source::Path(path) => path.metadata().ok().filter(|metadata| metadata.is_file()).map(|file| file.len()),
            Source::Stdin => None,
        }
    }
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(path: &str) -> Result<Source, Infallible> {
        Ok(Source::new(path))
    }
}

/// A file that is ready to give rows.
pub(super) struct OpenFile {
    /// The name for messages.
    pub(super) name: String,
    pub(super) format: FileFormat,
    /// `none`, `gzip` or `zstd`.
    pub(super) compression: &'static str,
    pub(super) rows: Box<dyn RowReader>,
    /// Bytes taken from the disk so far.
    pub(super) bytes_read: Rc<Cell<u64>>,
}

/// Opens a source: unpacked by its first bytes, its format by the configuration, else by its content and name.
pub(super) fn open(source: &Source, config: &FileConfig) -> Result<OpenFile, InputError> {
    let (path, raw) = open_raw(source)?;
    open_stream(source.name(), path, raw, config)
}

/// Opens a source of JSON Lines: unpacked by its first bytes.
pub(super) fn open_text(source: &Source) -> Result<Box<dyn Read>, InputError> {
    let (path, raw) = open_raw(source)?;
    let Unpacked { head, stream, .. } = unpack(&source.name(), raw)?;
    recognize(&source.name(), path, &head, Some(FileFormat::Jsonl))?;
    Ok(stream)
}

/// The bytes as they lie on the disk or arrive, and the path if there is one.
fn open_raw(source: &Source) -> Result<(Option<&Path>, Box<dyn Read>), InputError> {
    let Source::Path(path) = source else { return Ok((None, Box::new(io::stdin().lock()))) };
    let failed = |error| InputError::Open { file: source.name(), source: error };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    Ok((Some(path), Box::new(file)))
}

/// A stream without its packing.
struct Unpacked {
    /// `none`, `gzip` or `zstd`.
    compression: &'static str,
    /// The first bytes of `stream`, at most [`HEAD_BYTES`], at least one.
    head: Vec<u8>,
    stream: Box<dyn Read>,
}

fn unpack(name: &str, raw: Box<dyn Read>) -> Result<Unpacked, InputError> {
    let unreadable = |error: io::Error| read_error(name, 0, &error);
    let (magic, stream) = peek(raw, 4).map_err(unreadable)?;
    let (compression, stream): (_, Box<dyn Read>) = match magic.as_slice() {
        [0x1f, 0x8b, ..] => ("gzip", Box::new(MultiGzDecoder::new(stream))),
        [0x28, 0xb5, 0x2f, 0xfd] => ("zstd", Box::new(zstd::Decoder::new(stream).map_err(unreadable)?)),
        _ => ("none", stream),
    };
    let (head, stream) = peek(stream, HEAD_BYTES).map_err(unreadable)?;
    if head.is_empty() {
        return Err(InputError::Empty { file: name.to_owned() });
    }
    Ok(Unpacked { compression, head, stream })
}

fn open_stream(
    name: String,
    path: Option<&Path>,
    raw: Box<dyn Read>,
    config: &FileConfig,
) -> Result<OpenFile, InputError> {
    let bytes_read = Rc::new(Cell::new(0));
    let counted = Counted { inner: raw, bytes_read: Rc::clone(&bytes_read) };
    let Unpacked { compression, head, mut stream } = unpack(&name, Box::new(counted))?;
    let format = recognize(&name, path, &head, config.format)?;
    let rows: Box<dyn RowReader> = match format {
        FileFormat::Parquet => {
            // Parquet is read from its end, so what cannot be sought is written down first.
            let file = match path {
                Some(path) if compression == "none" => {
                    File::open(path).map_err(|source| InputError::Open { file: name.clone(), source })?
                }
                _ => spool(&mut stream).map_err(|error| read_error(&name, 0, &error))?,
            };
            Box::new(ParquetRows::new(&name, file, Rc::clone(&bytes_read))?)
        }
        FileFormat::Jsonl => Box::new(JsonLines::new(&name, &head, stream)?),
        FileFormat::Csv | FileFormat::Tsv => Box::new(Delimited::new(&name, format, &head, stream, config)?),
    };
    Ok(OpenFile { name, format, compression, rows, bytes_read })
}

/// Copies a stream into a temporary file that has no name and goes with its handle.
fn spool(stream: &mut dyn Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(stream, &mut file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// The first bytes of a stream, at most `limit`, and the whole stream again.
fn peek(mut stream: Box<dyn Read>, limit: u64) -> io::Result<(Vec<u8>, Box<dyn Read>)> {
    let mut head = Vec::new();
    let outcome = stream.by_ref().take(limit).read_to_end(&mut head);
    match outcome {
        Ok(_) => Ok((head.clone(), Box::new(Cursor::new(head).chain(stream)))),
        // What could be unpacked before the damage is read first, so that the error names the line.
        Err(error) if !head.is_empty() => Ok((head.clone(), Box::new(Cursor::new(head).chain(Broken(Some(error)))))),
        Err(error) => Err(error),
    }
}

/// Gives one error.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Counts what it reads.
struct Counted {
    inner: Box<dyn Read>,
    bytes_read: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes_read.set(self.bytes_read.get() + read as u64);
        Ok(read)
    }
}

/// The format: Parquet by its magic, else as said, else by the name's ending, else by the first character.
fn recognize(name: &str, path: Option<&Path>, head: &[u8], said: Option<FileFormat>) -> Result<FileFormat, InputError> {
    let unreadable = |problem: &str| Err(InputError::Unreadable { file: name.to_owned(), problem: problem.to_owned() });
    let is_parquet = head.starts_with(b"PAR1");
    match said {
        None if is_parquet => return Ok(FileFormat::Parquet),
        Some(FileFormat::Parquet) if is_parquet => return Ok(FileFormat::Parquet),
        Some(FileFormat::Parquet) => {
            return unreadable("is not Parquet: it does not begin with PAR1. Leave out --format, or export it again");
        }
        Some(_) if is_parquet => return unreadable("is Parquet. Leave out --format"),
        _ => {}
    }
    let packed = [
        (&b"PK\x03\x04"[..], "a zip archive (or an Excel workbook)"),
        (b"BZh", "packed with bzip2"),
        (b"\xfd7zXZ", "packed with xz"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"\x1f\x8b", "packed twice"),
        (b"\x28\xb5\x2f\xfd", "packed twice"),
        (b"PAR", "a damaged Parquet file"),
        (b"ORC", "an ORC file"),
        (b"Obj\x01", "an Avro file"),
        (b"SQLite format 3", "an SQLite database"),
        (b"\xff\xfe", "text in UTF-16"),
        (b"\xfe\xff", "text in UTF-16"),
    ];
    if let Some((_, what)) = packed.iter().find(|(magic, _)| head.starts_with(magic)) {
        return unreadable(&format!(
            "is {what}. Give CSV, TSV or JSON Lines in UTF-8, or Parquet, each plain, gzip or zstd"
        ));
    }
    if head.contains(&0) {
        return unreadable(
            "is a binary file: there are zero bytes in it. Give CSV, TSV, JSON Lines or Parquet, each plain, gzip or \
             zstd",
        );
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let format = said.or_else(|| path.and_then(format_of_name)).unwrap_or_else(|| match text.first() {
        Some(b'{' | b'[') => FileFormat::Jsonl,
        _ if most_frequent_delimiter(text) == b'\t' => FileFormat::Tsv,
        _ => FileFormat::Csv,
    });
    if format == FileFormat::Jsonl && text.first() == Some(&b'[') {
        return unreadable(
            "is a JSON array, which cannot be streamed. Write one object a line, e.g. with: jq -c '.[]' FILE",
        );
    }
    Ok(format)
}

/// The format that a file's name says, whatever compression it says beside it.
fn format_of_name(path: &Path) -> Option<FileFormat> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let name = [".gz", ".gzip", ".zst", ".zstd"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    match name.rsplit_once('.')?.1 {
        "csv" => Some(FileFormat::Csv),
        "tsv" | "tab" => Some(FileFormat::Tsv),
        "jsonl" | "ndjson" | "json" => Some(FileFormat::Jsonl),
        _ => None,
    }
}

/// What the system or an unpacker said, in words that help.
pub(super) fn read_error(file: &str, line: u64, error: &io::Error) -> InputError {
    let problem = match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            "the packed data end too early. The file is cut off: fetch or write it again".to_owned()
        }
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            format!("the packed data are damaged ({error}). Fetch or write the file again")
        }
        _ => error.to_string(),
    };
    InputError::Read { file: file.to_owned(), line, problem }
}

#[cfg(test)]
mod tests {
    use std::{io::Cursor, sync::Arc};

    use csv::ByteRecord;
    use flate2::{Compression, read::GzEncoder};
    use parquet::{data_type::Int64Type, file::writer::SerializedFileWriter, schema::parser::parse_message_type};

    use super::{FileConfig, Read, Source, open_stream};
    use crate::train::input::rows::Next;

    /// Reads a stream that cannot be sought, as standard input, and gives the fields of all rows.
    fn read(bytes: Vec<u8>) -> Vec<Vec<String>> {
        let stream = Box::new(Cursor::new(bytes));
        let mut file = open_stream("standard input".to_owned(), None, stream, &FileConfig::default()).unwrap();
        let (mut rows, mut record) = (Vec::new(), ByteRecord::new());
        while let Next::Row(_) = file.rows.read(&mut record).unwrap() {
            rows.push(record.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect());
        }
        rows
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        GzEncoder::new(bytes, Compression::fast()).read_to_end(&mut packed).unwrap();
        packed
    }

    #[test]
    fn streams_are_read_like_files() {
        let text = b"a,b\n1,x\n2,y\n";
        let rows = [["1", "x"], ["2", "y"]];
        assert_eq!(read(text.to_vec()), rows);
        assert_eq!(read(gzip(text)), rows);
        assert_eq!(read(b"{\"a\": 1, \"b\": \"x\"}\n{\"a\": 2, \"b\": \"y\"}".to_vec()), rows);
    }

    #[test]
    fn parquet_is_spooled() {
        let schema = Arc::new(parse_message_type("message m { required int64 a; }").unwrap());
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&[7, 8], None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        assert_eq!(read(gzip(&bytes)), [["7"], ["8"]]);
        assert_eq!(read(bytes), [["7"], ["8"]]);
    }

    #[test]
    fn a_dash_is_standard_input() {
        assert_eq!(Source::new("-"), Source::Stdin);
        assert_eq!(Source::new("./-").name(), "./-");
    }
}
