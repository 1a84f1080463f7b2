//! The preview picture that programs embed in their documents.

use std::io::Read;

use cfb::CompoundFile;
use zip::ZipArchive;

use crate::{kind::FileKind, source::FileSource};

/// Bytes of the largest embedded picture: a compressed entry of 42 bytes can hold gigabytes.
const ENTRY_BYTES: u64 = 4 * 1024 * 1024;

pub(super) fn picture(kind: FileKind, source: &mut dyn FileSource) -> Option<Vec<u8>> {
    match kind {
        FileKind::Hwp => stream(source, "/PrvImage"),
        FileKind::Hwpx => entry(source, "Preview/PrvImage."),
        FileKind::OpenDocument(_) => entry(source, "Thumbnails/thumbnail."),
        FileKind::OfficeXml(_) => entry(source, "docProps/thumbnail."),
        _ => None,
    }
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
