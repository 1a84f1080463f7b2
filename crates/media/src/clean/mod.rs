//! Takes out of pictures what their owner did not mean to send: EXIF with places and times, XMP, IPTC, comments, and
//! whatever stands behind the picture. The pixels, the colour profile and the orientation stay as they are.
//!
//! Crates that edit metadata (img-parts) keep everything behind a JPEG's first scan, where phones put a second picture or
//! a video with a place of its own. So every format is copied by an allow-list of its segments.

mod exif;
mod gif;
mod jpeg;
mod png;
mod webp;

use crate::kind::FileKind;

/// What cleaning made of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cleaning {
    /// There was nothing to remove, or this kind is not cleaned.
    Unchanged,
    Cleaned(Vec<u8>),
    /// The picture's segments cannot be followed, so nobody knows what it says.
    Malformed,
}

/// The file without metadata.
pub fn clean(kind: FileKind, bytes: &[u8]) -> Cleaning {
    let cleaned = match kind {
        FileKind::Jpeg => jpeg::clean(bytes),
        FileKind::Png => png::clean(bytes),
        FileKind::Gif => gif::clean(bytes),
        FileKind::WebP => webp::clean(bytes),
        _ => return Cleaning::Unchanged,
    };
    match cleaned {
        None => Cleaning::Malformed,
        Some(cleaned) if cleaned == bytes => Cleaning::Unchanged,
        Some(cleaned) => Cleaning::Cleaned(cleaned),
    }
}
