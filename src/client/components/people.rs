//! The people: favourites, departments or who is here, oneself marked. Picking one opens a conversation. Of
//! thousands only the rows in sight are drawn.

use leptos::prelude::*;

use crate::{
    client::{
        components::{
            avatar::Avatar,
            icon::{Drawing, Icon},
            tabs::Tab,
            window::Window,
        },
        live::{clicked, effect, list, live, part, submitted, when},
        platform,
        state::people::{Folds, Group, GroupName, Person},
        text::words,
    },
    protocol::{ids::UserId, user::Presence},
};

/// Where the browser keeps which departments are open.
const FOLDS_KEY: &str = "daehwa.folds";
/// Rows of a group that a page brings along.
const FIRST_ROWS: usize = 30;

/// What the groups of the list have in common.
#[derive(Clone, Copy)]
struct Groups {
    /// Those that fit what is looked for.
    found: Memo<Vec<Group>>,
    /// Something is looked for: everything is open.
    is_searching: Memo<bool>,
    folds: RwSignal<Folds>,
    /// Told when other rows may have come into sight.
    scrolled: Trigger,
    /// It has been seen which rows are in sight.
    is_measured: StoredValue<bool>,
}

impl Groups {
    fn new(window: Window, query: RwSignal<String>, scrolled: Trigger) -> Self {
        Self {
            found: Memo::new(move |_| window.lobby.with(|lobby| lobby.groups(&query.read()))),
            is_searching: Memo::new(move |_| !query.read().trim().is_empty()),
            folds: RwSignal::new(window.lobby.with_untracked(Folds::new)),
            scrolled,
            is_measured: StoredValue::new(false),
        }
    }

    /// Their names, but for what lies below something that is folded up.
    fn names(self) -> Vec<GroupName> {
        let is_shown = |group: &&Group| self.is_searching.get() || self.folds.read().shows(&group.name);
        self.found.with(|groups| groups.iter().filter(is_shown).map(|group| group.name.clone()).collect())
    }

    fn is_open(self, name: &GroupName) -> bool {
        self.is_searching.get() || self.folds.read().is_open(name)
    }

    fn turn(self, name: &GroupName) {
        self.folds.update(|folds| folds.turn(name));
        platform::store(FOLDS_KEY, Some(&self.folds.with_untracked(Folds::text)));
    }

    /// Asks something of a group; the default when there is none of that name any more.
    fn of<T: Default>(self, name: &GroupName, question: impl FnOnce(&Group) -> T) -> T {
        self.found.with(|groups| groups.iter().find(|group| group.name == *name).map(question).unwrap_or_default())
    }

    /// Draws what is in sight, whatever brought it there. Which departments are open is known from here on.
    fn follow_sight(self, chosen: RwSignal<Tab>) {
        effect(move || {
            if let Some(folds) = platform::stored(FOLDS_KEY) {
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
        effect(move || {
            self.scrolled.track();
            let had_focus = platform::is_there("#panel-people .row-item :focus");
            platform::next_frame(move || {
                // The row with the focus went out of sight: the arrows go on from here.
                if had_focus && !platform::is_there("#panel-people :focus") {
                    platform::focus("#panel-people");
                }
            });
        });
        let resized = window_event_listener_untyped("resize", move |_| self.scrolled.notify());
        on_cleanup(move || resized.remove());
    }
}

/// `scrolled` is told when the panel that this stands in scrolls.
#[component]
pub fn People(query: RwSignal<String>, chosen: RwSignal<Tab>, scrolled: Trigger) -> impl IntoView {
    let window = Window::current();
    let words = words();
    let groups = Groups::new(window, query, scrolled);
    groups.follow_sight(chosen);
    let find_more = move |_| {
        chosen.set(Tab::Rooms);
        platform::focus(".search input");
    };
    let is_alone = move || query.read().is_empty() && window.lobby.with(|lobby| lobby.users().nth(1).is_none());
    view! {
        <p class="hint">{words.pick_hint}</p>
        <button class="button new-group needs-program" type="button" on:click=clicked(move |_| window.picks.set(true))>
            <Icon drawing=Drawing::Group />
            {words.new_group}
        </button>
        {when(is_alone, move || view! { <div class="empty"><p>{words.nobody}</p><p>{words.nobody_hint}</p></div> }.into_any())}
        {list(move || groups.names(), move |name| view! { <PeopleGroup name groups /> }.into_any())}
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

/// A heading's text and what its id is made of.
fn title(name: &GroupName) -> (String, String) {
    let words = words();
    let (title, id) = match name {
        GroupName::Favourites => (words.favourites, "favourites"),
        GroupName::Here => (words.here_group, "here"),
        GroupName::Away => (words.away_group, "away"),
        GroupName::NoDepartment => (words.no_department, "other"),
        GroupName::Department(path) => (path.rsplit('/').next().unwrap_or_default(), path.as_str()),
    };
    // A plain space would divide two ids.
    (title.to_owned(), id.replace(' ', "\u{a0}"))
}

#[component]
fn PeopleGroup(name: GroupName, groups: Groups) -> impl IntoView {
    let name = StoredValue::new(name);
    let (title, id) = name.with_value(title);
    let (head, rows) = (format!("people-{id}"), format!("rows-{id}"));
    let is_open = Memo::new(move |_| name.with_value(|name| groups.is_open(name)));
    let size = Memo::new(move |_| name.with_value(|name| groups.of(name, |group| group.people.len())));
    // The rows that are drawn: from one, and before another.
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
        let part = |group: &Group| group.people.iter().take(until).skip(from).copied().collect::<Vec<_>>();
        name.with_value(|name| groups.of(name, part))
    };
    let places = move || {
        let (from, until) = drawn.get();
        format!("--before:{};--after:{}", from.min(size.get()), size.get().saturating_sub(until))
    };
    view! {
        <div class="people-group" style=format!("--depth:{}", name.with_value(GroupName::depth))>
            <h2 class="group" id=head.clone()><Head name groups title is_open /></h2>
            <ul class="rows" id=rows aria-labelledby=head style=live(places) hidden=live(move || !is_open.get() || size.get() == 0)>
                {list(people, move |id| view! { <li class="row-item"><PersonRow id /></li> }.into_any())}
            </ul>
        </div>
    }
}

/// What a group is called, and how many are in it; of a department also how many of them are here.
#[component]
fn Head(name: StoredValue<GroupName>, groups: Groups, title: String, is_open: Memo<bool>) -> impl IntoView {
    let is_department = name.with_value(|name| name.path().is_some());
    let count = live(move || {
        let count = |group: &Group| match group {
            Group { here, size, .. } if is_department => format!(" · {here}/{size}"),
            Group { size, .. } => format!(" · {size}"),
        };
        name.with_value(|name| groups.of(name, count))
    });
    if !is_department {
        return view! { {title}{count} }.into_any();
    }
    let turn = move |_| name.with_value(|name| groups.turn(name));
    view! {
        <button class="fold" type="button" aria-expanded=live(move || is_open.get().to_string())
            disabled=live(move || groups.is_searching.get()) on:click=clicked(turn)>{title}{count}</button>
    }
    .into_any()
}

/// It stays while what it says changes: it may have the focus, or be about to be clicked.
#[component]
pub fn PersonRow(id: UserId) -> impl IntoView {
    let window = Window::current();
    let person = window.person(id);
    let face =
        part(move || person.get().map_or_else(|| ().into_any(), |person| view! { <PersonFace person /> }.into_any()));
    let name = move || person.get().map_or_else(String::new, |person| format!("{} {}", person.name, words().profile));
    let card = move |_| window.profile.set(Some(id));
    if window.lobby.with_untracked(|lobby| lobby.me == id) {
        return view! { <button class="row me" type="button" on:click=clicked(card)>{face}</button> }.into_any();
    }
    view! {
        <form method="post" action="/api/open_direct" on:submit=submitted(move |event| window.open_person(&event, id))>
            <input type="hidden" name="user" value=id.to_string() />
            <input type="hidden" name="place" value="" />
            <button class="row" type="submit" name="as" value=window.me.to_string()>{face}</button>
        </form>
        <button class="plain act needs-program" type="button" aria-label=live(name) on:click=clicked(card)><Icon drawing=Drawing::More /></button>
    }
    .into_any()
}

/// What a row shows of a person.
#[component]
fn PersonFace(person: Person) -> impl IntoView {
    let words = words();
    let Person { id, name, presence, status, place, is_me } = person;
    let line = status.unwrap_or(place);
    let line = if line.is_empty() && presence == Presence::Away { words.leave_a_message.to_owned() } else { line };
    view! {
        <Avatar user=id name=name.clone() presence=Some(presence) />
        <span class="row-text">
            <span class="row-name"><bdi>{name}</bdi>{is_me.then(|| view! { <span class="mark">{words.me}</span> })}</span>
            {(!line.is_empty()).then(|| view! { <span class="row-line"><bdi>{line}</bdi></span> })}
        </span>
    }
}
