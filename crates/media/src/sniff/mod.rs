//! Finds a file's kind in its bytes: signatures, then the contents of containers, then text. The file's name and
//! declared type do not count.

mod archive;
mod compound;
mod polyglot;
mod text;

use std::io::{self, Read, SeekFrom};

use crate::{
    kind::{FileKind, is_inline},
    source::FileSource,
};

/// How many bytes at the beginning decide the kind.
const HEAD_BYTES: u64 = 64 * 1024;

/// The kind of a file. Reads its beginning, for containers their directories, for pictures everything.
///
/// # Errors
/// If reading fails. A malformed file gets the most general kind that fits.
pub fn sniff(source: &mut dyn FileSource) -> io::Result<FileKind> {
    let length = source.seek(SeekFrom::End(0))?;
    source.rewind()?;
    let mut head = Vec::new();
    (&mut *source).take(HEAD_BYTES).read_to_end(&mut head)?;
    let kind = by_signature(&head, source)
        .or_else(|| text::kind(&head, head.len() as u64 == length))
        .unwrap_or(FileKind::Unknown);
    let is_text = matches!(kind, FileKind::Text(_));
    let is_shown = kind == FileKind::Pdf || is_inline(kind.media_type()) && !is_text;
    let is_polyglot = is_shown && polyglot::is_polyglot(kind, &head, source)?;
    Ok(if is_polyglot { FileKind::Polyglot } else { kind })
}

fn by_signature(head: &[u8], source: &mut dyn FileSource) -> Option<FileKind> {
    match head {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(FileKind::Png),
        [0xff, 0xd8, 0xff, ..] => Some(FileKind::Jpeg),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(FileKind::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(FileKind::WebP),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(FileKind::Pdf),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(archive::kind(source)),
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => Some(compound::kind(source)),
        _ if head.starts_with(b"HWP Document File V") => Some(FileKind::Other("application/x-hwp")),
        _ => infer::get(head).and_then(|found| known(found.mime_type())),
    }
}

/// A media type found by `infer`, mapped to the closed list. Texts and the signatures above follow our own rules: a web
/// page with `%PDF-` in its first kilobyte is a web page.
fn known(media_type: &'static str) -> Option<FileKind> {
    match media_type {
        "audio/m4a" => Some("audio/mp4"),
        "audio/opus" => Some("audio/ogg"),
        "audio/x-wav" => Some("audio/wav"),
        "video/x-m4v" => Some("video/mp4"),
        "application/pdf" => None,
        text if text.starts_with("text/") => None,
        other => Some(other),
    }
    .map(FileKind::Other)
}
