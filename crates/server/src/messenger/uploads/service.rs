//! A client's requests on its uploads: create one, read its offset, cancel it. `receive` handles the bytes.

use crate::{
    files::file_name,
    messenger::{
        actor::Actor,
        budget::CommandClass,
        inner::Messenger,
        policy::Result,
        uploads::{complete::complete, lifetime::BEGINNING_MS, storage::failed, transfers::UploadGuard},
    },
    model::{NewUpload, NodeSignal, StoredFile, Upload},
    store::now_ms,
};
use protocol::{error::Refusal, ids::FileId};

/// Uploads of the actor.
#[derive(Clone, Copy)]
pub struct Uploads<'m>(pub(in crate::messenger) &'m Messenger);

/// The progress of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadProgress {
    /// The id of the upload, and of the file that it becomes.
    pub id: FileId,
    /// Bytes that are on disk.
    pub offset: u64,
    /// Bytes of the complete file.
    pub length: u64,
    /// When it is deleted if it is not complete, UTC milliseconds; `None` once it is a file.
    pub expires_at: Option<i64>,
}

impl Uploads<'_> {
    /// Reserves the space of a file. A file of length 0 is complete at once. Its name is normalised by [`file_name`].
    ///
    /// # Errors
    /// [`Refusal::FileTooLarge`], [`Refusal::QuotaExceeded`], [`Refusal::TooMany`], [`Refusal::DiskFull`],
    /// [`Refusal::TooFast`], [`Refusal::Unavailable`].
    pub async fn create(self, actor: Actor, new: NewUpload) -> Result<UploadProgress> {
        let NewUpload { name, length, is_original } = new;
        let messenger = self.0;
        messenger.spend(actor, CommandClass::Upload, 1.0)?;
        if messenger.policy().file_limit().is_some_and(|limit| length > limit) || i64::try_from(length).is_err() {
            return Err(Refusal::FileTooLarge);
        }
        messenger.0.files.disk.check(length)?;
        let (new, expires_at) = (NewUpload { name: file_name(&name), length, is_original }, now_ms() + BEGINNING_MS);
        let id = messenger.0.store.insert_upload(actor.user, new, messenger.policy().quotas(), expires_at).await?;
        if length == 0 {
            self.state(actor, id).await
        } else {
            Ok(UploadProgress { id, offset: 0, length, expires_at: Some(expires_at) })
        }
    }

    /// The progress of an upload. Ends its transfer, because a client that asks has lost it. An upload with all its
    /// bytes is completed first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for every upload but the actor's own; the refusals of completion, for an hour also in
    /// later answers.
    pub async fn state(self, actor: Actor, id: FileId) -> Result<UploadProgress> {
        let messenger = self.0.clone();
        messenger.spend(actor, CommandClass::Transfer, 1.0)?;
        if self.pending(actor, id).await?.is_none() {
            return self.state_of_file(actor, id).await;
        }
        let guard = messenger.end_transfer(id).await?;
        let Some(upload) = self.pending(actor, id).await? else {
            return self.state_of_file(actor, id).await;
        };
        let offset = messenger.0.files.incoming.length(id).await.map_err(failed("an upload cannot be read"))?;
        let state = UploadProgress { id, offset, length: upload.length, expires_at: Some(upload.expires_at) };
        if offset < upload.length {
            return Ok(state);
        }
        let work = async move {
            let completed = complete(&messenger, &upload, &guard).await;
            drop(guard);
            completed
        };
        self.0.detached(work).await?;
        Ok(UploadProgress { expires_at: None, ..state })
    }

    /// An upload that is not complete and has not expired.
    pub(super) async fn pending(self, actor: Actor, id: FileId) -> Result<Option<Upload>> {
        let upload = self.0.0.store.upload(actor.user, id).await?;
        Ok(upload.filter(|upload| upload.expires_at > now_ms()))
    }

    async fn state_of_file(self, actor: Actor, id: FileId) -> Result<UploadProgress> {
        let length = self.outcome(actor, id).await?.upload_length;
        Ok(UploadProgress { id, offset: length, length, expires_at: None })
    }

    /// The file that an upload became.
    ///
    /// # Errors
    /// Why it was refused for its content, for an hour; [`Refusal::NotFound`] for every upload but the actor's own.
    pub(super) async fn outcome(self, actor: Actor, id: FileId) -> Result<StoredFile> {
        if let Some(refusal) = self.0.0.store.refusal_of_upload(actor.user, id).await? {
            return Err(refusal);
        }
        let file = self.0.0.store.readable_file(actor.user, id).await?;
        if file.owner == actor.user { Ok(file) } else { Err(Refusal::NotFound) }
    }

    /// Deletes an upload and its bytes, or the file that it became while that is unattached. The work continues if the
    /// caller is cancelled.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for every upload but the actor's own, and for an attached file.
    pub async fn cancel(self, actor: Actor, id: FileId) -> Result<()> {
        let messenger = self.0.clone();
        self.0.detached(async move { messenger.cancel_upload(actor, id).await }).await
    }
}

impl Messenger {
    async fn cancel_upload(&self, actor: Actor, id: FileId) -> Result<()> {
        let (store, files) = (&self.0.store, &self.0.files);
        if store.upload(actor.user, id).await?.is_none() {
            let file = store.readable_file(actor.user, id).await?;
            if file.owner != actor.user {
                return Err(Refusal::NotFound);
            }
        }
        let _guard = self.end_transfer(id).await?;
        store.delete_upload(actor.user, id).await?;
        self.0.files_released.notify_one();
        files.incoming.remove(id).await.map_err(failed("an upload cannot be removed"))
    }

    /// Ends the transfer of an upload, on whichever node it runs.
    async fn end_transfer(&self, id: FileId) -> Result<UploadGuard> {
        let signal = || self.signal(NodeSignal::EndTransfer { upload: id });
        let ended = self.0.files.transfers.end(id, signal).await;
        ended.map_err(failed("an upload cannot be locked"))?.ok_or(Refusal::Unavailable)
    }

    /// Ends the transfer of an upload, if one runs on this node: its client is connected to another one.
    pub(in crate::messenger) fn stop_transfer(&self, id: FileId) {
        self.0.files.transfers.stop(id);
    }

    /// Runs work that continues if the caller is cancelled.
    pub(super) async fn detached<T: Send + 'static, E: From<Refusal> + Send + 'static>(
        &self,
        work: impl Future<Output = std::result::Result<T, E>> + Send + 'static,
    ) -> std::result::Result<T, E> {
        let (sender, outcome) = tokio::sync::oneshot::channel();
        self.supervisor().spawn(async move { drop(sender.send(work.await)) });
        outcome.await.unwrap_or_else(|_| Err(Refusal::Unavailable.into()))
    }
}
