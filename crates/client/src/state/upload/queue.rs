//! The queue of a window: the files of every room, in its tray or of messages that wait for them. Three are sent at a
//! time.

use serde::Serialize;

use crate::state::{
    unsent_message::UnsentMessage,
    upload::transfer::{Answer, FileTransfer, Request, UploadFault},
};
use protocol::{
    file::Attachment,
    ids::{FileId, MessageId, RoomId},
    limit::FILES,
    message::{Mentions, Quote},
};

/// Files that are sent at a time.
const AT_ONCE: usize = 3;

/// A file that the user chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// When the file was last changed, UTC milliseconds. With name and size it identifies a file that is chosen again.
    pub modified: i64,
    /// The browser's guess; the server decides by the bytes.
    pub media_type: String,
}

/// The state of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Waiting,
    Running,
    Done(FileId),
    Failed(UploadFault),
    /// The page was reloaded: the user must choose the file again.
    Missing,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingFile {
    /// Identifies the upload in this window.
    pub key: u32,
    pub room: RoomId,
    /// The message that waits for it; `None` while it is in the tray.
    pub message: Option<MessageId>,
    pub file: NewFile,
    /// Whether it is sent as an original file, with its metadata.
    pub is_original: bool,
    pub transfer: FileTransfer,
    /// Bytes of the request in progress.
    pub in_flight: u64,
    pub phase: Phase,
}

/// A message that waits for its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outgoing {
    pub id: MessageId,
    pub body: String,
    pub reply_to: Option<Quote>,
    /// The mentions in its text.
    pub mentions: Mentions,
    /// Whether it asks for confirmations.
    pub asks_confirmation: bool,
    /// UTC milliseconds of the browser's clock.
    pub sent_at: i64,
}

/// A file in the browser's storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptFile {
    pub name: String,
    pub size: u64,
    pub modified: i64,
    pub media_type: String,
    pub is_original: bool,
    pub message: Option<MessageId>,
    pub id: Option<FileId>,
    pub offset: u64,
}

/// The record of one room in the browser's storage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KeptFiles {
    pub files: Vec<KeptFile>,
    pub outgoing: Vec<Outgoing>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadQueue {
    uploads: Vec<OutgoingFile>,
    outgoing: Vec<(RoomId, Outgoing)>,
    last_key: u32,
    /// The server's limit of a file's size, once it is known.
    pub largest: Option<u64>,
}

impl OutgoingFile {
    pub fn is_picture(&self) -> bool {
        is_picture(&self.file.media_type)
    }

    /// Bytes that have arrived, or are being sent.
    pub fn sent(&self) -> u64 {
        (self.transfer.offset + self.in_flight).min(self.file.size)
    }

    /// 0 to 100.
    pub fn percent(&self) -> u64 {
        if matches!(self.phase, Phase::Done(_)) { 100 } else { (self.sent() * 100 / self.file.size.max(1)).min(99) }
    }

    fn is_of(&self, room: RoomId, message: Option<MessageId>) -> bool {
        self.room == room && self.message == message
    }
}

/// Whether a browser shows a file of this type as a picture.
pub(super) fn is_picture(media_type: &str) -> bool {
    matches!(media_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

impl UploadQueue {
    /// The files of a room's tray, or of a waiting message, in the order in which they were chosen.
    pub fn of(&self, room: RoomId, message: Option<MessageId>) -> impl Iterator<Item = &OutgoingFile> {
        self.uploads.iter().filter(move |upload| upload.is_of(room, message))
    }

    /// All files of a room, in its tray or not.
    pub fn all_of(&self, room: RoomId) -> impl Iterator<Item = &OutgoingFile> {
        self.uploads.iter().filter(move |upload| upload.room == room)
    }

    pub fn find(&self, key: u32) -> Option<&OutgoingFile> {
        self.uploads.iter().find(|upload| upload.key == key)
    }

    fn find_mut(&mut self, key: u32) -> Option<&mut OutgoingFile> {
        self.uploads.iter_mut().find(|upload| upload.key == key)
    }

    /// The messages of a room that wait for files.
    pub fn outgoing(&self, room: RoomId) -> impl Iterator<Item = &Outgoing> {
        self.outgoing.iter().filter(move |(of, _)| *of == room).map(|(_, outgoing)| outgoing)
    }

    /// Whether files may be lost if the window closes.
    pub fn is_busy(&self) -> bool {
        self.uploads.iter().any(|upload| matches!(upload.phase, Phase::Waiting | Phase::Running))
    }

    /// How many more files fit into a room's tray.
    pub fn free(&self, room: RoomId) -> usize {
        FILES.saturating_sub(self.of(room, None).count())
    }

    /// Adds a chosen file: a missing upload continues with it, otherwise it joins the tray. Returns its key; `None` if
    /// the tray is full.
    pub fn add(&mut self, room: RoomId, file: NewFile, is_original: bool) -> Option<u32> {
        let is_same = |upload: &&mut OutgoingFile| {
            let known = &upload.file;
            upload.room == room
                && upload.phase == Phase::Missing
                && (&known.name, known.size, known.modified) == (&file.name, file.size, file.modified)
        };
        if let Some(upload) = self.uploads.iter_mut().find(is_same) {
            upload.phase = Phase::Waiting;
            return Some(upload.key);
        }
        if self.free(room) == 0 {
            return None;
        }
        let transfer = FileTransfer::new(file.size);
        Some(self.push(room, None, file, is_original, transfer, Phase::Waiting))
    }

    fn push(
        &mut self,
        room: RoomId,
        message: Option<MessageId>,
        file: NewFile,
        is_original: bool,
        transfer: FileTransfer,
        phase: Phase,
    ) -> u32 {
        self.last_key += 1;
        let key = self.last_key;
        self.uploads.push(OutgoingFile { key, room, message, file, is_original, transfer, in_flight: 0, phase });
        key
    }

    /// Marks the next uploads as running, and returns them.
    pub fn start(&mut self) -> Vec<u32> {
        let running = self.uploads.iter().filter(|upload| upload.phase == Phase::Running).count();
        let waiting = self.uploads.iter_mut().filter(|upload| upload.phase == Phase::Waiting);
        let started = waiting.take(AT_ONCE.saturating_sub(running));
        started
            .map(|upload| {
                upload.phase = Phase::Running;
                upload.key
            })
            .collect()
    }

    /// The next request of a running upload.
    pub fn request(&self, key: u32) -> Option<Request> {
        self.find(key).filter(|upload| upload.phase == Phase::Running)?.transfer.request()
    }

    /// Reports the sent bytes of the request in progress.
    pub fn progress(&mut self, key: u32, in_flight: u64) {
        if let Some(upload) = self.find_mut(key) {
            upload.in_flight = in_flight;
        }
    }

    /// Applies an answer; returns how long to wait before the next request, in milliseconds.
    pub fn answer(&mut self, key: u32, answer: &Answer, random: f64) -> u32 {
        let Some(upload) = self.find_mut(key).filter(|upload| upload.phase == Phase::Running) else { return 0 };
        let wait = upload.transfer.answer(answer, random);
        upload.in_flight = 0;
        match (wait, upload.transfer.completed()) {
            (Err(fault), _) => upload.phase = Phase::Failed(fault),
            (Ok(_), Some(id)) => upload.phase = Phase::Done(id),
            (Ok(wait), None) => return wait,
        }
        0
    }

    /// The id of an upload that was removed before the server's answer named it: the caller deletes it on the server.
    pub fn orphan(&self, key: u32, answer: &Answer) -> Option<FileId> {
        answer.id.filter(|_| self.find(key).is_none())
    }

    /// The browser does not have the file of an upload any more.
    pub fn miss(&mut self, key: u32) {
        self.find_mut(key).into_iter().for_each(|upload| upload.phase = Phase::Missing);
    }

    pub fn retry(&mut self, key: u32) {
        if let Some(upload) = self.find_mut(key).filter(|upload| matches!(upload.phase, Phase::Failed(_))) {
            upload.transfer.retry();
            upload.phase = Phase::Waiting;
        }
    }

    /// Removes an upload; returns its id, which the caller deletes on the server. An upload that is being created has
    /// no id yet: see [`Self::orphan`].
    pub fn remove(&mut self, key: u32) -> Option<FileId> {
        let index = self.uploads.iter().position(|upload| upload.key == key)?;
        self.uploads.remove(index).transfer.id
    }

    /// Sends the files of a room's tray with a text, once all of them are complete.
    pub fn send(&mut self, room: RoomId, outgoing: Outgoing) {
        for upload in self.uploads.iter_mut().filter(|upload| upload.is_of(room, None)) {
            upload.message = Some(outgoing.id);
        }
        self.outgoing.push((room, outgoing));
    }

    /// Cancels a waiting message: its files return to the tray, its text to the caller.
    pub fn take_back(&mut self, message: MessageId) -> Option<Outgoing> {
        let index = self.outgoing.iter().position(|(_, outgoing)| outgoing.id == message)?;
        self.uploads
            .iter_mut()
            .filter(|upload| upload.message == Some(message))
            .for_each(|upload| upload.message = None);
        Some(self.outgoing.remove(index).1)
    }

    /// The messages that lost all their files, whose texts return to the composer.
    pub fn take_emptied(&mut self, room: RoomId) -> Vec<Outgoing> {
        let ids: Vec<MessageId> = self.outgoing(room).map(|outgoing| outgoing.id).collect();
        let emptied = ids.into_iter().filter(|id| self.of(room, Some(*id)).next().is_none()).collect::<Vec<_>>();
        emptied.into_iter().filter_map(|id| self.take_back(id)).collect()
    }

    /// The messages whose files are all complete.
    pub fn take_ready(&mut self) -> Vec<(RoomId, UnsentMessage)> {
        let (waiting, ready) = std::mem::take(&mut self.outgoing).into_iter().partition(|(_, outgoing)| {
            let mut files = self.uploads.iter().filter(|upload| upload.message == Some(outgoing.id)).peekable();
            files.peek().is_none() || files.any(|upload| !matches!(upload.phase, Phase::Done(_)))
        });
        self.outgoing = waiting;
        ready.into_iter().map(|(room, outgoing)| (room, self.unsent(outgoing))).collect()
    }

    fn unsent(&mut self, outgoing: Outgoing) -> UnsentMessage {
        let Outgoing { id, body, reply_to, mentions, asks_confirmation, sent_at } = outgoing;
        let is_its = |upload: &mut OutgoingFile| upload.message == Some(id);
        let files = self.uploads.extract_if(.., is_its).filter_map(|upload| attachment(&upload)).collect();
        UnsentMessage { id, body, reply_to, files, is_edit: false, mentions, asks_confirmation, sent_at, refused: None }
    }

    /// Whether the pictures of a room's tray are sent as original files.
    pub fn is_original(&self, room: RoomId) -> bool {
        self.of(room, None).any(|upload| upload.is_original && upload.is_picture())
    }

    /// Sends the pictures of a room's tray again, as original files or without metadata. After a reload the browser may
    /// not have their files: such a picture stays without metadata, and an original one must be chosen again. Returns
    /// the old keys with the new ones, and the ids to delete.
    pub fn set_original(
        &mut self,
        room: RoomId,
        is_original: bool,
        is_held: impl Fn(u32) -> bool,
    ) -> Vec<(u32, u32, Option<FileId>)> {
        let mut changed = Vec::new();
        let key_after = self.last_key;
        for upload in self.uploads.iter_mut().filter(|upload| upload.is_of(room, None) && upload.is_picture()) {
            let is_held = is_held(upload.key);
            if upload.is_original != is_original && (is_held || !is_original) {
                let (old, key) = (upload.key, key_after + changed.len() as u32 + 1);
                changed.push((old, key, upload.transfer.id));
                (upload.key, upload.is_original, upload.in_flight) = (key, is_original, 0);
                upload.transfer = FileTransfer::new(upload.file.size);
                upload.phase = if is_held { Phase::Waiting } else { Phase::Missing };
            }
        }
        self.last_key += changed.len() as u32;
        changed
    }

    /// The record of a room for the storage.
    pub fn kept(&self, room: RoomId) -> KeptFiles {
        let uploads = self.uploads.iter().filter(|upload| upload.room == room);
        let files = uploads.map(|upload| KeptFile {
            name: upload.file.name.clone(),
            size: upload.file.size,
            modified: upload.file.modified,
            media_type: upload.file.media_type.clone(),
            is_original: upload.is_original,
            message: upload.message,
            id: upload.transfer.id,
            offset: upload.transfer.offset,
        });
        KeptFiles { files: files.collect(), outgoing: self.outgoing(room).cloned().collect() }
    }

    /// Restores a record from the storage: the server is asked whether complete files still exist; the user must choose
    /// the others again.
    pub fn restore(&mut self, room: RoomId, kept: KeptFiles) {
        for file in kept.files {
            let KeptFile { name, size, modified, media_type, is_original, message, id, offset } = file;
            let phase = id.filter(|_| offset >= size).map_or(Phase::Missing, |_| Phase::Waiting);
            let transfer = FileTransfer::resumed(size, id, offset);
            self.push(room, message, NewFile { name, size, modified, media_type }, is_original, transfer, phase);
        }
        self.outgoing.extend(kept.outgoing.into_iter().map(|outgoing| (room, outgoing)));
    }
}

/// A complete upload as the unsent message shows it.
fn attachment(upload: &OutgoingFile) -> Option<Attachment> {
    let Phase::Done(id) = upload.phase else { return None };
    let NewFile { name, size, media_type, .. } = upload.file.clone();
    Some(Attachment { id, name, media_type, size, preview: None, text: None })
}
