//! Removes from pictures what their owner did not mean to send: EXIF with locations and times, XMP, IPTC, comments, and
//! bytes behind the picture. The pixels, the colour profile and the orientation stay unchanged.
//!
//! Crates that edit metadata (img-parts) keep everything behind a JPEG's first scan, where phones put a second picture
//! or a video with its own location. So every format is copied by an allow-list of its segments.

mod blank;
mod boxes;
mod exif;
mod gif;
mod heif;
mod jpeg;
mod movie;
mod png;
mod webp;

use std::io::{self, SeekFrom};

pub use blank::{Blank, write_blanked};

use crate::{kind::FileKind, source::FileSource};

/// The result of cleaning a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cleaning {
    /// There was nothing to remove, or this kind is not cleaned.
    Unchanged,
    Cleaned(Vec<u8>),
    /// The file with these parts overwritten.
    Blanked(Vec<Blank>),
    /// The picture's segments cannot be parsed, so its metadata cannot be found.
    Malformed,
}

/// Removes the metadata of a picture.
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

/// Overwrites the metadata of a film, a recording or a picture in the ISO base media format, which may be too long for
/// memory. Files of other kinds stay unchanged.
///
/// # Errors
/// If reading fails.
pub fn clean_in_place(kind: FileKind, source: &mut dyn FileSource) -> io::Result<Cleaning> {
    let FileKind::Other(media_type) = kind else { return Ok(Cleaning::Unchanged) };
    let is_made_of_boxes = ["video/", "audio/mp4", "image/hei", "image/avif"];
    if !is_made_of_boxes.iter().any(|beginning| media_type.starts_with(beginning)) {
        return Ok(Cleaning::Unchanged);
    }
    let length = source.seek(SeekFrom::End(0))?;
    let blanks = movie::blanks(source, length)?;
    Ok(if blanks.is_empty() { Cleaning::Unchanged } else { Cleaning::Blanked(blanks) })
}
