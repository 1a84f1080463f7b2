//! The output of the child process that examines a file: a line of JSON with the kind, the cleaned bytes, a line of
//! JSON with the preview and the beginning of the text, the bytes of the preview. The process writes the first part
//! before it decodes anything, so that part stays valid when decoding ends the process.

use std::io::{self, SeekFrom, Write};

use serde::{Deserialize, Serialize};

use crate::{
    clean::{Cleaning, clean, clean_in_place, write_blanked},
    kind::{FileKind, UNKNOWN},
    preview::{self, PixelSize, SmallPicture},
    sniff::sniff,
    source::FileSource,
};

/// Bytes of the largest picture that is cleaned. A larger one is accepted only as an original file.
pub const PICTURE_BYTES: u64 = 100 * 1024 * 1024;
/// Bytes of the longest line.
pub const LINE_BYTES: usize = 4096;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentReport {
    /// Such as `image/png`.
    pub media_type: String,
    /// How many cleaned bytes follow the line; `None` when the file stays as it is.
    pub cleaned: Option<u64>,
    /// A picture that may have metadata that cannot be removed.
    #[serde(default)]
    pub is_uncleanable: bool,
}

/// The second line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewReport {
    pub preview: Option<PreviewHeader>,
    /// The beginning of a document's text in one line.
    #[serde(default)]
    pub text: Option<String>,
}

/// A preview, whose bytes follow the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewHeader {
    pub media_type: String,
    pub size: PixelSize,
    /// Bytes.
    pub length: u64,
}

/// Examines a file and writes the report. `keeps_metadata`: the sender wants the original file.
///
/// # Errors
/// If reading or writing fails. A file without a preview is not an error.
pub fn report(source: &mut dyn FileSource, keeps_metadata: bool, to: &mut dyn Write) -> io::Result<()> {
    let kind = sniff(source)?;
    let pictured = if kind.is_picture() { read_picture(source)? } else { None };
    let cleaning = match &pictured {
        _ if keeps_metadata => Cleaning::Unchanged,
        Some(bytes) => clean(kind, bytes),
        None if kind.is_picture() => Cleaning::Malformed,
        None => clean_in_place(kind, source)?,
    };
    write_content(kind, &cleaning, source, to)?;
    let is_shown = cleaning != Cleaning::Malformed;
    drop(cleaning);
    let (made, text) = match pictured {
        Some(bytes) if is_shown => (preview::of_picture(kind, &bytes), None),
        None if is_shown => (preview::of_document(kind, source), preview::text_of_document(kind, source)),
        _ => (None, None),
    };
    write_preview(made, text, to)
}

fn read_picture(source: &mut dyn FileSource) -> io::Result<Option<Vec<u8>>> {
    if source.seek(SeekFrom::End(0))? > PICTURE_BYTES {
        return Ok(None);
    }
    source.rewind()?;
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

fn write_content(
    kind: FileKind,
    cleaning: &Cleaning,
    source: &mut dyn FileSource,
    to: &mut dyn Write,
) -> io::Result<()> {
    let cleaned = match cleaning {
        Cleaning::Unchanged | Cleaning::Malformed => None,
        Cleaning::Cleaned(bytes) => Some(bytes.len() as u64),
        Cleaning::Blanked(_) => Some(source.seek(SeekFrom::End(0))?),
    };
    // A picture that may still hold a location is not shown to others as a picture.
    let is_uncleanable = *cleaning == Cleaning::Malformed;
    let media_type = if is_uncleanable { UNKNOWN } else { kind.media_type() };
    write_line(&ContentReport { media_type: media_type.to_owned(), cleaned, is_uncleanable }, to)?;
    match cleaning {
        Cleaning::Unchanged | Cleaning::Malformed => {}
        Cleaning::Cleaned(bytes) => to.write_all(bytes)?,
        Cleaning::Blanked(blanks) => write_blanked(source, blanks, to)?,
    }
    to.flush()
}

fn write_preview(made: Option<SmallPicture>, text: Option<String>, to: &mut dyn Write) -> io::Result<()> {
    let header = |made: &SmallPicture| PreviewHeader {
        media_type: made.media_type.to_owned(),
        size: made.size,
        length: made.bytes.len() as u64,
    };
    write_line(&PreviewReport { preview: made.as_ref().map(header), text }, to)?;
    to.write_all(&made.map(|made| made.bytes).unwrap_or_default())?;
    to.flush()
}

fn write_line(line: &impl Serialize, to: &mut dyn Write) -> io::Result<()> {
    let mut line = serde_json::to_vec(line)?;
    line.push(b'\n');
    to.write_all(&line)
}
