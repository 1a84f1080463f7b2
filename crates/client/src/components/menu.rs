//! The menu of a message, one for the whole log.

use std::{sync::Arc, time::Duration};

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    components::{action::MessageAction, attachments::address_of},
    dialogs::{Dialog, OnChoose, dialog},
    platform,
    room::{
        ComposerMode,
        session::{Panel, RoomSession},
    },
    state::{conversation::ConfirmationMark, message_link},
    text::{dialog::dialog_words, words},
    view::{clicked, derived, effect, part, pressed, when},
};
use protocol::{
    ids::MessageId,
    message::{Message, Quote},
    room_socket::RoomCommand,
};

/// The emojis of the menu; the panel has all others.
const EMOJIS: [&str; 6] = ["👍", "❤️", "😂", "😮", "😢", "✅"];
const BUTTON: &str = ".bubble-menu button";

#[component]
pub fn BubbleMenu() -> impl IntoView {
    let session = RoomSession::current();
    let open = Memo::new(move |_| {
        let id = session.menu.get()?;
        session
            .conversation
            .with(|conversation| conversation.message(id).filter(|message| message.recalled.is_none()).map(|_| id))
    });
    part(move || open.get().map_or_else(|| ().into_any(), |id| dialog(Dialog::MessageMenu(id))))
}

/// Returns the focus to the element that opened the menu: the message, or its button.
fn close(session: RoomSession) {
    if let Some(id) = session.menu.get_untracked() {
        session.menu.set(None);
        let row = platform::row_selector(&id.to_string());
        let opener = session.last_focus.get_untracked().filter(|[_, known, _]| *known == row);
        platform::focus_first(&opener.unwrap_or_else(|| [button_of(id), row, ".log".to_owned()]));
    }
}

/// The selector of the button that opens the menu of a message.
fn button_of(id: MessageId) -> String {
    platform::row_selector(&id.to_string()) + " [data-act=menu]"
}

#[component]
pub fn MessageMenu(id: MessageId) -> impl IntoView {
    let session = RoomSession::current();
    let is_picking = RwSignal::new(false);
    let position = move || platform::position_menu(".bubble-menu", &button_of(id));
    effect(move || {
        platform::open_layer(".bubble-menu, [data-act=menu]", move || close(session));
        position();
        platform::focus(BUTTON);
    });
    let pick_emoji = move || {
        is_picking.set(true);
        platform::after(Duration::ZERO, position);
    };
    let return_to_menu = move || {
        is_picking.set(false);
        platform::after(Duration::ZERO, move || {
            position();
            platform::focus(".bubble-menu [data-do=pick]");
        });
    };
    let on_click = move |event: MouseEvent| {
        let Some(name) = platform::chosen(&event, "data-do") else { return };
        match MessageAction::from_attribute(&name) {
            Some(MessageAction::PickEmoji) => pick_emoji(),
            Some(action) => {
                let message = session.message(id);
                close(session);
                message.iter().for_each(|message| carry_out(session, message, action));
            }
            None if EMOJIS.contains(&name.as_str()) => {
                close(session);
                session.react_to(id, &name);
            }
            None => {}
        }
    };
    let on_choose: OnChoose = Arc::new(move |emoji: Option<String>| match emoji {
        None => return_to_menu(),
        Some(emoji) => {
            close(session);
            session.react_to(id, &emoji);
        }
    });
    view! {
        <div class="menu bubble-menu" role="group" aria-label=words().message_menu
            on:click=clicked(on_click) on:keydown=pressed(|event| platform::rove(&event, BUTTON))>
            {when(move || !is_picking.get(), move || view! { <MenuItems id /> }.into_any())}
            {when(move || is_picking.get(), move || dialog(Dialog::Emojis(on_choose.clone())))}
        </div>
    }
}

#[component]
fn MenuItems(id: MessageId) -> impl IntoView {
    let session = RoomSession::current();
    let words = dialog_words();
    let Some(message) = session.message(id) else { return ().into_any() };
    let (is_mine, has_readers) = session
        .conversation
        .with_untracked(|conversation| (conversation.can_change(&message), conversation.others().next().is_some()));
    let (is_bookmarked, may_pin, pin) = session.conversation.with_untracked(|conversation| {
        let pin = conversation.pin(id).map(|pin| pin.is_announcement);
        (conversation.bookmarks.contains(&id), conversation.may_pin(), pin)
    });
    let mark = session.conversation.with_untracked(|conversation| conversation.confirmation_mark(&message));
    let is_owed = mark == Some(ConfirmationMark::Owed);
    let is_counted = matches!(mark, Some(ConfirmationMark::Counted { .. }));
    let item = |action: MessageAction, text: &'static str| {
        view! { <button type="button" data-do=action.attribute()>{text}</button> }
    };
    view! {
        <div class="emojis">
            {EMOJIS.map(|emoji| view! { <button type="button" data-do=emoji>{emoji}</button> }).collect_view()}
            <button type="button" data-do="pick" aria-label=words.other_emoji>"＋"</button>
        </div>
        {is_owed.then(|| item(MessageAction::Confirm, words.confirm))}
        {is_counted.then(|| item(MessageAction::Confirmers, words.confirmers))}
        {item(MessageAction::Reply, words.reply)}
        {(!message.body.is_empty()).then(|| item(MessageAction::Copy, words.copy))}
        {(!message.files.is_empty()).then(|| item(MessageAction::Download, words.download))}
        {item(MessageAction::Link, words.copy_link)}
        {has_readers.then(|| item(MessageAction::Readers, words.readers))}
        {item(MessageAction::Forward, words.forward)}
        {item(MessageAction::Select, words.select)}
        {item(MessageAction::Bookmark, if is_bookmarked { words.unbookmark } else { words.bookmark })}
        {may_pin.then(|| item(MessageAction::Announce, if pin == Some(true) { words.unannounce } else { words.announce }))}
        {may_pin.then(|| item(MessageAction::Pin, if pin.is_some() { words.unpin_message } else { words.pin_message }))}
        {is_mine.then(|| view! {
            {item(MessageAction::Edit, words.edit)}
            <DestructiveItem action=MessageAction::Recall.attribute() label=words.recall question=derived(move || words.recall_sure.to_owned()) />
        })}
    }
    .into_any()
}

/// An item for an action that cannot be undone. A click replaces it by a question, so that a double click does nothing
/// and a repeated key hits "cancel". The question is a layer. The menu's listener receives `action`, or "cancel".
#[component]
pub fn DestructiveItem(action: &'static str, label: &'static str, question: Signal<String>) -> impl IntoView {
    let is_asking = RwSignal::new(false);
    let ask = move |_| {
        is_asking.set(true);
        platform::after(Duration::ZERO, || {
            platform::keep_in_window(".bubble-menu, .list-menu");
            platform::focus(".sure button");
        });
    };
    let cancel = move || {
        is_asking.set(false);
        platform::after(Duration::ZERO, move || platform::focus(&format!("[data-ask={action}]")));
    };
    effect(move || {
        if is_asking.get() {
            platform::open_layer(platform::QUESTION, cancel);
        }
    });
    view! {
        {when(move || !is_asking.get(), move || view! {
            <button type="button" class="danger" data-ask=action on:click=clicked(ask)>{label}</button>
        }.into_any())}
        {when(move || is_asking.get(), move || view! {
            <div class="sure" role="group" tabindex="-1" aria-label=question>
                <p>{move || question.get()}</p>
                <button type="button" data-do="cancel" on:click=clicked(move |_| cancel())>{words().cancel}</button>
                <button type="button" class="danger" data-do=action>{label}</button>
            </div>
        }.into_any())}
    }
}

/// Sets a mark on a message, or removes it.
fn mark(session: RoomSession, id: MessageId, action: MessageAction) {
    let (is_bookmarked, pin) = session.conversation.with_untracked(|conversation| {
        (conversation.bookmarks.contains(&id), conversation.pin(id).map(|pin| pin.is_announcement))
    });
    let words = dialog_words();
    let (command, is_set, [set, unset]) = match action {
        MessageAction::Bookmark => (
            RoomCommand::Bookmark { id, on: !is_bookmarked },
            is_bookmarked,
            [words.has_bookmarked, words.has_unbookmarked],
        ),
        MessageAction::Announce => {
            let is_set = pin == Some(true);
            let command = RoomCommand::Announce { id: (!is_set).then_some(id) };
            (command, is_set, [words.has_announced, words.has_unannounced])
        }
        _ => {
            let is_set = pin.is_some();
            (RoomCommand::PinMessage { id, on: !is_set }, is_set, [words.has_pinned, words.has_unpinned])
        }
    };
    session.send_with_feedback(&command, if is_set { unset } else { set });
}

pub fn carry_out(session: RoomSession, message: &Message, action: MessageAction) {
    match action {
        MessageAction::Reply => session.mode.set(ComposerMode::Reply(Quote::of(message))),
        MessageAction::Edit => session.mode.set(ComposerMode::Edit(message.id)),
        MessageAction::Recall => {
            session.send_with_feedback(&RoomCommand::Recall { id: message.id }, dialog_words().has_recalled);
        }
        MessageAction::Copy => session.copy(&message.body, words().copied),
        MessageAction::Link => {
            let link = format!("{}{}", platform::origin(), message_link::path(session.room(), message.seq));
            session.copy(&link, dialog_words().copied_link);
        }
        MessageAction::Readers => session.panel.set(Some(Panel::Readers(message.id))),
        MessageAction::Confirm => session.send(&RoomCommand::Confirm { id: message.id }),
        MessageAction::Confirmers => session.panel.set(Some(Panel::Confirmers(message.id))),
        MessageAction::Forward => {
            session.selection.forwarding.set(vec![message.clone()]);
            session.panel.set(Some(Panel::Forward));
        }
        MessageAction::Select => {
            session.selection.begin(message.seq);
            // The buttons of the rows disappear.
            platform::focus(&platform::row_selector(&message.id.to_string()));
        }
        MessageAction::Bookmark | MessageAction::Announce | MessageAction::Pin => mark(session, message.id, action),
        MessageAction::Download => {
            message.files.iter().for_each(|file| platform::download(&address_of(file), &file.name));
        }
        MessageAction::Cancel | MessageAction::PickEmoji => {}
    }
}
