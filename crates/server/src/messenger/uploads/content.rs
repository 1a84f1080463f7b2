//! Serves the bytes of files to users who may read them.

use std::{io::ErrorKind, ops::Range};

use crate::{
    files::ByteStream,
    messenger::{actor::Actor, budget::CommandClass, policy::Result, services::Files, uploads::storage::failed},
    model::{BlobHash, StoredFile},
};
use protocol::{error::Refusal, ids::FileId};

impl Files<'_> {
    /// As [`Files::readable`], within the actor's budget of downloads.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::TooFast`].
    pub async fn open(self, actor: Actor, id: FileId) -> Result<StoredFile> {
        self.0.spend(actor, CommandClass::Download, 1.0)?;
        self.readable(actor, id).await
    }

    /// The bytes of a range of a file or of its preview. Call [`Files::open`] first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if they were just removed, [`Refusal::Unavailable`] if they cannot be read.
    pub async fn content(self, hash: BlobHash, range: Range<u64>) -> Result<ByteStream> {
        let stream = self.0.0.files.blobs.read(&hash, range).await;
        stream.map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                tracing::warn!(%hash, "a blob is missing, unless its file was just recalled");
                Refusal::NotFound
            }
            _ => failed("a file cannot be read")(error),
        })
    }
}
