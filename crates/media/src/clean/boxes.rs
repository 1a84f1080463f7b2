//! Boxes of the ISO base media format, of which MP4, MOV, HEIC and AVIF are made.

use std::io::{self, Read, SeekFrom};

use crate::source::FileSource;

/// Boxes read on one level, at most.
const MAX_BOXES: usize = 100_000;
/// Bytes of the longest box that is read into memory.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// One box: where it begins, where its content begins, where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MediaBox {
    pub(super) kind: [u8; 4],
    pub(super) start: u64,
    pub(super) content: u64,
    pub(super) end: u64,
}

/// The boxes between two offsets. A box that is longer ends at `to`; a malformed box ends the list.
pub(super) fn boxes(source: &mut dyn FileSource, from: u64, to: u64) -> io::Result<Vec<MediaBox>> {
    let (mut found, mut start) = (Vec::new(), from);
    while to.saturating_sub(start) >= 8 && found.len() < MAX_BOXES {
        let [size @ .., a, b, c, d] = bytes::<8>(source, start)?;
        let (header, size) = match u32::from_be_bytes(size) {
            0 => (8, to - start),
            1 if to - start >= 16 => (16, u64::from_be_bytes(bytes::<8>(source, start + 8)?)),
            size => (8, u64::from(size)),
        };
        if size < header {
            break;
        }
        let end = start.saturating_add(size).min(to);
        found.push(MediaBox { kind: [a, b, c, d], start, content: start + header, end });
        start = end;
    }
    Ok(found)
}

impl MediaBox {
    /// The boxes inside.
    pub(super) fn children(&self, source: &mut dyn FileSource) -> io::Result<Vec<MediaBox>> {
        boxes(source, self.content, self.end)
    }

    /// The whole content; empty if it is too long.
    pub(super) fn read(&self, source: &mut dyn FileSource) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        if self.end.saturating_sub(self.content) <= MAX_BYTES {
            source.seek(SeekFrom::Start(self.content))?;
            source.take(self.end.saturating_sub(self.content)).read_to_end(&mut content)?;
        }
        Ok(content)
    }
}

fn bytes<const N: usize>(source: &mut dyn FileSource, at: u64) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    source.seek(SeekFrom::Start(at))?;
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}
