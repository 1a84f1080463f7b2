//! Parts of a file that are overwritten and keep their length, so that every place which the file names stays where it is.

use std::{
    io::{self, SeekFrom, Write},
    ops::Range,
};

use super::boxes::MediaBox;
use crate::source::FileSource;

const PIECE: usize = 64 * 1024;
/// The kind of a box that means nothing.
const FREE: &[u8; 4] = b"free";

/// Bytes that become others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blank {
    range: Range<u64>,
    /// Whether these four bytes are a box's kind, and not its content, which becomes zeros.
    is_kind: bool,
}

impl Blank {
    /// Zeros.
    pub(super) fn zeros(range: Range<u64>) -> Self {
        Self { range, is_kind: false }
    }

    /// A box that means nothing, with nothing in it.
    pub(super) fn of_box(it: &MediaBox) -> [Self; 2] {
        let kind = it.start + 4..it.start + 8;
        [Self { range: kind, is_kind: true }, Self::zeros(it.content.min(it.end)..it.end)]
    }

    /// Overwrites its part of a piece that begins at `at`.
    fn apply(&self, piece: &mut [u8], at: u64) {
        let end = at + piece.len() as u64;
        for place in self.range.start.max(at)..self.range.end.min(end) {
            let byte = if self.is_kind { FREE[(place - self.range.start) as usize % FREE.len()] } else { 0 };
            piece[(place - at) as usize] = byte;
        }
    }
}

/// Writes a whole file with its blanks.
///
/// # Errors
/// Those of reading and writing.
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
