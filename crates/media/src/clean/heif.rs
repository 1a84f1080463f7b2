//! HEIC and AVIF: EXIF and XMP are items of the file, and their bytes become zeros. The orientation is a separate
//! property and stays.

use std::io;

use super::{blank::Blank, boxes::MediaBox};
use crate::source::FileSource;

/// Bytes of version and flags, before the content of most boxes.
const VERSION: u64 = 4;
/// Types of metadata items.
const METADATA_ITEMS: [&[u8]; 2] = [b"Exif", b"mime"];

/// Whether this `meta` box describes pictures and not a film.
pub(super) fn is_structure(source: &mut dyn FileSource, meta: &MediaBox) -> io::Result<bool> {
    Ok(parts(source, meta)?.iter().any(|part| &part.kind == b"iinf"))
}

/// The bytes of EXIF and XMP.
pub(super) fn blanks(source: &mut dyn FileSource, meta: &MediaBox, length: u64) -> io::Result<Vec<Blank>> {
    let parts = parts(source, meta)?;
    let part = |kind: &[u8; 4]| parts.iter().find(|part| &part.kind == kind).copied();
    let (Some(infos), Some(locations)) = (part(b"iinf"), part(b"iloc")) else { return Ok(Vec::new()) };
    let items = metadata_items(source, &infos)?;
    let inside = part(b"idat").map_or(length, |data| data.content);
    let locations = locations.read(source)?;
    let mut found = Vec::new();
    // Of a truncated table, the entries before its end count.
    let _ = extents(&locations, &items, inside, &mut found);
    let blank = |(from, bytes): (u64, u64)| Blank::zeros(from.min(length)..from.saturating_add(bytes).min(length));
    Ok(found.into_iter().map(blank).collect())
}

fn parts(source: &mut dyn FileSource, meta: &MediaBox) -> io::Result<Vec<MediaBox>> {
    MediaBox { content: meta.content + VERSION, ..*meta }.children(source)
}

/// The ids of the metadata items.
fn metadata_items(source: &mut dyn FileSource, infos: &MediaBox) -> io::Result<Vec<u64>> {
    let is_long = infos.read(source)?.first().is_some_and(|version| *version > 0);
    let entries = MediaBox { content: infos.content + VERSION + if is_long { 4 } else { 2 }, ..*infos };
    let mut ids = Vec::new();
    for entry in entries.children(source)? {
        let content = entry.read(source)?;
        let id_bytes = if content.first() == Some(&3) { 4 } else { 2 };
        let mut content = Numbers(content.get(VERSION as usize..).unwrap_or_default());
        let id = content.number(id_bytes);
        if content.number(2).is_some() && content.0.get(..4).is_some_and(|kind| METADATA_ITEMS.contains(&kind)) {
            ids.extend(id);
        }
    }
    Ok(ids)
}

/// Offsets and lengths of these items' bytes. `inside`: the offset of the `meta` box's own data.
fn extents(locations: &[u8], ids: &[u64], inside: u64, found: &mut Vec<(u64, u64)>) -> Option<()> {
    let version = *locations.first()?;
    let mut fields = Numbers(locations.get(VERSION as usize..)?);
    let (sizes, more) = (fields.number(1)? as usize, fields.number(1)? as usize);
    let (offset_bytes, length_bytes, base_bytes) = (sizes >> 4, sizes & 15, more >> 4);
    let index_bytes = if version == 0 { 0 } else { more & 15 };
    let id_bytes = if version < 2 { 2 } else { 4 };
    for _ in 0..fields.number(id_bytes)? {
        let id = fields.number(id_bytes)?;
        let method = if version == 0 { 0 } else { fields.number(2)? & 15 };
        fields.number(2)?;
        let base = fields.number(base_bytes)?;
        for _ in 0..fields.number(2)? {
            fields.number(index_bytes)?;
            let (offset, length) = (fields.number(offset_bytes)?, fields.number(length_bytes)?);
            let from = base.saturating_add(offset).saturating_add(if method == 1 { inside } else { 0 });
            if ids.contains(&id) && method < 2 {
                found.push((from, length));
            }
        }
    }
    Some(())
}

/// Reads numbers one after the other.
struct Numbers<'b>(&'b [u8]);

impl Numbers<'_> {
    /// The next number, of so many bytes; 0 for no bytes.
    fn number(&mut self, bytes: usize) -> Option<u64> {
        let (number, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(number.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }
}
