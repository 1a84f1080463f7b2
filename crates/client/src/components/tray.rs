//! The tray above the composer: the files of the next message, and the messages that wait for their files.

use leptos::prelude::*;

use crate::{
    components::{
        attach::PICKER,
        attachments::file_line,
        icon::{Drawing, Icon},
    },
    platform,
    room::{ComposerMode, attaching::TrayTask, session::RoomSession, uploader::Uploader},
    state::{
        attachment::size_text,
        upload::{Outgoing, OutgoingFile, Phase, UploadFault, UploadSteps},
    },
    text::{file::file_words as words, with_count, with_name, with_names},
    user_storage::UnsentChanged,
    view::{clicked, derived, effect, list, moved, part, when},
};
use protocol::{ids::MessageId, limit::FILES};

/// The state that the tray's components share.
#[derive(Clone, Copy)]
struct TrayFiles {
    session: RoomSession,
    uploader: Uploader,
    is_original: RwSignal<bool>,
    /// Why some of the chosen files are not in the tray.
    note: RwSignal<String>,
}

impl TrayFiles {
    fn follow_tasks(self) {
        self.session.attaching.asked.track();
        for task in self.session.attaching.take_tasks() {
            match task {
                TrayTask::Add(files) => {
                    let count = files.len();
                    let room = self.session.room();
                    let (large, left_over) = self.uploader.add(room, files, self.is_original.get_untracked());
                    let added = count - large.len() - left_over;
                    self.explain(large, left_over);
                    if added > 0 {
                        self.session.status.set(with_count(words().files_added, added));
                    }
                }
                TrayTask::Send(message) => {
                    self.note.set(String::new());
                    self.uploader.send(self.session.room(), message);
                    if self
                        .uploader
                        .uploads
                        .with_untracked(|uploads| uploads.outgoing(self.session.room()).next().is_some())
                    {
                        self.session.status.set(words().sends_after.to_owned());
                    }
                }
            }
        }
    }

    fn explain(self, large: Vec<String>, left_over: usize) {
        let limit = self.uploader.uploads.with_untracked(|uploads| uploads.largest.map(size_text).unwrap_or_default());
        let too_large = large.iter().map(|name| with_names(words().large_file, name, &limit));
        let too_many = (left_over > 0).then(|| with_count(words().too_many_files, FILES));
        self.note.set(too_large.chain(too_many).collect::<Vec<_>>().join("\n"));
    }

    /// Publishes the tray's content to the composer and to screen readers.
    fn follow_uploads(self, steps: &mut UploadSteps) {
        let room = self.session.room();
        let (count, spoken) =
            self.uploader.uploads.with(|uploads| (uploads.of(room, None).count(), steps.next(uploads, room)));
        if self.session.attaching.count.get_untracked() != count {
            self.session.attaching.count.set(count);
        }
        let words = words();
        if let Some(spoken) = spoken {
            self.session.status.set(match spoken {
                (Some(name), _) => with_name(words.upload_failed, &name),
                (None, 100) => words.all_uploaded.to_owned(),
                (None, percent) => with_count(words.upload_percent, percent),
            });
        }
    }

    fn keys(self, message: Option<MessageId>) -> Vec<u32> {
        let room = self.session.room();
        self.uploader.uploads.with(|uploads| uploads.of(room, message).map(|upload| upload.key).collect())
    }

    fn cancel(self, key: u32) {
        self.note.set(String::new());
        let name = self.uploader.uploads.with_untracked(|uploads| uploads.find(key).map(|file| file.file.name.clone()));
        let emptied = self.uploader.cancel(self.session.room(), key);
        emptied.into_iter().for_each(|message| self.return_text(message));
        name.into_iter().for_each(|name| self.session.status.set(with_name(words().upload_removed, &name)));
        platform::after(std::time::Duration::ZERO, || platform::give_back(None));
    }

    fn take_back(self, message: MessageId) {
        let taken = self.uploader.uploads.try_update(|uploads| uploads.take_back(message)).flatten();
        taken.into_iter().for_each(|message| self.return_text(message));
        platform::focus("#composer");
    }

    /// Puts the text of a message that was not sent before the text that the user has typed since.
    fn return_text(self, message: Outgoing) {
        let draft = self.session.drafts.draft;
        let parts = [message.body, draft.get_untracked()];
        draft.set(parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("\n"));
        if let Some(quote) = message.reply_to
            && self.session.mode.with_untracked(|mode| *mode == ComposerMode::New)
        {
            self.session.mode.set(ComposerMode::Reply(quote));
        }
    }
}

#[component]
pub fn Tray() -> impl IntoView {
    let session = RoomSession::current();
    let me = session.conversation.with_untracked(|conversation| conversation.me);
    let (is_original, note) = (RwSignal::new(false), RwSignal::new(String::new()));
    let tray = TrayFiles { session, uploader: Uploader::of(me), is_original, note };
    tray.uploader.show(session);
    effect(move || tray.follow_tasks());
    let mut steps = UploadSteps::default();
    effect(move || tray.follow_uploads(&mut steps));
    let waiting = Memo::new(move |_| {
        tray.uploader.uploads.with(|uploads| {
            uploads.outgoing(session.room()).map(|message| (message.id, message.body.clone())).collect::<Vec<_>>()
        })
    });
    let keys = Memo::new(move |_| tray.keys(None));
    let is_empty = Memo::new(move |_| keys.read().is_empty() && waiting.read().is_empty() && note.read().is_empty());
    // A reason of a failure, a button to choose the file again: each phase has another height.
    let phases = Memo::new(move |_| {
        tray.uploader
            .uploads
            .with(|uploads| uploads.all_of(session.room()).map(|upload| upload.phase).collect::<Vec<_>>())
    });
    let changed = use_context::<UnsentChanged>();
    effect(move || {
        phases.track();
        waiting.track();
        note.track();
        session.resized.notify();
        // The list marks the room once the uploads are in the storage.
        if let Some(UnsentChanged(changed)) = changed {
            platform::after(std::time::Duration::ZERO, move || changed.notify());
        }
    });
    let has_pictures =
        move || tray.uploader.uploads.with(|uploads| uploads.of(session.room(), None).any(OutgoingFile::is_picture));
    view! {
        <section class="tray" aria-label=words().tray data-region hidden=derived(move || is_empty.get())>
            {list(move || waiting.get(), move |(id, body)| view! { <WaitingMessage tray id body /> }.into_any())}
            <ul class="tray-files">{list(move || keys.get(), move |key| view! { <TrayFile tray key /> }.into_any())}</ul>
            <p class="tray-note" role="alert" hidden=derived(move || note.read().is_empty())>{derived(move || note.get())}</p>
            {when(has_pictures, move || view! { <OriginalChoice tray /> }.into_any())}
        </section>
    }
}

/// A message that waits for its files. The user can type the next one meanwhile.
#[component]
fn WaitingMessage(tray: TrayFiles, id: MessageId, body: String) -> impl IntoView {
    let words = words();
    view! {
        <div class="tray-message" role="group" aria-label=words.sends_after>
            <p class="tray-line">
                <b>{words.sends_after}</b>" "<span dir="auto">{body}</span>
            </p>
            <button class="button" type="button" on:click=clicked(move |_| tray.take_back(id))>{words.take_back}</button>
            <ul class="tray-files">{list(move || tray.keys(Some(id)), move |key| view! { <TrayFile tray key /> }.into_any())}</ul>
        </div>
    }
}

#[component]
fn OriginalChoice(tray: TrayFiles) -> impl IntoView {
    // For files from before a reload, or before another room was shown.
    if tray.uploader.uploads.with_untracked(|uploads| uploads.is_original(tray.session.room())) {
        tray.is_original.set(true);
    }
    let choose = move |event| {
        let is_original = event_target_checked(&event);
        tray.is_original.set(is_original);
        tray.uploader.set_original(tray.session.room(), is_original);
    };
    view! {
        <label class="check"><input type="checkbox" prop:checked=derived(move || tray.is_original.get()) on:change=moved(choose) />{words().original}</label>
    }
}

#[component]
fn TrayFile(tray: TrayFiles, key: u32) -> impl IntoView {
    let upload = Memo::new(move |_| tray.uploader.uploads.with(|uploads| uploads.find(key).cloned()));
    let Some(first) = upload.get_untracked() else { return ().into_any() };
    let (name, size) = (first.file.name.clone(), first.file.size);
    let phase = Memo::new(move |_| upload.read().as_ref().map(|upload| upload.phase));
    let percent = Memo::new(move |_| upload.read().as_ref().map_or(0, OutgoingFile::percent));
    let is_done = move || matches!(phase.get(), Some(Phase::Done(_)));
    let bar = name.clone();
    let cancel_label = with_name(words().cancel_file, &name);
    let thumbnail = first
        .is_picture()
        .then(|| view! { <Thumbnail key has_file=derived(move || phase.get() != Some(Phase::Missing)) /> });
    view! {
        <li class="tray-file" data-phase=derived(move || phase_name(phase.get()))>
            {thumbnail}
            {file_line(&name, &first.file.media_type, size)}
            <span class="tray-state">{part(move || view! { <UploadState tray key phase=phase.get() /> }.into_any())}</span>
            {when(move || !is_done(), move || view! { <progress max="100" value=derived(move || percent.get().to_string()) aria-label=bar.clone()></progress> }.into_any())}
            <button class="plain" type="button" aria-label=cancel_label on:click=clicked(move |_| tray.cancel(key))><Icon drawing=Drawing::Close /></button>
        </li>
    }
    .into_any()
}

fn phase_name(phase: Option<Phase>) -> &'static str {
    match phase {
        Some(Phase::Done(_)) => "done",
        Some(Phase::Failed(_)) => "failed",
        Some(Phase::Missing) => "missing",
        _ => "running",
    }
}

/// The state of an upload in words, with the possible actions.
#[component]
fn UploadState(tray: TrayFiles, key: u32, phase: Option<Phase>) -> impl IntoView {
    let words = words();
    let percent = move || tray.uploader.uploads.with(|uploads| uploads.find(key).map_or(0, OutgoingFile::percent));
    match phase {
        Some(Phase::Waiting) => view! { {words.waiting} }.into_any(),
        Some(Phase::Running) => view! { {derived(move || format!("{}%", percent()))} }.into_any(),
        Some(Phase::Done(_)) => view! { {words.uploaded} }.into_any(),
        Some(Phase::Missing) => view! {
            <span>{words.missing}</span>
            <button class="button" type="button" on:click=clicked(|_| platform::pick_files(PICKER, "", None))>{words.choose_file}</button>
        }
        .into_any(),
        Some(Phase::Failed(fault)) => {
            let name = tray.uploader.uploads.with_untracked(|uploads| uploads.find(key).map(|upload| upload.file.name.clone()));
            let label = with_name(words.retry_file, &name.unwrap_or_default());
            view! {
                <span>{fault_text(fault)}</span>
                <button class="button" type="button" aria-label=label on:click=clicked(move |_| tray.uploader.retry(key))>{words.retry_upload}</button>
            }
            .into_any()
        }
        None => ().into_any(),
    }
}

fn fault_text(fault: UploadFault) -> &'static str {
    let words = words();
    match fault {
        UploadFault::Refused(refusal) => words.refusal(refusal),
        UploadFault::Proxy => words.proxy,
        UploadFault::Unreadable => words.unreadable,
    }
}

/// A thumbnail of a file that the browser still holds.
#[component]
fn Thumbnail(key: u32, has_file: Signal<bool>) -> impl IntoView {
    let address = RwSignal::new(None::<String>);
    effect(move || {
        if has_file.get() && address.get_untracked().is_none() {
            address.set(platform::address_of_file(key));
        }
    });
    on_cleanup(move || address.get_untracked().iter().for_each(|address| platform::revoke_address(address)));
    view! { {part(move || address.get().map_or_else(|| ().into_any(), |address| view! { <img class="thumbnail" src=address alt="" /> }.into_any()))} }
}
