//! Uploads the files of this window, of all its rooms: an upload continues while another room is shown. Its code loads
//! with the tray.

use std::cell::OnceCell;

use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};
use serde_json::Value;
use wasm_bindgen::closure::Closure;
use web_sys::ProgressEvent;

use crate::{
    decode::Decode,
    platform::{self, ChosenFile, FileRequest, FileResponse},
    room::session::RoomSession,
    state::{
        local_time::LocalTime,
        upload::{Answer, FileTransfer, KeptFiles, NewFile, Outgoing, Request, UploadQueue, metadata},
    },
    text::{date, words},
    user_storage::UserStorage,
    view::effect,
};
use protocol::ids::{FileId, RoomId, UserId};

/// The shortest time between two shown steps of progress.
const PROGRESS_EVERY_MS: i64 = 150;
/// The key of requests that belong to no upload.
const NO_UPLOAD: u32 = 0;
/// The name that browsers give a picture without a file.
const NAMELESS: &str = "image.png";

thread_local! {
    static UPLOADER: OnceCell<(Owner, Uploader)> = const { OnceCell::new() };
}

/// The uploads of this window, and the rooms that it shows.
#[derive(Clone, Copy)]
pub struct Uploader {
    me: UserId,
    storage: UserStorage,
    pub uploads: RwSignal<UploadQueue>,
    /// The shown rooms, which post their completed messages.
    shown: StoredValue<Vec<RoomSession>>,
    /// The rooms whose record in the storage this window writes, and the record.
    kept: RwSignal<Vec<(RoomId, KeptFiles)>>,
    /// The rooms whose record this window writes or waits to write.
    claimed: StoredValue<Vec<RoomId>>,
}

impl Uploader {
    /// The uploader of this window. It outlives the component that first requests it.
    pub fn of(me: UserId) -> Self {
        UPLOADER.with(|uploader| uploader.get_or_init(|| begin(me)).1)
    }

    fn new(me: UserId) -> Self {
        Self {
            me,
            storage: UserStorage::new(me),
            uploads: RwSignal::new(UploadQueue::default()),
            shown: StoredValue::new(Vec::new()),
            kept: RwSignal::new(Vec::new()),
            claimed: StoredValue::new(Vec::new()),
        }
    }

    /// Shows a room until the current owner is cleaned up. Restores the room's record from the storage, unless another
    /// window of the browser does that.
    pub fn show(self, session: RoomSession) {
        let room = session.room();
        self.shown.update_value(|shown| shown.push(session));
        on_cleanup(move || self.shown.update_value(|shown| shown.retain(|other| other.room() != room)));
        let is_new = self.claimed.try_update_value(|claimed| {
            let is_new = !claimed.contains(&room);
            claimed.extend(Some(room).filter(|_| is_new));
            is_new
        });
        if is_new == Some(true) {
            let restore = move || {
                self.uploads.update(|uploads| uploads.restore(room, self.storage.files(room)));
                self.kept.update(|kept| kept.push((room, KeptFiles::default())));
                self.deliver();
                // Only the server knows whether a file that was complete before the reload still exists.
                self.start();
            };
            platform::on_elected(&format!("files.{room}"), restore);
        }
    }

    /// Adds chosen files to a room's tray. Returns the names of files that are too large, and how many did not fit.
    pub fn add(self, room: RoomId, files: Vec<ChosenFile>, is_original: bool) -> (Vec<String>, usize) {
        let (mut large, mut left_over) = (Vec::new(), 0);
        self.uploads.update(|uploads| {
            for chosen in files {
                let file = describe(&chosen);
                if uploads.largest.is_some_and(|largest| file.size > largest) {
                    large.push(file.name);
                } else if let Some(key) = uploads.add(room, file, is_original) {
                    platform::hold_file(key, chosen.file);
                } else {
                    left_over += 1;
                }
            }
        });
        self.start();
        (large, left_over)
    }

    /// Sends the files of a room's tray with a text.
    pub fn send(self, room: RoomId, message: Outgoing) {
        self.uploads.update(|uploads| uploads.send(room, message));
        self.deliver();
    }

    /// Cancels an upload. Returns the messages that lost their last file.
    pub fn cancel(self, room: RoomId, key: u32) -> Vec<Outgoing> {
        platform::release_file(key);
        let removed = self.uploads.try_update(|uploads| (uploads.remove(key), uploads.take_emptied(room)));
        let (id, emptied) = removed.unwrap_or_default();
        self.discard(key, id);
        self.deliver();
        self.start();
        emptied
    }

    pub fn retry(self, key: u32) {
        self.uploads.update(|uploads| uploads.retry(key));
        self.start();
    }

    /// Sends the pictures of a room's tray as original files, or without their metadata.
    pub fn set_original(self, room: RoomId, is_original: bool) {
        let is_held = |key| platform::held_file(key).is_some();
        let changed = self.uploads.try_update(|uploads| uploads.set_original(room, is_original, is_held));
        for (old, new, id) in changed.unwrap_or_default() {
            platform::release_file(old).into_iter().for_each(|file| platform::hold_file(new, file));
            self.discard(old, id);
        }
        self.start();
    }

    /// Ends the request of a removed upload. A request that creates the upload continues, because its answer has the id
    /// to delete.
    fn discard(self, key: u32, id: Option<FileId>) {
        if id.is_some() {
            platform::abort_request(key);
        }
        self.delete(id);
    }

    fn delete(self, id: Option<FileId>) {
        let Some(mut deletion) = id.map(FileTransfer::deletion) else { return };
        spawn_local(async move {
            while let Some(request) = deletion.request().and_then(|request| self.request(NO_UPLOAD, request)) {
                let answer = answer_to(NO_UPLOAD, request, &nothing()).await;
                let Ok(wait) = deletion.answer(&answer, platform::random()) else { break };
                TimeoutFuture::new(wait).await;
            }
        });
    }

    /// Starts uploads until the limit is reached.
    fn start(self) {
        let started = self.uploads.try_update(UploadQueue::start).unwrap_or_default();
        started.into_iter().for_each(|key| spawn_local(self.run(key)));
    }

    /// Sends one file, request after request, until it is complete, fails, or is cancelled.
    async fn run(self, key: u32) {
        let shown_at = std::cell::Cell::new(0);
        let on_progress = Closure::new(move |event: ProgressEvent| {
            let now = platform::now_ms();
            if now - shown_at.get() > PROGRESS_EVERY_MS {
                shown_at.set(now);
                self.uploads.update(|uploads| uploads.progress(key, event.loaded() as u64));
            }
        });
        while let Some(request) = self.uploads.with_untracked(|uploads| uploads.request(key)) {
            let Some(request) = self.request(key, request) else {
                self.uploads.update(|uploads| uploads.miss(key));
                break;
            };
            let answer = answer_to(key, request, &on_progress).await;
            self.delete(self.uploads.with_untracked(|uploads| uploads.orphan(key, &answer)));
            let random = platform::random();
            let wait = self.uploads.try_update(|uploads| uploads.answer(key, &answer, random)).unwrap_or_default();
            if wait > 0 {
                TimeoutFuture::new(wait).await;
            }
        }
        self.deliver();
        self.start();
    }

    fn request(self, key: u32, request: Request) -> Option<FileRequest> {
        let (method, path, headers, body) = match request {
            Request::Create => {
                platform::held_file(key)?;
                let (size, metadata) = self
                    .uploads
                    .with_untracked(|uploads| uploads.find(key).map(|upload| (upload.file.size, metadata(upload))))?;
                let headers = vec![("Upload-Length", size.to_string()), ("Upload-Metadata", metadata)];
                ("POST", format!("/files?as={}", self.me), headers, None)
            }
            Request::Ask(id) => ("HEAD", path_of(id), Vec::new(), None),
            Request::Send { id, from, until } => {
                let headers = vec![
                    ("Upload-Offset", from.to_string()),
                    ("Content-Type", "application/offset+octet-stream".to_owned()),
                ];
                ("PATCH", path_of(id), headers, Some(platform::slice_of(key, from, until)?))
            }
            Request::Delete(id) => ("DELETE", path_of(id), Vec::new(), None),
        };
        Some(FileRequest { method, path, headers, body })
    }

    /// Posts the messages whose files are complete; in a room that is not shown they become unsent messages.
    fn deliver(self) {
        let ready = self.uploads.try_update(UploadQueue::take_ready).unwrap_or_default();
        for (room, unsent) in ready {
            let session = self.shown.with_value(|shown| shown.iter().find(|session| session.room() == room).copied());
            match session {
                Some(session) => {
                    session.status.set(words().all_uploaded.to_owned());
                    session.post_waiting(unsent);
                }
                None => self.storage.save(room, &unsent),
            }
        }
    }

    /// Writes the pending uploads into the storage.
    fn keep(self) {
        self.uploads.with(|uploads| {
            self.kept.update(|kept| {
                for (room, kept) in kept {
                    let now = uploads.kept(*room);
                    if now != *kept {
                        self.storage.save_files(*room, &now);
                        *kept = now;
                    }
                }
            });
        });
    }

    /// Requests the limit of a file's size.
    async fn ask_limits(self) {
        let request = FileRequest { method: "OPTIONS", path: "/files".to_owned(), headers: Vec::new(), body: None };
        let response = platform::send_request(NO_UPLOAD, request, &nothing()).await;
        let largest = response.and_then(|response| response.header("Tus-Max-Size")?.parse().ok());
        self.uploads.update(|uploads| uploads.largest = largest);
    }
}

fn begin(me: UserId) -> (Owner, Uploader) {
    let before = Owner::current();
    let owner = Owner::new_root(None);
    let uploader = owner.with(|| {
        let uploader = Uploader::new(me);
        effect(move || uploader.keep());
        platform::ask_before_leaving(move || uploader.uploads.with_untracked(UploadQueue::is_busy));
        uploader
    });
    before.iter().for_each(Owner::set);
    spawn_local(uploader.ask_limits());
    (owner, uploader)
}

fn path_of(id: FileId) -> String {
    format!("/files/{id}")
}

fn nothing() -> Closure<dyn Fn(ProgressEvent)> {
    Closure::new(|_| {})
}

async fn answer_to(key: u32, request: FileRequest, on_progress: &Closure<dyn Fn(ProgressEvent)>) -> Answer {
    let body = request.body.clone();
    let response = platform::send_request(key, request, on_progress).await;
    let mut answer = response.map(|response| read(&response)).unwrap_or_default();
    if let Some(body) = body.filter(|_| answer.status == 0) {
        answer.is_unreadable = !platform::is_readable(&body).await;
    }
    answer
}

/// Parses an answer.
fn read(response: &FileResponse) -> Answer {
    let body = serde_json::from_str::<Value>(&response.body()).ok();
    let code = body
        .and_then(|body| body.get("error").cloned())
        .or_else(|| response.header("Upload-Refused").map(Value::String));
    let number = |header| response.header(header).and_then(|number| number.parse().ok());
    Answer {
        status: response.status(),
        id: response.header("Location").and_then(|location| location.rsplit('/').next()?.parse().ok()),
        offset: number("Upload-Offset"),
        length: number("Upload-Length"),
        refusal: code.and_then(|code| Decode::decode(&code)),
        is_of_server: response.header("Tus-Resumable").is_some(),
        is_unreadable: false,
    }
}

/// A picture from the clipboard is named after the time.
fn describe(chosen: &ChosenFile) -> NewFile {
    let file = &chosen.file;
    let (mut name, mut modified) = (file.name(), file.last_modified() as i64);
    if chosen.is_pasted && name == NAMELESS {
        modified = platform::now_ms();
        let time = LocalTime::new(modified, platform::utc_offset(modified));
        let second = modified / 1_000 % 60;
        name = format!("{} {}.png", words().screenshot, date::in_name(time, second));
    }
    NewFile { name, size: file.size() as u64, modified, media_type: file.type_() }
}
