//! The list of users: favourites, then departments, or online and offline users. A click opens the direct room with a
//! user. Only the visible rows are rendered, because there may be thousands.

use leptos::prelude::*;

use crate::{
    clock::clock,
    components::{
        avatar::Avatar,
        icon::{Drawing, Icon},
        tabs::Tab,
    },
    lobby::session::LobbySession,
    platform,
    state::{
        address_book::innermost,
        lobby::Lobby,
        people::{Folds, GroupName, PeopleGroup, ShownPerson},
    },
    text::words,
    user_storage::UserStorage,
    view::{clicked, derived, effect, list, part, submitted, when},
};
use protocol::{ids::UserId, user::Presence};

/// Rows of a group that the server renders.
const FIRST_ROWS: usize = 30;

/// The state that the groups share.
#[derive(Clone, Copy)]
struct Groups {
    /// The groups that match the query.
    found: Memo<Vec<PeopleGroup>>,
    /// There is a query, so every group is open.
    is_searching: Memo<bool>,
    folds: RwSignal<Folds>,
    /// The user whose folded departments the storage holds.
    me: UserId,
    /// Notified when other rows may be visible.
    scrolled: Trigger,
    /// Whether the visible rows were measured.
    is_measured: StoredValue<bool>,
}

impl Groups {
    fn new(session: LobbySession, query: RwSignal<String>, scrolled: Trigger) -> Self {
        Self {
            found: Memo::new(move |_| session.lobby.with(|lobby| lobby.groups(&query.read()))),
            is_searching: Memo::new(move |_| !query.read().trim().is_empty()),
            folds: RwSignal::new(session.lobby.with_untracked(Folds::new)),
            me: session.me,
            scrolled,
            is_measured: StoredValue::new(false),
        }
    }

    /// The names of the groups without those below a folded one.
    fn names(self) -> Vec<GroupName> {
        let is_shown = |group: &&PeopleGroup| self.is_searching.get() || self.folds.read().shows(&group.name);
        self.found.with(|groups| groups.iter().filter(is_shown).map(|group| group.name.clone()).collect())
    }

    fn is_open(self, name: &GroupName) -> bool {
        self.is_searching.get() || self.folds.read().is_open(name)
    }

    fn toggle(self, name: &GroupName) {
        self.folds.update(|folds| folds.toggle(name));
        platform::store(&self.folds_key(), Some(&self.folds.with_untracked(Folds::text)));
    }

    /// The storage key of the folded departments.
    fn folds_key(self) -> String {
        UserStorage::new(self.me).own_key("folds")
    }

    /// Reads from a group; the default when it no longer exists.
    fn of<T: Default>(self, name: &GroupName, question: impl FnOnce(&PeopleGroup) -> T) -> T {
        self.found.with(|groups| groups.iter().find(|group| group.name == *name).map(question).unwrap_or_default())
    }

    /// Renders the visible rows, and restores the folded departments from the storage.
    fn follow_sight(self, chosen: RwSignal<Tab>) {
        effect(move || {
            if let Some(folds) = platform::stored(&self.folds_key()) {
                self.folds.update(|known| known.read(&folds));
            }
        });
        effect(move || {
            self.found.track();
            self.folds.track();
            chosen.track();
            self.is_measured.set_value(true);
            platform::next_frame(move || self.scrolled.notify());
        });
        follow_scrolling(self.scrolled);
    }
}

/// Keeps the focus in the list when the row that has it scrolls out of view, and notifies of a new size of the window.
pub fn follow_scrolling(scrolled: Trigger) {
    effect(move || {
        scrolled.track();
        let had_focus = platform::is_there("#panel-people .row-item :focus");
        platform::next_frame(move || {
            if had_focus && !platform::is_there("#panel-people :focus") {
                platform::focus("#panel-people");
            }
        });
    });
    let resized = platform::on_window("resize", move |_| scrolled.notify());
    on_cleanup(move || resized.remove());
}

/// `scrolled` is notified when the panel around the list scrolls.
#[component]
pub fn PeopleList(query: RwSignal<String>, chosen: RwSignal<Tab>, scrolled: Trigger) -> impl IntoView {
    let session = LobbySession::current();
    let words = words();
    let groups = Groups::new(session, query, scrolled);
    groups.follow_sight(chosen);
    let find_more = move |_| {
        chosen.set(Tab::Rooms);
        platform::focus(".search input");
    };
    let is_alone = move || query.read().is_empty() && session.lobby.with(Lobby::is_alone);
    view! {
        <p class="hint">{words.pick_hint}</p>
        <button class="button new-group needs-program" type="button" on:click=clicked(move |_| session.new_group.set(true))>
            <Icon drawing=Drawing::Group />
            {words.new_group}
        </button>
        {when(is_alone, move || view! { <div class="empty"><p>{words.nobody}</p><p>{words.nobody_how}</p></div> }.into_any())}
        {list(move || groups.names(), move |name| view! { <GroupSection name groups /> }.into_any())}
        {when(
            move || groups.found.read().is_empty() && groups.is_searching.get(),
            move || view! { <div class="empty"><p>{words.nobody_found}</p></div> }.into_any(),
        )}
        {when(
            move || groups.is_searching.get(),
            move || view! {
                <button class="button find-more" type="button" on:click=clicked(find_more)>{words.find_in_messages}</button>
            }.into_any(),
        )}
    }
}

/// The text of a heading, and the base of its id.
pub fn title(name: &GroupName) -> (String, String) {
    let words = words();
    let (title, id) = match name {
        GroupName::Favourites => (words.favourites, "favourites"),
        GroupName::Online => (words.online, "here"),
        GroupName::Offline => (words.offline, "away"),
        GroupName::NoDepartment => (words.no_department, "other"),
        GroupName::Department(path) => (innermost(path), path.as_str()),
    };
    // A plain space would separate two ids.
    (title.to_owned(), id.replace(' ', "\u{a0}"))
}

#[component]
fn GroupSection(name: GroupName, groups: Groups) -> impl IntoView {
    let name = StoredValue::new(name);
    let (title, id) = name.with_value(title);
    let (head, rows) = (format!("people-{id}"), format!("rows-{id}"));
    let is_open = Memo::new(move |_| name.with_value(|name| groups.is_open(name)));
    let size = Memo::new(move |_| name.with_value(|name| groups.of(name, |group| group.people.len())));
    // The range of rows that are rendered.
    let drawn = RwSignal::new((0, if groups.is_measured.get_value() { 0 } else { FIRST_ROWS }));
    let of = rows.clone();
    effect(move || {
        groups.scrolled.track();
        if is_open.get_untracked()
            && let Some(seen) = platform::rows_in_sight(&of, size.get_untracked())
            && seen != drawn.get_untracked()
        {
            drawn.set(seen);
        }
    });
    let people = move || {
        let (from, until) = if is_open.get() { drawn.get() } else { (0, 0) };
        let part = |group: &PeopleGroup| group.people.iter().take(until).skip(from).copied().collect::<Vec<_>>();
        name.with_value(|name| groups.of(name, part))
    };
    let spacers = move || {
        let (from, until) = drawn.get();
        format!("--before:{};--after:{}", from.min(size.get()), size.get().saturating_sub(until))
    };
    view! {
        <div class="people-group" style=format!("--depth:{}", name.with_value(GroupName::depth))>
            <h2 class="group" id=head.clone()><GroupHeading name groups title is_open drawn /></h2>
            <ul class="rows" id=rows aria-labelledby=head style=derived(spacers) hidden=derived(move || !is_open.get() || size.get() == 0)>
                {list(people, move |id| view! { <li class="row-item"><PersonRow id /></li> }.into_any())}
            </ul>
        </div>
    }
}

/// The name of a group and its size; for a department also the number of online users.
#[component]
fn GroupHeading(
    name: StoredValue<GroupName>,
    groups: Groups,
    title: String,
    is_open: Memo<bool>,
    drawn: RwSignal<(usize, usize)>,
) -> impl IntoView {
    let is_department = name.with_value(|name| name.path().is_some());
    let count = derived(move || {
        let count = |group: &PeopleGroup| match group {
            PeopleGroup { online, size, .. } if is_department => format!(" · {online}/{size}"),
            PeopleGroup { size, .. } => format!(" · {size}"),
        };
        name.with_value(|name| groups.of(name, count))
    });
    if !is_department {
        return view! { {title}{count} }.into_any();
    }
    let toggle = move |_| {
        // The first rows must exist before the next key; the visible rows are measured a frame later.
        drawn.set((0, FIRST_ROWS));
        name.with_value(|name| groups.toggle(name));
    };
    view! {
        <button class="fold" type="button" aria-expanded=derived(move || is_open.get().to_string())
            disabled=derived(move || groups.is_searching.get()) on:click=clicked(toggle)>{title}{count}</button>
    }
    .into_any()
}

/// The row stays while its content changes, because it may have the focus, or be about to be clicked.
#[component]
pub fn PersonRow(id: UserId) -> impl IntoView {
    let session = LobbySession::current();
    let person = session.person(id);
    let content = part(move || {
        person.get().map_or_else(|| ().into_any(), |person| view! { <PersonContent person /> }.into_any())
    });
    let name = move || person.get().map_or_else(String::new, |person| format!("{} {}", person.name, words().profile));
    let card = move |_| session.profile.set(Some(id));
    if session.lobby.with_untracked(|lobby| lobby.me == id) {
        let notes = words().notes;
        return view! {
            <button class="row me" type="button" on:click=clicked(card)>{content}</button>
            <button class="plain act needs-program" type="button" aria-label=notes title=notes on:click=clicked(move |_| session.open_notes())><Icon drawing=Drawing::Note /></button>
        }
        .into_any();
    }
    view! {
        <form method="post" action="/api/open_direct" on:submit=submitted(move |event| session.navigation.open_person(&event, id))>
            <input type="hidden" name="user" value=id.to_string() />
            <input type="hidden" name="place" value="" />
            <button class="row" type="submit" name="as" value=session.me.to_string()>{content}</button>
        </form>
        <button class="plain act needs-program" type="button" aria-label=derived(name) on:click=clicked(card)><Icon drawing=Drawing::More /></button>
    }
    .into_any()
}

/// The content of a row.
#[component]
fn PersonContent(person: ShownPerson) -> impl IntoView {
    let words = words();
    let ShownPerson { id, name, presence, status, workplace, is_me, absent_until } = person;
    let line = status.unwrap_or(workplace);
    let line = if line.is_empty() && presence == Presence::Offline && absent_until.is_none() {
        words.leave_a_message.to_owned()
    } else {
        line
    };
    view! {
        <Avatar user=id name=name.clone() presence=Some(presence) />
        <span class="row-text">
            <span class="row-name"><bdi>{name}</bdi>{is_me.then(|| view! { <span class="mark">{words.me}</span> })}</span>
            {absent_line(absent_until, line)}
        </span>
    }
}

/// The line below a name: until when the user is absent, then the rest.
pub fn absent_line(absent_until: Option<i64>, line: String) -> Option<AnyView> {
    let clock = clock();
    let absent = absent_until.map(|until| {
        view! { <span class="absent">{derived(move || clock.absent_until(until))}</span>" " }
    });
    (absent.is_some() || !line.is_empty())
        .then(|| view! { <span class="row-line">{absent}<bdi>{line}</bdi></span> }.into_any())
}
