//! Receives the bytes of an upload. The transfer runs in a separate task, so that it ends in order when its connection
//! is cut: received bytes are on disk, and no write is in progress when the next transfer begins.

use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::time::{Instant, timeout, timeout_at};

use crate::{
    files::Appending,
    messenger::{
        actor::Actor,
        budget::CommandClass,
        inner::Messenger,
        uploads::{
            complete::complete,
            disk_budget::DiskReservation,
            lifetime::prolong,
            minimum_rate::MinimumRate,
            service::{UploadProgress, Uploads},
            storage::failed,
            transfers::Transfer,
        },
    },
    model::Upload,
};
use protocol::{error::Refusal, ids::FileId};

/// Bytes that are read and discarded, at most, and for how long.
const DRAINED: usize = 16 * 1024 * 1024;
const DRAINING: Duration = Duration::from_secs(5);

/// Why bytes are not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferRefusal {
    Refused(Refusal),
    /// The bytes do not begin where the upload ends.
    WrongOffset,
    /// Another transfer of this upload runs, or it is being completed.
    Busy,
    /// The bytes stopped or arrived too slowly, or their client asked for the offset. Received bytes are kept.
    Interrupted,
}

impl<E: Into<Refusal>> From<E> for TransferRefusal {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

type TransferResult<T> = Result<T, TransferRefusal>;

impl Uploads<'_> {
    /// Appends bytes at `offset`; the last byte turns the upload into a file. `length`: the number of bytes, if it is
    /// known.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for every upload but the actor's own; [`TransferRefusal::WrongOffset`],
    /// [`TransferRefusal::Busy`] and [`Refusal::FileTooLarge`] for bytes beyond the length, which leave the upload
    /// unchanged; [`TransferRefusal::Interrupted`]; the refusals of completion.
    pub async fn append<E: Send + 'static>(
        self,
        actor: Actor,
        id: FileId,
        offset: u64,
        length: Option<u64>,
        mut pieces: impl Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    ) -> TransferResult<UploadProgress> {
        let messenger = self.0.clone();
        messenger.spend(actor, CommandClass::Transfer, 1.0)?;
        if self.pending(actor, id).await?.is_none() {
            // The upload is a file already: nothing can be appended to it.
            self.outcome(actor, id).await?;
            return Err(TransferRefusal::WrongOffset);
        }
        let begun = messenger.0.files.transfers.begin(id).await;
        let Some(transfer) = begun.map_err(failed("an upload cannot be locked"))? else {
            read_to_end(&mut pieces).await;
            return Err(TransferRefusal::Busy);
        };
        let upload = self.pending(actor, id).await?.ok_or(Refusal::NotFound)?;
        let work = async move {
            let outcome = receive(&messenger, &upload, &transfer, offset, length, &mut pieces).await;
            drop(transfer);
            if matches!(outcome, Err(TransferRefusal::WrongOffset | TransferRefusal::Refused(_))) {
                read_to_end(&mut pieces).await;
            }
            outcome
        };
        self.0.detached(work).await
    }
}

async fn receive<E>(
    messenger: &Messenger,
    upload: &Upload,
    transfer: &Transfer,
    offset: u64,
    length: Option<u64>,
    pieces: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
) -> TransferResult<UploadProgress> {
    let files = &messenger.0.files;
    let there = files.incoming.length(upload.id).await.map_err(failed("an upload cannot be read"))?;
    if there != offset {
        return Err(TransferRefusal::WrongOffset);
    }
    let left = upload.length.saturating_sub(offset);
    if length.is_some_and(|length| length > left) {
        return Err(Refusal::FileTooLarge.into());
    }
    let reservation = files.disk.admit(length.unwrap_or(left))?;
    // A client that sends bytes knows the id. The expiry is extended before the transfer, because a crash, a slow
    // transfer or the completion may take long.
    let expires_at = if length == Some(0) { upload.expires_at } else { prolong(messenger, upload).await? };
    let mut appending = transfer.guard.append().await.map_err(failed("an upload cannot be opened"))?;
    let received = take(&mut appending, upload.length, reservation, transfer, pieces).await;
    // Received bytes are kept, however the transfer ended.
    let offset = appending.sync().await.map_err(failed("an upload cannot be written"))?;
    let is_complete = offset == upload.length;
    received?;
    if is_complete {
        complete(messenger, upload, &transfer.guard).await?;
    }
    let expires_at = (!is_complete).then_some(expires_at);
    Ok(UploadProgress { id: upload.id, offset, length: upload.length, expires_at })
}

/// Appends pieces until they end or go beyond the length.
async fn take<E>(
    appending: &mut Appending,
    length: u64,
    mut reservation: DiskReservation,
    transfer: &Transfer,
    pieces: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
) -> TransferResult<()> {
    let mut rate = MinimumRate::new(Instant::now());
    loop {
        let piece = tokio::select! {
            biased;
            () = transfer.stop.cancelled() => return Err(TransferRefusal::Interrupted),
            piece = timeout_at(rate.deadline(), pieces.next()) => piece,
        };
        let Ok(piece) = piece else { return Err(TransferRefusal::Interrupted) };
        let Some(piece) = piece else { return Ok(()) };
        let Ok(piece) = piece else { return Err(TransferRefusal::Interrupted) };
        if appending.length() + piece.len() as u64 > length {
            return Err(Refusal::FileTooLarge.into());
        }
        appending.write(&piece).await.map_err(failed("an upload cannot be written"))?;
        reservation.wrote(piece.len() as u64)?;
        rate.count(piece.len() as u64, Instant::now());
    }
}

/// Reads and discards the rest: a client that is still sending when the connection closes never sees the answer.
async fn read_to_end<E>(pieces: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin)) {
    let reading = async {
        let mut left = DRAINED;
        while let Some(Ok(piece)) = pieces.next().await
            && left > piece.len()
        {
            left -= piece.len();
        }
    };
    let _ = timeout(DRAINING, reading).await;
}
