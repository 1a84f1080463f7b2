//! The dialog that forwards messages: groups and users with a search, and a comment.

use std::time::Duration;

use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    prelude::*,
};

use crate::{
    components::avatar::{Avatar, GroupAvatar},
    platform,
    room::session::RoomSession,
    state::{
        address_book::{found_by, keys_of},
        keystrokes::{contains, keys},
    },
    text::{dialog::dialog_words as words, with_count, with_name},
    view::{clicked, derived, effect, list, moved, pressed, submitted},
};
use protocol::{
    ids::{MessageId, RoomId, UserId},
    limit::{BODY_CHARS, FORWARD_TARGETS},
    room::RoomSummary,
    room_socket::{Forward, RoomCommand},
    user::User,
};

/// Rows shown at once; a query finds the others.
const ROWS: usize = 60;
/// The ranks of a user whose notes alone match, and of one who is only picked, behind all matches of names.
const BY_NOTES: usize = usize::MAX - 1;
const NOT_MATCHING: usize = usize::MAX;
const BOX: &str = ".forward li input";

/// A group or a user.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Target {
    room: Option<RoomId>,
    user: Option<UserId>,
    name: String,
    line: String,
}

#[derive(Clone, Copy)]
struct Forwarding {
    session: RoomSession,
    query: RwSignal<String>,
    picked: RwSignal<Vec<(Option<RoomId>, Option<UserId>)>>,
}

impl Forwarding {
    /// The groups and users that match the query, and those that are picked; and how many match.
    fn found(self) -> (Vec<Target>, usize) {
        let (query, picked) = (self.query.read(), self.picked.read());
        let targets = self.session.targets.read();
        let Some((rooms, users)) = targets.as_ref() else { return Default::default() };
        let wanted = keys(&query);
        let is_picked = |target: &Target| picked.contains(&(target.room, target.user));
        let groups = rooms.iter().map(|room| group(room, users));
        let is_matching = |target: &Target| contains(&keys(&target.name), &wanted);
        let groups = groups.filter(|target| is_matching(target) || is_picked(target)).collect::<Vec<_>>();
        let (me, notes) = (self.session.me(), keys(words().notes));
        let by = |user: &User| {
            let is_notes = || user.id == me && contains(&notes, &wanted);
            let is_kept = || picked.contains(&(None, Some(user.id)));
            let by = found_by(&keys_of(user), &wanted).or_else(|| is_notes().then_some(BY_NOTES));
            by.or_else(|| is_kept().then_some(NOT_MATCHING))
        };
        let people: Vec<_> = users.iter().filter_map(|user| Some((by(user)?, user))).collect();
        let matching = groups.iter().filter(|target| is_matching(target)).count()
            + people.iter().filter(|(by, _)| *by != NOT_MATCHING).count();
        let (own, mut people): (Vec<_>, Vec<_>) = people.into_iter().partition(|(_, user)| user.id == me);
        people.sort_by_key(|(by, _)| *by);
        let people = people.into_iter().map(|(_, user)| Target {
            room: None,
            user: Some(user.id),
            name: user.display_name(),
            line: user.profile.department.clone().unwrap_or_else(|| user.login.clone()).replace('/', " › "),
        });
        let targets = own.into_iter().map(|(_, user)| notes_of(user)).chain(groups).chain(people);
        (targets.take(ROWS).collect(), matching)
    }

    /// Searches; in a large organisation the server searches, too.
    fn look_for(self, query: String) {
        self.query.set(query.clone());
        self.session.find_people(query, false);
    }

    /// The name of a picked target, by its index in the order of choice.
    fn name_of(self, index: usize) -> Option<String> {
        let target = self.picked.read().get(index).copied()?;
        self.found().0.into_iter().find(|found| (found.room, found.user) == target).map(|found| found.name)
    }

    fn toggle(self, target: (Option<RoomId>, Option<UserId>)) {
        self.picked.update(|picked| match picked.iter().position(|known| *known == target) {
            Some(index) => drop(picked.remove(index)),
            None if picked.len() < FORWARD_TARGETS => picked.push(target),
            None => {}
        });
    }

    /// Toggles a target. The row of one that the query does not find goes with its choice, and would take the focus.
    fn choose(self, target: (Option<RoomId>, Option<UserId>)) {
        self.toggle(target);
        platform::after(Duration::ZERO, || platform::focus_lost_row(&["#forward-search".to_owned()]));
    }

    fn forward(self) -> Forward {
        let picked = self.picked.get_untracked();
        let comment = platform::value_of("#forward-comment");
        Forward {
            id: MessageId::new(),
            ids: self.session.selection.forwarding.get_untracked().iter().map(|message| message.id).collect(),
            rooms: picked.iter().filter_map(|(room, _)| *room).collect(),
            users: picked.iter().filter_map(|(_, user)| *user).collect(),
            comment: Some(comment).filter(|comment| !comment.trim().is_empty()),
        }
    }
}

/// The user's own notes.
fn notes_of(user: &User) -> Target {
    let (name, line) = (words().notes.to_owned(), words().notes_hint.to_owned());
    Target { room: None, user: Some(user.id), name, line }
}

fn group(room: &RoomSummary, users: &[User]) -> Target {
    let name = |id: &UserId| users.iter().find(|user| user.id == *id).map(User::display_name);
    let others: Vec<String> = room.others.iter().filter_map(name).collect();
    let line = with_count(words().people_count, room.size);
    Target { room: Some(room.id), user: None, name: words().room_name(true, room.title.as_ref(), &others), line }
}

#[component]
pub fn ForwardPanel(close: Callback<()>) -> impl IntoView {
    let (session, words) = (RoomSession::current(), words());
    let forwarding = Forwarding { session, query: RwSignal::new(String::new()), picked: RwSignal::new(Vec::new()) };
    session.targets.set(None);
    effect(move || {
        session.send(&RoomCommand::Targets);
        platform::focus("#forward-search");
    });
    // The name that Enter chose, until the next search.
    let entered = RwSignal::new(None::<String>);
    let note = move || match (session.targets.read().is_none(), forwarding.found().1, entered.get()) {
        (true, ..) => words.loading.to_owned(),
        (_, _, Some(name)) => with_name(words.has_picked, &name),
        (_, 0, _) => words.none_found.to_owned(),
        (_, count, _) if !forwarding.query.read().trim().is_empty() => with_count(words.hit_count, count),
        _ => String::new(),
    };
    let has_picked = move || !forwarding.picked.read().is_empty();
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if !has_picked() {
            return platform::focus("#forward-search");
        }
        session.forwards.send(forwarding.forward());
        session.selection.end();
        close.run(());
    };
    let title = with_count(words.forward_count, session.selection.forwarding.read_untracked().len());
    view! {
        <form class="picker forward" on:submit=submitted(send) on:keydown=pressed(move |event| on_key(forwarding, entered, event))>
            <h2>{title}</h2>
            <input id="forward-search" type="search" placeholder=words.find_targets aria-label=words.find_targets autocomplete="off" prop:value=forwarding.query
                on:input=moved(move |event| { entered.set(None); forwarding.look_for(event_target_value(&event)); }) />
            <ul class="rows" data-list="input" data-first>
                {list(move || forwarding.found().0, move |target| view! { <TargetRow target forwarding /> }.into_any())}
            </ul>
            <p class="note" role="status">{derived(note)}</p>
            <label class="check" for="forward-comment">{words.forward_comment}</label>
            <input id="forward-comment" type="text" maxlength=BODY_CHARS.to_string() autocomplete="off" />
            <div class="ask-end">
                <button class="button" type="button" on:click=clicked(move |_| close.run(()))>{words.cancel}</button>
                <button class="button primary" type="submit" aria-disabled=derived(move || (!has_picked()).to_string())>{words.forward}</button>
            </div>
        </form>
    }
}

/// Enter in the search field picks the first match, Escape clears the query. `entered`: the name that Enter chose.
fn on_key(forwarding: Forwarding, entered: RwSignal<Option<String>>, event: KeyboardEvent) {
    platform::rove(&event, BOX);
    let has_query = !forwarding.query.read_untracked().is_empty();
    if event.key() == "Escape" && !event.is_composing() && platform::is_in(&event, "#forward-search") && has_query {
        // The choice stays: a second Escape closes the dialog.
        event.prevent_default();
        entered.set(None);
        return forwarding.look_for(String::new());
    }
    if event.key() == "Enter" && !event.is_composing() && platform::is_in(&event, "#forward-search") {
        event.prevent_default();
        let count = forwarding.picked.read_untracked().len();
        // The first match that is not picked.
        platform::click(".forward li input:not(:checked)");
        entered.set(untrack(|| forwarding.name_of(count)));
    }
}

#[component]
fn TargetRow(target: Target, forwarding: Forwarding) -> impl IntoView {
    let Target { room, user, name, line } = target;
    let face = match (room, user) {
        (Some(id), _) => view! { <GroupAvatar id /> }.into_any(),
        (_, Some(user)) => view! { <Avatar user name=name.clone() /> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        <li>
            <label class="row">
                <input type="checkbox" prop:checked=derived(move || forwarding.picked.read().contains(&(room, user)))
                    on:change=moved(move |_| forwarding.choose((room, user))) />
                {face}
                <span class="row-text"><span class="row-name"><bdi>{name}</bdi></span><span class="row-line">{line}</span></span>
            </label>
        </li>
    }
}
