//! The preview picture that programs embed in their documents, and the beginning of the text, which Hangul embeds beside
//! it.

use std::io::Read;

use cfb::CompoundFile;
use zip::ZipArchive;

use crate::{kind::FileKind, source::FileSource};

/// Bytes of the largest embedded picture: a compressed entry of 42 bytes can hold gigabytes.
const ENTRY_BYTES: u64 = 4 * 1024 * 1024;
/// Characters of the longest text.
pub const TEXT_CHARS: usize = 200;

pub(super) fn picture(kind: FileKind, source: &mut dyn FileSource) -> Option<Vec<u8>> {
    match kind {
        FileKind::Hwp => stream(source, "/PrvImage"),
        FileKind::Hwpx => entry(source, "Preview/PrvImage."),
        FileKind::OpenDocument(_) => entry(source, "Thumbnails/thumbnail."),
        FileKind::OfficeXml(_) => entry(source, "docProps/thumbnail."),
        _ => None,
    }
}

/// The beginning of a document's text in one line, at most [`TEXT_CHARS`] characters.
pub(super) fn text(kind: FileKind, source: &mut dyn FileSource) -> Option<String> {
    let text = match kind {
        FileKind::Hwp => utf16(&stream(source, "/PrvText")?),
        FileKind::Hwpx => String::from_utf8_lossy(&entry(source, "Preview/PrvText.")?).into_owned(),
        _ => return None,
    };
    let line = one_line(&text);
    (!line.is_empty()).then_some(line)
}

/// Little endian, as OLE files have it.
fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Cells of a table are between `<` and `>`.
fn one_line(text: &str) -> String {
    let is_gap = |c: char| c.is_whitespace() || c.is_control() || "<>\u{feff}\u{fffd}".contains(c);
    let words = text.split(is_gap).filter(|word| !word.is_empty());
    let mut line = String::new();
    for word in words {
        if line.chars().count() >= TEXT_CHARS {
            break;
        }
        line.extend((!line.is_empty()).then_some(' '));
        line.push_str(word);
    }
    line.chars().take(TEXT_CHARS).collect()
}

/// A stream of an OLE file.
fn stream(source: &mut dyn FileSource, path: &str) -> Option<Vec<u8>> {
    let mut file = CompoundFile::open(source).ok()?;
    read(file.open_stream(path).ok()?)
}

/// The first entry of an archive whose name begins with `name`, in any case.
fn entry(source: &mut dyn FileSource, name: &str) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(source).ok()?;
    let is_meant =
        |found: &&[u8]| found.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()));
    let found = archive.file_names_raw().position(|found| is_meant(&found))?;
    read(archive.by_index(found).ok()?)
}

/// All bytes; `None` if there are too many.
fn read(from: impl Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(ENTRY_BYTES + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= ENTRY_BYTES).then_some(bytes)
}
