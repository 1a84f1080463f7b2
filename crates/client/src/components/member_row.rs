//! A member of a room as a row of a dialog: avatar, name, workplace, presence. A click opens the card.

use leptos::prelude::*;

use crate::{
    components::{avatar::Avatar, people::absent_line, profile::ProfileCard},
    lobby::session::LobbySession,
    room::session::RoomSession,
    state::people::ShownPerson,
    text::dialog::dialog_words as words,
    unicode,
    view::{effect, part},
};
use protocol::{
    ids::UserId,
    room::Member,
    user::{Presence, User},
};

/// The accounts of the members: from the list next to the room, or else from `members`.
#[derive(Clone, Copy)]
pub struct MemberAccounts {
    session: RoomSession,
    list: Option<LobbySession>,
}

/// The content of a row.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MemberRowData {
    pub person: ShownPerson,
    /// Whether presence and workplace are known.
    is_known: bool,
    pub is_maker: bool,
}

impl MemberAccounts {
    /// Requests the accounts repeatedly if there is no list, until the owner is cleaned up.
    pub fn follow() -> Self {
        let accounts = Self {
            session: RoomSession::current(),
            list: use_context().filter(|list: &LobbySession| !list.is_large()),
        };
        if accounts.list.is_none() {
            effect(move || accounts.session.follow_accounts());
        }
        accounts
    }

    fn with<T>(self, user: UserId, read: impl FnOnce(&User) -> T) -> Option<T> {
        match self.list {
            Some(list) => list.lobby.with(|lobby| lobby.user(user).map(read)),
            None => self.session.accounts.with(|users| users.iter().find(|known| known.id == user).map(read)),
        }
    }

    pub fn row_data(self, member: &Member, maker: Option<UserId>) -> MemberRowData {
        let me = self.session.conversation.with_untracked(|conversation| conversation.me);
        let known = self.with(member.id, |user| ShownPerson::new(user, me));
        let (is_known, is_maker) = (known.is_some(), maker == Some(member.id));
        let person = known.unwrap_or_else(|| ShownPerson {
            id: member.id,
            name: member.name.clone(),
            presence: Presence::Offline,
            status: None,
            workplace: String::new(),
            is_me: member.id == me,
            absent_until: None,
        });
        MemberRowData { person, is_known, is_maker }
    }

    /// The card of a user over a dialog.
    pub fn card(self, opened: RwSignal<Option<UserId>>) -> AnyView {
        let close = Callback::new(move |()| opened.set(None));
        part(move || {
            let user = opened.get().and_then(|id| untrack(|| self.with(id, User::clone)));
            user.map_or_else(|| ().into_any(), |user| view! { <ProfileCard user close /> }.into_any())
        })
    }
}

/// The user themselves first, then the others by name.
pub fn sort(rows: &mut [MemberRowData]) {
    rows.sort_by(|MemberRowData { person: one, .. }, MemberRowData { person: other, .. }| {
        other.is_me.cmp(&one.is_me).then_with(|| unicode::compare_names(&one.name, &other.name))
    });
}

/// The button of a row; `data-user` names the member.
#[component]
pub fn MemberRow(row: MemberRowData) -> impl IntoView {
    let MemberRowData { person, is_known, is_maker } = row;
    let ShownPerson { id, name, presence, workplace, is_me, absent_until, .. } = person;
    let words = words();
    view! {
        <button class="row" type="button" data-user=id.to_string()>
            <Avatar user=id name=name.clone() presence=is_known.then_some(presence) />
            <span class="row-text">
                <span class="row-name">
                    <bdi>{name}</bdi>
                    {is_me.then(|| view! { <span class="mark">{words.me}</span> })}
                    {is_maker.then(|| view! { <span class="mark">{words.maker}</span> })}
                </span>
                {absent_line(absent_until, workplace)}
            </span>
        </button>
    }
}
