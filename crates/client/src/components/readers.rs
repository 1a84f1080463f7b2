//! The members who have read or confirmed a message, and those who have not, kept up to date.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    components::member_row::{MemberAccounts, MemberRow, MemberRowData, sort},
    platform,
    room::session::RoomSession,
    state::conversation::Conversation,
    text::dialog::dialog_words as words,
    view::{clicked, derived, effect, list, pressed},
};
use protocol::{ids::MessageId, message::Message};

const ROW: &str = ".roster .row";

/// The criterion by which the panel divides the members.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Division {
    Read,
    Confirmed,
}

impl Division {
    /// The title, the headings of both parts, and the texts for an empty part.
    fn words(self) -> [&'static str; 5] {
        let words = words();
        match self {
            Self::Read => {
                [words.readers, words.have_not_read, words.have_read, words.everybody_has_read, words.nobody_has_read]
            }
            Self::Confirmed => [
                words.confirmers,
                words.have_not_confirmed,
                words.confirmed,
                words.everybody_has_confirmed,
                words.nobody_has_confirmed,
            ],
        }
    }
}

#[component]
pub fn ReadersPanel(id: MessageId, by: Division, close: Callback<()>) -> impl IntoView {
    let (session, accounts) = (RoomSession::current(), MemberAccounts::follow());
    let [title, without, with, everybody, nobody] = by.words();
    // The log may evict the message, but its readers must stay.
    let first = session.message(id);
    let split = Memo::new(move |_| {
        session.conversation.with(|conversation| {
            let message = conversation.message(id).or(first.as_ref());
            message.map_or_else(Default::default, |message| divided(accounts, conversation, message, by))
        })
    });
    let card = RwSignal::new(None);
    let open = move |event: MouseEvent| {
        if let Some(user) = platform::chosen(&event, "data-user").and_then(|user| user.parse().ok()) {
            card.set(Some(user));
        }
    };
    effect(|| platform::focus(ROW));
    let note = move || match split.get() {
        (absent, present) if absent.is_empty() && present.is_empty() => "",
        (absent, _) if absent.is_empty() => everybody,
        (_, present) if present.is_empty() => nobody,
        _ => "",
    };
    view! {
        <div class="ask roster" on:keydown=pressed(|event| platform::rove(&event, ROW))>
            <h2>{title}</h2>
            <div class="roster-lists" on:click=clicked(open)>
                {part_of(without, derived(move || split.get().0))}
                {part_of(with, derived(move || split.get().1))}
            </div>
            <p class="note" role="status">{derived(note)}</p>
            <div class="ask-end">
                <button class="button" type="button" on:click=clicked(move |_| close.run(()))>{words().close}</button>
            </div>
            {accounts.card(card)}
        </div>
    }
}

/// The members who have not read or confirmed it, and those who have.
fn divided(
    accounts: MemberAccounts,
    conversation: &Conversation,
    message: &Message,
    by: Division,
) -> (Vec<MemberRowData>, Vec<MemberRowData>) {
    let (without, with) = match by {
        Division::Read => conversation.readers(message),
        Division::Confirmed => conversation.confirmers(message),
    };
    let rows = |members: Vec<_>| {
        let mut rows: Vec<MemberRowData> = members.into_iter().map(|member| accounts.row_data(member, None)).collect();
        sort(&mut rows);
        rows
    };
    (rows(without), rows(with))
}

/// A heading with a count, and the rows below it.
fn part_of(title: &'static str, people: Signal<Vec<MemberRowData>>) -> AnyView {
    let count = move || people.with(Vec::len).to_string();
    view! {
        <h3 class="group" hidden=derived(move || people.with(Vec::is_empty))>{title}" "{derived(count)}</h3>
        <ul class="rows" data-list=".row" aria-label=title>
            {list(move || people.get(), |row| view! { <li class="row-item"><MemberRow row /></li> }.into_any())}
        </ul>
    }
    .into_any()
}
