//! The members of a room: name, workplace, presence. The maker of a group removes members here.

use std::time::Duration;

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    components::member_row::{MemberAccounts, MemberRow, MemberRowData, sort},
    platform,
    room::session::RoomSession,
    state::keystrokes::{contains, keys},
    text::{dialog::dialog_words as words, with_name},
    view::{clicked, derived, effect, list, moved, pressed, when},
};
use protocol::{ids::UserId, room_socket::RoomCommand};

const ROW: &str = ".roster .row";
/// A list with more members has a search field.
const FEW: usize = 10;

#[derive(Clone, Copy)]
struct Roster {
    session: RoomSession,
    accounts: MemberAccounts,
    query: RwSignal<String>,
    card: RwSignal<Option<UserId>>,
    /// The member whose removal waits for an answer.
    asking: RwSignal<Option<UserId>>,
}

impl Roster {
    /// The members that match the query.
    fn found(self) -> Vec<MemberRowData> {
        let query = keys(&self.query.read());
        let mut found: Vec<MemberRowData> = self.session.conversation.with(|conversation| {
            let maker = conversation.maker();
            conversation.present().map(|member| self.accounts.row_data(member, maker)).collect()
        });
        let finds = |text: &str| contains(&keys(text), &query);
        found
            .retain(|MemberRowData { person, .. }| query.is_empty() || finds(&person.name) || finds(&person.workplace));
        sort(&mut found);
        found
    }

    fn on_click(self, event: &MouseEvent) {
        let user = platform::chosen(event, "data-user").and_then(|user| user.parse::<UserId>().ok());
        match (platform::chosen(event, "data-do").as_deref(), user) {
            (None, Some(user)) => self.card.set(Some(user)),
            (Some("ask"), Some(user)) => {
                self.asking.set(Some(user));
                platform::after(Duration::ZERO, || platform::focus(".sure button"));
            }
            (Some("remove"), Some(user)) => {
                platform::focus_neighbour(event, ROW);
                self.asking.set(None);
                self.session.send(&RoomCommand::Remove { user });
            }
            (_, Some(user)) => self.cancel(user),
            _ => {}
        }
    }

    fn cancel(self, user: UserId) {
        self.asking.set(None);
        platform::after(Duration::ZERO, move || platform::focus(&format!("[data-user=\"{user}\"] .remove")));
    }
}

#[component]
pub fn MembersPanel(close: Callback<()>) -> impl IntoView {
    let words = words();
    let session = RoomSession::current();
    let (query, card, asking) = (RwSignal::new(String::new()), RwSignal::new(None), RwSignal::new(None));
    let roster = Roster { session, accounts: MemberAccounts::follow(), query, card, asking };
    let found = Memo::new(move |_| roster.found());
    let count = move || session.conversation.with(|conversation| conversation.present().count());
    let rules =
        Memo::new(move |_| session.conversation.with(|conversation| conversation.maker() == Some(conversation.me)));
    effect(|| platform::focus(ROW));
    effect(move || {
        if let Some(user) = asking.get() {
            platform::open_layer(platform::QUESTION, move || roster.cancel(user));
        }
    });
    view! {
        <div class="ask roster" on:keydown=pressed(|event| platform::rove(&event, ROW))>
            <h2>{words.members}" "{derived(move || count().to_string())}</h2>
            {when(move || count() > FEW, move || view! {
                <input type="search" placeholder=words.find_people aria-label=words.find_people autocomplete="off"
                    on:input=moved(move |event| query.set(event_target_value(&event))) />
            }.into_any())}
            <div class="roster-lists" on:click=clicked(move |event| roster.on_click(&event))>
                <ul class="rows" data-list=".row, .remove" aria-label=words.members>
                    {list(move || found.get(), move |row| view! { <MemberItem row roster rules /> }.into_any())}
                </ul>
            </div>
            <p class="note" role="status">{derived(move || if found.read().is_empty() { words.nobody_found } else { "" })}</p>
            <div class="ask-end">
                <button class="button" type="button" on:click=clicked(move |_| session.open_invite())>{words.invite}</button>
                <button class="button" type="button" on:click=clicked(move |_| close.run(()))>{words.close}</button>
            </div>
            {roster.accounts.card(card)}
        </div>
    }
}

/// A member; for the maker (`rules`) with a button that removes them, after a question.
#[component]
fn MemberItem(row: MemberRowData, roster: Roster, rules: Memo<bool>) -> impl IntoView {
    let words = words();
    let (id, name, is_me) = (row.person.id, row.person.name.clone(), row.person.is_me);
    let asks = move || roster.asking.get() == Some(id);
    let question = with_name(words.remove_sure, &name);
    let label = format!("{} {name}", words.remove);
    view! {
        <li class="row-item" data-user=id.to_string()>
            <MemberRow row />
            {when(move || rules.get() && !is_me && !asks(), move || view! {
                <button class="button remove" type="button" data-do="ask" aria-label=label.clone()>{words.remove}</button>
            }.into_any())}
            {when(asks, move || view! {
                <div class="sure" role="group" tabindex="-1" aria-label=question.clone()>
                    <p>{question.clone()}</p>
                    <button type="button" data-do="cancel">{words.cancel}</button>
                    <button type="button" class="danger" data-do="remove">{words.remove}</button>
                </div>
            }.into_any())}
        </li>
    }
}
