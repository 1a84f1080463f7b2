//! Overwrites parts of a file in place. Lengths stay, so every offset that the file names stays valid.

use std::{
    io::{self, SeekFrom, Write},
    ops::Range,
};

use super::boxes::MediaBox;
use crate::source::FileSource;

const PIECE: usize = 64 * 1024;
/// The type of a free box (ISO 14496-12), which players skip.
const FREE: &[u8; 4] = b"free";

/// A range of bytes to overwrite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blank {
    range: Range<u64>,
    /// Whether the range is a box's type, which becomes [`FREE`], and not its content, which becomes zeros.
    is_box_type: bool,
}

impl Blank {
    /// Overwrites a range with zeros.
    pub(super) fn zeros(range: Range<u64>) -> Self {
        Self { range, is_box_type: false }
    }

    /// Turns a box into a free box of zeros.
    pub(super) fn of_box(it: &MediaBox) -> [Self; 2] {
        let kind = it.start + 4..it.start + 8;
        [Self { range: kind, is_box_type: true }, Self::zeros(it.content.min(it.end)..it.end)]
    }

    /// Overwrites the blank's part of a piece that begins at `at`.
    fn apply(&self, piece: &mut [u8], at: u64) {
        let end = at + piece.len() as u64;
        for at_byte in self.range.start.max(at)..self.range.end.min(end) {
            let byte = if self.is_box_type { FREE[(at_byte - self.range.start) as usize % FREE.len()] } else { 0 };
            piece[(at_byte - at) as usize] = byte;
        }
    }
}

/// Writes a whole file with its blanks applied.
///
/// # Errors
/// If reading or writing fails.
pub fn write_blanked(source: &mut dyn FileSource, blanks: &[Blank], to: &mut dyn Write) -> io::Result<()> {
    source.seek(SeekFrom::Start(0))?;
    let (mut piece, mut at) = (vec![0; PIECE], 0);
    loop {
        let read = source.read(&mut piece)?;
        if read == 0 {
            return Ok(());
        }
        blanks.iter().for_each(|blank| blank.apply(&mut piece[..read], at));
        to.write_all(&piece[..read])?;
        at += read as u64;
    }
}
