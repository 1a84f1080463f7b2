//! A small picture of a file: of a picture itself, of a PDF's first page, of the picture embedded in a document.
//! Everything is decoded and encoded again, so no byte of the file reaches another browser. A file that cannot be shown
//! has no preview; that is not an error.

mod document;
mod encode;
mod page;
mod picture;
mod resize;
mod small;

use std::io::Read;

pub use document::TEXT_CHARS;
pub use small::{LONG_SIDE, MAX_BYTES, MAX_PIXELS, PixelSize, SmallPicture};

use crate::{kind::FileKind, source::FileSource};

/// The preview of a picture from its bytes.
pub fn of_picture(kind: FileKind, bytes: &[u8]) -> Option<SmallPicture> {
    picture::preview(kind, bytes)
}

/// The preview of a document.
pub fn of_document(kind: FileKind, source: &mut dyn FileSource) -> Option<SmallPicture> {
    source.rewind().ok()?;
    match kind {
        FileKind::Pdf => {
            let mut bytes = Vec::new();
            source.take(page::MAX_BYTES + 1).read_to_end(&mut bytes).ok()?;
            page::preview(bytes)
        }
        _ => picture::embedded(&document::picture(kind, source)?),
    }
}

/// The beginning of a document's text, if its program embedded it: one line of at most [`TEXT_CHARS`] characters.
pub fn text_of_document(kind: FileKind, source: &mut dyn FileSource) -> Option<String> {
    source.rewind().ok()?;
    document::text(kind, source)
}
