//! The files of a room: newest first, with a search by name. Each links to its message, and to its download.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    clock::clock,
    components::{
        attachments::{address_of, file_line, preview_of},
        icon::{Drawing, Icon},
        modal::ModalDialog,
    },
    platform,
    room::session::RoomSession,
    state::file_search::FileSearch,
    text::{date, file::file_words as words, lang},
    view::{clicked, derived, effect, list, moved, when},
};
use protocol::{file::RoomFile, limit::QUERY_CHARS};

/// The search is debounced by this time.
const PAUSE: Duration = Duration::from_millis(250);

#[component]
pub fn FileList() -> impl IntoView {
    let session = RoomSession::current();
    let words = words();
    let search = session.found_files;
    let begin = move |query: String| {
        let new = FileSearch::new(query);
        session.send(&new.command());
        search.set(Some(new));
    };
    effect(move || begin(String::new()));
    on_cleanup(move || search.set(None));
    let on_input = move |event| {
        let query = event_target_value(&event);
        platform::after(PAUSE, move || {
            if platform::value_of("#file-search") == query {
                begin(query);
            }
        });
    };
    let close = Callback::new(move |()| session.panel.set(None));
    let files =
        move || search.with(|search| search.as_ref().and_then(|search| search.files.clone()).unwrap_or_default());
    let state = move || {
        search.with(|search| match search {
            Some(FileSearch { files: Some(files), query, .. }) if files.is_empty() => {
                if query.trim().is_empty() {
                    words.no_files.to_owned()
                } else {
                    words.none_found.to_owned()
                }
            }
            Some(FileSearch { files: Some(_), .. }) => String::new(),
            _ => words.loading.to_owned(),
        })
    };
    let has_older = move || search.with(|search| search.as_ref().is_some_and(FileSearch::has_older));
    let older = move |_| {
        let command = search.try_update(|search| search.as_mut().and_then(FileSearch::ask_older)).flatten();
        command.iter().for_each(|command| session.send(command));
    };
    view! {
        <ModalDialog label=words.files.to_owned() close>
            <div class="picker file-list">
                <div class="file-list-head">
                    <h2>{words.files}</h2>
                    <button class="plain" type="button" aria-label=words.close on:click=clicked(move |_| close.run(()))><Icon drawing=Drawing::Close /></button>
                </div>
                <input id="file-search" type="search" autofocus=true placeholder=words.find_files aria-label=words.find_files maxlength=QUERY_CHARS.to_string() autocomplete="off" on:input=moved(on_input) />
                <p class="note" role="status">{derived(state)}</p>
                <ul class="rows" tabindex="-1">{list(files, move |file| view! { <FileListRow file close /> }.into_any())}</ul>
                {when(has_older, move || view! { <button class="button" type="button" on:click=clicked(older)>{words.older_files}</button> }.into_any())}
            </div>
        </ModalDialog>
    }
}

#[component]
fn FileListRow(file: RoomFile, close: Callback<()>) -> impl IntoView {
    let session = RoomSession::current();
    let (words, clock) = (words(), clock());
    let RoomFile { seq, author, sent_at, file } = file;
    let name = session.conversation.with_untracked(|conversation| conversation.name_of(author).to_owned());
    let time = date::in_list(clock.local(sent_at), clock.local(platform::now_ms()), lang());
    let jump = move |_| {
        close.run(());
        session.history.jump(seq);
    };
    let preview = file.preview.map(|_| view! { <img class="thumbnail" src=preview_of(&file) alt="" loading="lazy" /> });
    view! {
        <li class="file-row">
            {preview}
            {file_line(&file.name, &file.media_type, file.size)}
            <span class="file-from"><bdi>{name}</bdi>" "<span>{time}</span></span>
            <button class="plain" type="button" aria-label=format!("{} {}", file.name, words.to_message) title=words.to_message on:click=clicked(jump)><Icon drawing=Drawing::Next /></button>
            <a class="plain" href=address_of(&file) download=file.name.clone() aria-label=format!("{} {}", file.name, words.download) title=words.download><Icon drawing=Drawing::Download /></a>
        </li>
    }
}
