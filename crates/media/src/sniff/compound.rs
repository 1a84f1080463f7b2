//! The kind of document that an OLE file is.

use std::io::Read;

use cfb::CompoundFile;

use crate::{kind::FileKind, source::FileSource};

/// A stream in the root, and the kind that it implies.
const MARKED: [(&str, &str); 5] = [
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("__properties_version1.0", "application/vnd.ms-outlook"),
];

const OLE: FileKind = FileKind::Other("application/x-ole-storage");
const HWP_SIGNATURE: &[u8; 17] = b"HWP Document File";

pub(super) fn kind(source: &mut dyn FileSource) -> FileKind {
    let Ok(mut file) = CompoundFile::open(source) else { return OLE };
    let mut signature = [0; HWP_SIGNATURE.len()];
    let is_read = file.open_stream("/FileHeader").and_then(|mut stream| stream.read_exact(&mut signature)).is_ok();
    if is_read && &signature == HWP_SIGNATURE {
        return FileKind::Hwp;
    }
    let marked = MARKED.iter().find(|(stream, _)| file.is_stream(format!("/{stream}")));
    marked.map_or(OLE, |(_, media_type)| FileKind::Other(media_type))
}
