//! The people: favourites, departments or who is here, oneself marked. Picking one opens a conversation.

use leptos::prelude::*;

use crate::{
    client::{
        components::{
            avatar::Avatar,
            icon::{Drawing, Icon},
            tabs::Tab,
            window::Window,
        },
        live::{clicked, list, live, part, submitted, when},
        platform,
        state::people::{DRAWN, Group, GroupName, Person, draw, left_out},
        text::words,
    },
    protocol::{ids::UserId, user::Presence},
};

#[component]
pub fn People(query: RwSignal<String>, chosen: RwSignal<Tab>) -> impl IntoView {
    let window = Window::current();
    let words = words();
    let (folded, most) = (RwSignal::new(Vec::<String>::new()), RwSignal::new(DRAWN));
    let groups = Memo::new(move |_| {
        let mut groups = window.lobby.with(|lobby| lobby.groups(&query.read()));
        draw(&mut groups, &folded.read(), most.get());
        groups
    });
    let names = move || {
        let folded = folded.read();
        groups.with(|groups| {
            let is_open =
                |group: &&Group| !group.name.is_below(&folded) && (group.is_drawn() || group.name.is_in(&folded));
            let open = groups.iter().filter(is_open);
            open.map(|group| group.name.clone()).collect::<Vec<_>>()
        })
    };
    let left_out = move || groups.with(|groups| left_out(groups, &folded.read()));
    let find_more = move |_| {
        chosen.set(Tab::Rooms);
        platform::focus(".search input");
    };
    let is_alone = move || query.read().is_empty() && window.lobby.with(|lobby| lobby.others().is_empty());
    view! {
        <p class="hint">{words.pick_hint}</p>
        <button class="button new-group needs-program" type="button" on:click=clicked(move |_| window.picks.set(true))>
            <Icon drawing=Drawing::Group />
            {words.new_group}
        </button>
        {when(is_alone, move || view! { <div class="empty"><p>{words.nobody}</p><p>{words.nobody_hint}</p></div> }.into_any())}
        {list(names, move |name| {
            let of = name.clone();
            let people = move || groups.with(|groups| find(groups, &of).map(|group| group.people.clone()).unwrap_or_default());
            let of = name.clone();
            let size = live(move || groups.with(|groups| find(groups, &of).map_or(0, |group| group.size)));
            view! { <PeopleGroup name people=Signal::derive(people) size folded /> }.into_any()
        })}
        <button class="button find-more needs-program" type="button" hidden=live(move || left_out() == 0)
            on:click=clicked(move |_| most.update(|most| *most += DRAWN))>
            {words.more_people}
        </button>
        {when(
            move || groups.read().is_empty() && !query.read().is_empty(),
            move || view! { <div class="empty"><p>{words.nobody_found}</p></div> }.into_any(),
        )}
        {when(
            move || !query.read().trim().is_empty(),
            move || view! {
                <button class="button find-more" type="button" on:click=clicked(find_more)>{words.find_in_messages}</button>
            }.into_any(),
        )}
    }
}

fn find<'a>(groups: &'a [Group], name: &GroupName) -> Option<&'a Group> {
    groups.iter().find(|group| group.name == *name)
}

/// `size`: how many there are in it, drawn or not.
#[component]
fn PeopleGroup(
    name: GroupName,
    people: Signal<Vec<UserId>>,
    size: Signal<usize>,
    folded: RwSignal<Vec<String>>,
) -> impl IntoView {
    let words = words();
    let (id, title) = match &name {
        GroupName::Favourites => ("people-favourites".to_owned(), words.favourites.to_owned()),
        GroupName::Here => ("people-here".to_owned(), words.here_group.to_owned()),
        GroupName::Away => ("people-away".to_owned(), words.away_group.to_owned()),
        GroupName::NoDepartment => ("people-other".to_owned(), words.no_department.to_owned()),
        GroupName::Department(path) => {
            (format!("people-{}", path.replace(' ', "_")), path.rsplit('/').next().unwrap_or_default().to_owned())
        }
    };
    let (depth, path) = (name.depth(), if let GroupName::Department(path) = name { Some(path) } else { None });
    let (of, count) = (
        path.clone(),
        live(move || match size.get() {
            0 => String::new(),
            count => format!(" · {count}"),
        }),
    );
    let is_open = Memo::new(move |_| of.as_ref().is_none_or(|path| !folded.read().contains(path)));
    let head = match path {
        None => view! { {title}{count} }.into_any(),
        Some(path) => {
            let turn = move |_| {
                folded.update(|folded| match folded.iter().position(|known| *known == path) {
                    Some(place) => drop(folded.remove(place)),
                    None => folded.push(path.clone()),
                })
            };
            view! {
                <button class="fold" type="button" aria-expanded=live(move || is_open.get().to_string()) on:click=clicked(turn)>{title}{count}</button>
            }.into_any()
        }
    };
    view! {
        <div class="people-group" style=format!("--depth:{depth}")>
            <h2 class="group" id=id.clone()>{head}</h2>
            <ul class="rows" aria-labelledby=id hidden=live(move || !is_open.get() || people.read().is_empty())>
                {list(move || people.get(), move |id| view! { <li class="row-item"><PersonRow id /></li> }.into_any())}
            </ul>
        </div>
    }
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
