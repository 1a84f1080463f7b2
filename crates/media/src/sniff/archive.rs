//! The kind of document that a ZIP file is.

use std::io::Read;

use zip::ZipArchive;

use crate::{kind::FileKind, source::FileSource};

/// OpenDocument's types and templates, and other formats that name themselves in `mimetype`.
const NAMED: [(&str, FileKind); 10] = [
    ("application/hwp+zip", FileKind::Hwpx),
    open("application/vnd.oasis.opendocument.text"),
    open("application/vnd.oasis.opendocument.text-template"),
    open("application/vnd.oasis.opendocument.spreadsheet"),
    open("application/vnd.oasis.opendocument.spreadsheet-template"),
    open("application/vnd.oasis.opendocument.presentation"),
    open("application/vnd.oasis.opendocument.presentation-template"),
    open("application/vnd.oasis.opendocument.graphics"),
    open("application/vnd.oasis.opendocument.formula"),
    ("application/epub+zip", FileKind::Other("application/epub+zip")),
];

/// An entry of the archive, and the kind that it implies.
const MARKED: [(&str, FileKind); 5] = [
    ("word/", FileKind::OfficeXml("application/vnd.openxmlformats-officedocument.wordprocessingml.document")),
    ("xl/", FileKind::OfficeXml("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")),
    ("ppt/", FileKind::OfficeXml("application/vnd.openxmlformats-officedocument.presentationml.presentation")),
    ("AndroidManifest.xml", FileKind::Other("application/vnd.android.package-archive")),
    ("META-INF/MANIFEST.MF", FileKind::Other("application/java-archive")),
];

const ZIP: FileKind = FileKind::Other("application/zip");
/// Longer than any type in `NAMED`.
const TYPE_BYTES: u64 = 100;

const fn open(media_type: &'static str) -> (&'static str, FileKind) {
    (media_type, FileKind::OpenDocument(media_type))
}

pub(super) fn kind(source: &mut dyn FileSource) -> FileKind {
    let Ok(mut archive) = ZipArchive::new(source) else { return ZIP };
    let mut named = String::new();
    if let Ok(entry) = archive.by_name("mimetype") {
        // Bytes that are not text name no kind.
        let _ = entry.take(TYPE_BYTES).read_to_string(&mut named);
    }
    let by_type = NAMED.iter().find(|(media_type, _)| *media_type == named.trim());
    let is_office = archive.index_for_name("[Content_Types].xml").is_some();
    let is_marked = |(entry, kind): &&(&str, FileKind)| {
        let needs_types = matches!(kind, FileKind::OfficeXml(_));
        (is_office || !needs_types) && archive.file_names_raw().any(|name| name.starts_with(entry.as_bytes()))
    };
    by_type.or_else(|| MARKED.iter().find(is_marked)).map_or(ZIP, |(_, kind)| *kind)
}
