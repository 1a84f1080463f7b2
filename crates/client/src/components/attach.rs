//! Adds files to a message: by the button next to the composer, by a paste, or by a drop on the conversation. The tray
//! shows and uploads them; its part loads with the first file.

use leptos::{ev::MouseEvent, prelude::*};
use web_sys::Event;

use crate::{
    components::{
        icon::{Drawing, Icon},
        send_menu::{choose_option, send_options},
    },
    dialogs::{Dialog, FilesView, dialog},
    platform,
    room::session::RoomSession,
    text::words,
    user_storage::UserStorage,
    view::{clicked, derived, effect, moved, pressed, when},
};

/// The field that the browser's file picker fills.
pub(super) const PICKER: &str = "#files";
const ITEM: &str = ".attach-menu button";
/// Formats that every browser shows. A phone converts other formats when a page accepts only these.
const PICTURES: &str = "image/jpeg,image/png,image/gif,image/webp,video/*";

/// The button with the file picker. On a phone it opens a menu: camera, gallery, files. An edit takes no files.
#[component]
pub fn AttachButton() -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let is_open = RwSignal::new(false);
    let open = move |_| {
        if platform::can_hover() {
            platform::pick_files(PICKER, "", None);
        } else {
            is_open.update(|is_open| *is_open = !*is_open);
        }
    };
    let on_change = move |event: Event| {
        session.attaching.add(platform::picked_files(&event));
        platform::focus("#composer");
    };
    view! {
        <button class="plain attach" type="button" disabled=derived(move || session.is_editing()) aria-label=words.attach title=words.attach on:click=clicked(open)><Icon drawing=Drawing::Clip /></button>
        <input id="files" type="file" multiple hidden on:change=moved(on_change) />
        {when(move || is_open.get(), move || view! { <AttachMenu is_open /> }.into_any())}
    }
}

#[component]
fn AttachMenu(is_open: RwSignal<bool>) -> impl IntoView {
    let (session, words) = (RoomSession::current(), words());
    effect(move || {
        platform::open_layer(".attach, .attach-menu", move || is_open.set(false));
        platform::focus(ITEM);
    });
    let choose = move |event: MouseEvent| {
        let Some(way) = platform::chosen(&event, "data-do") else { return };
        is_open.set(false);
        match &*way {
            "camera" => platform::pick_files(PICKER, "image/*", Some("environment")),
            "ask" | "schedule" => choose_option(session, &way),
            "gallery" => platform::pick_files(PICKER, PICTURES, None),
            _ => platform::pick_files(PICKER, "", None),
        }
    };
    view! {
        <div class="menu attach-menu" role="group" aria-label=words.attach on:click=clicked(choose)
            on:keydown=pressed(|event| platform::rove(&event, ITEM))>
            <button type="button" data-do="camera">{words.camera}</button>
            <button type="button" data-do="gallery">{words.gallery}</button>
            <button type="button" data-do="files">{words.attach}</button>
            {send_options(session)}
        </div>
    }
}

/// The tray, once it is not empty. It also handles pastes anywhere on the page.
#[component]
pub fn TraySlot() -> impl IntoView {
    let session = RoomSession::current();
    effect(move || {
        let me = session.conversation.with_untracked(|conversation| conversation.me);
        if UserStorage::new(me).has_files(session.room()) {
            session.attaching.is_wanted.set(true);
        }
    });
    let on_paste = move |event: Event| {
        let files = platform::pasted_files(&event);
        if !files.is_empty() && !platform::is_there("dialog[open]") {
            event.prevent_default();
            session.attaching.add(files);
        }
    };
    let pasting = platform::on_window("paste", on_paste);
    on_cleanup(move || pasting.remove());
    when(move || session.attaching.is_wanted.get(), || dialog(Dialog::Files(FilesView::Tray)))
}

/// Covers the log while files are dragged over the conversation. Elsewhere in the window a drop is ignored: otherwise
/// the browser would leave the page to show the file.
#[component]
pub fn DropTarget() -> impl IntoView {
    let session = RoomSession::current();
    let is_over = RwSignal::new(false);
    let on_event = move |event: Event| {
        if !platform::drags_files(&event) {
            return;
        }
        let is_allowed = platform::is_in(&event, ".chat") && !session.link.is_over();
        match &*event.type_() {
            "dragleave" if platform::leaves_window(&event) => is_over.set(false),
            "dragleave" => {}
            "drop" => {
                platform::allow_drop(&event, is_allowed);
                is_over.set(false);
                if is_allowed {
                    session.attaching.add(platform::dropped_files(&event));
                    platform::focus("#composer");
                }
            }
            _ => {
                platform::allow_drop(&event, is_allowed);
                is_over.set(is_allowed);
            }
        }
    };
    let listeners = ["dragenter", "dragover", "dragleave", "drop"].map(|kind| platform::on_window(kind, on_event));
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    view! { <p class="drop" hidden=derived(move || !is_over.get())>{words().drop_here}</p> }
}
