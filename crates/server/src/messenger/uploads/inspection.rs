//! The inspection of an upload before anybody may read it: a scanner scans its bytes, their kind is found, metadata is
//! removed, a preview is made.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use media::preview::TEXT_CHARS;
use parking_lot::Mutex;

use crate::{
    files::{Examined, Examiner, Metadata, NotClean, Results, UploadCopy},
    messenger::{
        inner::Messenger,
        policy::Result,
        uploads::storage::{failed, turn},
    },
    model::Upload,
    text,
};
use protocol::{error::Refusal, file::PreviewSize};

/// The media type of bytes that were not examined.
const UNKNOWN: &str = media::kind::UNKNOWN;

/// The result of an inspection, and which bytes are kept.
pub(super) struct Inspected {
    /// Found in the bytes, such as `image/png`.
    pub(super) media_type: String,
    /// The bytes to keep: those of the upload, or a copy without metadata, which is removed afterwards.
    pub(super) content: PathBuf,
    pub(super) preview: Option<MadePreview>,
    /// The beginning of a document's text, in the normal form of a line.
    pub(super) text: Option<String>,
}

/// A small picture of a file.
pub(super) struct MadePreview {
    /// Its bytes, which are removed afterwards.
    pub(super) path: PathBuf,
    pub(super) media_type: String,
    pub(super) pixels: PreviewSize,
}

/// Examines the complete bytes of an upload, which the scanner called clean.
///
/// # Errors
/// [`Refusal::NotCleaned`] if the metadata cannot be removed; [`Refusal::DiskFull`] and [`Refusal::Unavailable`] if the
/// bytes cannot be inspected now.
pub(super) async fn inspect(messenger: &Messenger, upload: &Upload) -> Result<Inspected> {
    let files = &messenger.0.files;
    let (content, cleaned) = (files.incoming.path(upload.id), files.incoming.copy_path(upload.id, UploadCopy::Clean));
    let Some(examiner) = &files.examiner else {
        return Ok(Inspected { media_type: UNKNOWN.to_owned(), content, preview: None, text: None });
    };
    let path = files.incoming.copy_path(upload.id, UploadCopy::Preview);
    let reservations = Mutex::new(Vec::new());
    let admit = |bytes| -> io::Result<()> {
        let reservation = files.disk.admit(bytes).map_err(|_| ErrorKind::StorageFull)?;
        reservations.lock().push(reservation);
        Ok(())
    };
    let results = Results { cleaned: &cleaned, preview: &path, admit: &admit };
    let examined = examine(examiner, &content, upload, results).await?;
    let preview = examined.preview.map(|made| {
        let pixels = PreviewSize { width: made.size.width, height: made.size.height };
        MadePreview { path, media_type: made.media_type, pixels }
    });
    let content = if examined.metadata == Metadata::Removed { cleaned } else { content };
    let text = examined
        .text
        .map(|text| text::beginning(&text::legible(&text), TEXT_CHARS).to_owned())
        .filter(|text| !text.is_empty());
    Ok(Inspected { media_type: examined.media_type, content, preview, text })
}

/// Examines the bytes, and retries once if the child process failed, because a busy machine may have stopped it. A file
/// that cannot be cleaned is accepted only if its sender wants the original file.
async fn examine(examiner: &Examiner, content: &Path, upload: &Upload, results: Results<'_>) -> Result<Examined> {
    let look = async || {
        let examined = examiner.examine(content, upload.is_original, results).await;
        examined.map_err(failed("an upload cannot be examined"))
    };
    let mut examined = look().await?;
    if examined.metadata == Metadata::Unknown && !upload.is_original {
        examined = look().await?;
    }
    match examined.metadata {
        Metadata::Uncleanable | Metadata::Unknown if !upload.is_original => {
            tracing::warn!(metadata = ?examined.metadata, "a file is refused: its metadata cannot be removed");
            Err(Refusal::NotCleaned)
        }
        _ => Ok(examined),
    }
}

/// Asks the operator's scanner, if there is one. An upload that it does not call clean is not inspected further.
///
/// # Errors
/// [`Refusal::Rejected`], [`Refusal::Unavailable`].
pub(super) async fn scan(messenger: &Messenger, upload: &Upload) -> Result<()> {
    let (files, Some(scanner)) = (&messenger.0.files, &messenger.policy().scanner) else { return Ok(()) };
    let _turn = turn(&files.scans).await?;
    let Err(error) = scanner.scan(&files.incoming.path(upload.id)).await else { return Ok(()) };
    match error {
        NotClean::Infected(_) | NotClean::TooLong => {
            tracing::warn!(%error, "the scanner rejected a file");
            Err(Refusal::Rejected)
        }
        // The upload stays and can be completed once the scanner answers again.
        NotClean::Slow(_) | NotClean::Unreachable(_) | NotClean::Failed(_) => {
            tracing::error!(%error, %scanner, "a file cannot be scanned");
            Err(Refusal::Unavailable)
        }
    }
}
