//! Choosing people: for a new group, or to bring into a conversation.

use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    prelude::*,
};

use crate::{
    client::{
        components::avatar::Avatar,
        live::{clicked, effect, list, live, moved, pressed, submitted, when},
        platform,
        state::people::matches,
        text::words,
    },
    protocol::{ids::UserId, limit::TITLE_CHARS, user::User},
};

/// As many are shown at once; typing finds the others.
const ROWS: usize = 100;
const SEARCH: &str = "#picker-search";
const BOX: &str = ".picker li input";

/// What people are chosen for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Picks {
    /// A group, which may get a title.
    Group,
    /// More members, who may be shown what was said before.
    Members,
}

#[derive(Clone, Copy)]
struct Picking {
    /// None as long as they are not known.
    users: Signal<Option<Vec<User>>>,
    query: RwSignal<String>,
    picked: RwSignal<Vec<UserId>>,
}

impl Picking {
    /// Who was chosen and whom the query finds, and whether it finds more.
    fn found(self) -> (Vec<User>, bool) {
        let (users, query, picked) = (self.users.read(), self.query.read(), self.picked.read());
        let mut places = ROWS;
        let mut finds = |user: &User| {
            let is_found = matches(user, &query);
            places = places.saturating_sub(usize::from(is_found));
            is_found && places > 0
        };
        let users = users.iter().flatten().filter(|user| finds(user) || picked.contains(&user.id));
        (users.cloned().collect(), places == 0)
    }

    /// What there is to say about the list.
    fn note(self) -> &'static str {
        let words = words();
        match &*self.users.read() {
            None => words.loading,
            Some(users) if users.is_empty() => words.nobody_to_pick,
            Some(_) => match self.found() {
                (found, _) if found.is_empty() => words.nobody_found,
                (_, true) => words.more_by_typing,
                _ => "",
            },
        }
    }

    fn turn(self, id: UserId) {
        self.picked.update(|picked| match picked.iter().position(|known| *known == id) {
            Some(place) => drop(picked.remove(place)),
            None => picked.push(id),
        });
    }

    /// Enter chooses: in the search the first who was found and is not chosen yet, in the list who has the focus.
    fn on_key(self, event: KeyboardEvent) {
        platform::rove(&event, BOX, 1);
        if event.key() != "Enter" || event.is_composing() || !platform::is_in(&event, ".picker li, #picker-search") {
            return;
        }
        event.prevent_default();
        if !platform::is_in(&event, SEARCH) {
            platform::click(".picker li input:focus");
        } else if !self.query.read_untracked().trim().is_empty() {
            platform::click(".picker li input:not(:checked)");
            self.query.set(String::new());
        }
    }
}

/// `on_pick` hears who was chosen, the group's title, and whether they see the past.
#[component]
pub fn Picker(
    users: Signal<Option<Vec<User>>>,
    picks: Picks,
    title: &'static str,
    on_pick: Callback<(Vec<UserId>, String, bool)>,
    close: Callback<()>,
) -> impl IntoView {
    let words = words();
    let picking = Picking { users, query: RwSignal::new(String::new()), picked: RwSignal::new(Vec::new()) };
    effect(|| platform::focus(SEARCH));
    let is_missing = RwSignal::new(false);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let picked = picking.picked.get_untracked();
        if picked.is_empty() {
            is_missing.set(true);
            return platform::focus(SEARCH);
        }
        let has_history = !platform::checked(".picker [name=history]").is_empty();
        on_pick.run((picked, platform::value_of("#picker-title"), has_history));
    };
    let note = live(move || picking.note());
    let count = move || match picking.picked.read().len() {
        0 => String::new(),
        count => format!(" {count}"),
    };
    let deed = if title == words.invite { words.do_invite } else { words.make_group };
    view! {
        <form class="picker" on:submit=submitted(send) on:keydown=pressed(move |event| picking.on_key(event))>
            <h2>{title}</h2>
            <label class="unseen" for="picker-search">{words.find_people}</label>
            <input id="picker-search" type="search" placeholder=words.find_people autocomplete="off" prop:value=picking.query
                on:input=moved(move |event| picking.query.set(event_target_value(&event))) />
            {when(move || is_missing.get() && picking.picked.read().is_empty(), move || view! { <p role="alert">{words.pick_first}</p> }.into_any())}
            <ul class="rows" data-list="input">
                {list(move || picking.found().0, move |user| view! { <PickerRow user picking /> }.into_any())}
            </ul>
            <p class="note" role="status">{note}</p>
            {more(picks)}
            <div class="ask-end">
                <button class="button" type="button" on:click=clicked(move |_| close.run(()))>{words.cancel}</button>
                <button class="button primary" type="submit">{deed}{live(count)}</button>
            </div>
        </form>
    }
}

/// What else is asked.
fn more(picks: Picks) -> AnyView {
    let words = words();
    match picks {
        Picks::Members => view! {
            <label class="check"><input type="checkbox" name="history" value="on" />{words.with_history}</label>
        }
        .into_any(),
        Picks::Group => view! {
            <label class="check" for="picker-title">{words.group_title}</label>
            <input id="picker-title" type="text" maxlength=TITLE_CHARS.to_string() placeholder=words.group_title_hint autocomplete="off" />
        }
        .into_any(),
    }
}

#[component]
fn PickerRow(user: User, picking: Picking) -> impl IntoView {
    let User { id, login, name, presence, profile, .. } = user;
    let line =
        profile.department.map_or_else(|| login.clone(), |place| format!("{login} · {}", place.replace('/', " › ")));
    view! {
        <li>
            <label class="row">
                <input type="checkbox" name="user" prop:checked=live(move || picking.picked.read().contains(&id))
                    on:change=moved(move |_| picking.turn(id)) />
                <Avatar user=id name=name.clone() presence=Some(presence) />
                <span class="row-text"><span class="row-name"><bdi>{name}</bdi></span><span class="row-line">{line}</span></span>
            </label>
        </li>
    }
}
