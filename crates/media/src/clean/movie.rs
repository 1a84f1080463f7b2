//! MP4 and MOV: locations, times and devices are in separate boxes next to the tracks, and in metadata tracks, such as a
//! sports camera's. The boxes become free boxes of the same length, so the offsets in the tracks' tables stay valid.

use std::io;

use super::{
    blank::Blank,
    boxes::{MediaBox, boxes},
    heif,
};
use crate::source::FileSource;

/// Boxes of metadata about a film or a picture, on every level.
const METADATA_BOXES: [&[u8; 4]; 6] = [b"udta", b"meta", b"uuid", b"gps ", b"mpvd", b"XMP_"];
/// Handler types of tracks that hold locations and movements.
const HANDLERS: [&[u8]; 2] = [b"meta", b"camm"];

/// The parts to overwrite in a file made of boxes.
///
/// # Errors
/// If reading fails.
pub(super) fn blanks(source: &mut dyn FileSource, length: u64) -> io::Result<Vec<Blank>> {
    let mut blanks = Vec::new();
    for top in boxes(source, 0, length)? {
        match &top.kind {
            b"moov" => film(source, &top, &mut blanks)?,
            b"meta" if heif::is_structure(source, &top)? => blanks.extend(heif::blanks(source, &top, length)?),
            kind if METADATA_BOXES.contains(&kind) => blanks.extend(Blank::of_box(&top)),
            _ => {}
        }
    }
    Ok(blanks)
}

fn film(source: &mut dyn FileSource, film: &MediaBox, blanks: &mut Vec<Blank>) -> io::Result<()> {
    for part in film.children(source)? {
        match &part.kind {
            b"trak" => track(source, &part, blanks)?,
            b"mvhd" => times(source, &part, blanks)?,
            kind if METADATA_BOXES.contains(&kind) => blanks.extend(Blank::of_box(&part)),
            _ => {}
        }
    }
    Ok(())
}

fn track(source: &mut dyn FileSource, track: &MediaBox, blanks: &mut Vec<Blank>) -> io::Result<()> {
    for part in track.children(source)? {
        match &part.kind {
            b"tkhd" => times(source, &part, blanks)?,
            b"mdia" => {
                for part in part.children(source)? {
                    match &part.kind {
                        b"mdhd" => times(source, &part, blanks)?,
                        b"hdlr" if part.read(source)?.get(8..12).is_some_and(|kind| HANDLERS.contains(&kind)) => {
                            blanks.extend(Blank::of_box(track));
                        }
                        _ => {}
                    }
                }
            }
            kind if METADATA_BOXES.contains(&kind) => blanks.extend(Blank::of_box(&part)),
            _ => {}
        }
    }
    Ok(())
}

/// Blanks the times of creation and change: two numbers after the version.
fn times(source: &mut dyn FileSource, header: &MediaBox, blanks: &mut Vec<Blank>) -> io::Result<()> {
    let content = header.read(source)?;
    let Some(version) = content.first() else { return Ok(()) };
    let bytes = if *version == 1 { 16 } else { 8 };
    if content.get(4..4 + bytes).is_some_and(|times| times.iter().any(|byte| *byte != 0)) {
        blanks.push(Blank::zeros(header.content + 4..header.content + 4 + bytes as u64));
    }
    Ok(())
}
