//! The list of users of a large organisation: favourites, then the tree of departments with their sizes. A department
//! loads when it opens, its users page by page. Only the visible rows are rendered.

use leptos::prelude::*;

use crate::{
    components::{
        icon::{Drawing, Icon},
        organisation_search::FoundSection,
        people::{follow_scrolling, title},
        tabs::Tab,
        virtual_rows::VirtualRows,
    },
    lobby::{organisation::OrganisationSession, session::LobbySession},
    platform,
    state::{
        organisation::{BranchState, FindContext, PersonSlot, Section},
        people::GroupName,
    },
    text::{
        organisation::{grouped, organisation_words as words},
        with_names, words as all_words,
    },
    view::{clicked, derived, effect, list, part, when},
};

/// What the sections share.
#[derive(Clone, Copy)]
struct OrganisationTree {
    organisation: OrganisationSession,
    query: RwSignal<String>,
    /// Notified when other rows may be visible.
    scrolled: Trigger,
    /// The department that was opened last, which the live region announces.
    opened: RwSignal<Option<GroupName>>,
}

impl OrganisationTree {
    fn is_searching(self) -> bool {
        !self.query.read().trim().is_empty()
    }

    /// Reads from a section; the default when it no longer exists.
    fn of<T: Default>(self, name: &GroupName, question: impl FnOnce(&Section) -> T) -> T {
        let sections = self.organisation.sections.read();
        sections.iter().find(|section| section.name == *name).map(question).unwrap_or_default()
    }

    fn toggle(self, name: &GroupName) {
        self.organisation.toggle(name);
        let is_open = self.organisation.folds.with_untracked(|folds| folds.is_open(name));
        self.opened.set(Some(name.clone()).filter(|_| is_open));
    }

    /// Renders the visible rows, and watches them.
    fn follow_sight(self, chosen: RwSignal<Tab>) {
        effect(move || {
            self.organisation.sections.track();
            self.query.track();
            chosen.track();
            platform::next_frame(move || self.scrolled.notify());
        });
        effect(move || {
            self.scrolled.track();
            self.organisation.follow_drawn();
        });
        follow_scrolling(self.scrolled);
    }
}

/// `scrolled` is notified when the panel around the list scrolls.
#[component]
pub fn OrganisationList(query: RwSignal<String>, chosen: RwSignal<Tab>, scrolled: Trigger) -> impl IntoView {
    let session = LobbySession::current();
    let organisation = use_context().unwrap_or_else(|| OrganisationSession::new(session));
    organisation.start();
    organisation.find(FindContext::List, query);
    let tree = OrganisationTree { organisation, query, scrolled, opened: RwSignal::new(None) };
    tree.follow_sight(chosen);
    let find_more = move |_| {
        chosen.set(Tab::Rooms);
        platform::focus(".search input");
    };
    let opened = Memo::new(move |_| opened(tree));
    let size = move || {
        session.lobby.with(|lobby| {
            let people = lobby.people.as_ref()?;
            Some(with_names(words().of_everybody, &grouped(people.online), &grouped(people.count)))
        })
    };
    view! {
        <div class="organisation">
            <p class="hint">{derived(size)}</p>
            <button class="button new-group needs-program" type="button" on:click=clicked(move |_| session.new_group.set(true))>
                <Icon drawing=Drawing::Group />
                {all_words().new_group}
            </button>
            {list(move || names(tree), move |name| view! { <TreeSection name tree /> }.into_any())}
            {when(move || tree.is_searching(), move || view! {
                <FoundSection organisation scrolled />
                <button class="button find-more" type="button" on:click=clicked(find_more)>{all_words().find_in_messages}</button>
            }.into_any())}
            <p class="unseen" role="status">{derived(move || announcement(tree, opened))}</p>
        </div>
    }
}

/// The sections of the tree; none during a search.
fn names(tree: OrganisationTree) -> Vec<GroupName> {
    if tree.is_searching() {
        return Vec::new();
    }
    tree.organisation.sections.with(|sections| sections.iter().map(|section| section.name.clone()).collect())
}

/// The department that was opened last, and whether it is loaded.
fn opened(tree: OrganisationTree) -> Option<(GroupName, BranchState)> {
    let name = tree.opened.get()?;
    let state = tree.of(&name, |section| section.state);
    Some((name, state))
}

/// The text of the live region for it. Later changes of its size are not announced.
fn announcement(tree: OrganisationTree, opened: Memo<Option<(GroupName, BranchState)>>) -> String {
    let Some((name, state)) = opened.get() else { return String::new() };
    let (title, _) = title(&name);
    let line = match state {
        BranchState::Waiting => all_words().loading.to_owned(),
        BranchState::Failed => words().not_loaded.to_owned(),
        BranchState::Idle => untrack(|| tree.of(&name, |section| section.count.map(size_line))).unwrap_or_default(),
    };
    format!("{title}: {line}")
}

/// The size of a department in words. `count`: online users, all users.
fn size_line((online, people): (u32, u32)) -> String {
    with_names(words().of_department, &grouped(online), &grouped(people))
}

#[component]
fn TreeSection(name: GroupName, tree: OrganisationTree) -> impl IntoView {
    let name = StoredValue::new(name);
    let (_, id) = name.with_value(title);
    let (head, rows_id) = (format!("people-{id}"), format!("rows-{id}"));
    let path = name.with_value(|name| name.path().map(str::to_owned));
    let is_open = Memo::new(move |_| name.with_value(|name| tree.organisation.folds.read().is_open(name)));
    let size = Memo::new(move |_| name.with_value(|name| tree.of(name, |section| section.rows)));
    let slots = move |from, until| name.with_value(|name| tree.of(name, |section| section.slots(from, until)));
    let needs_more = move |slots: &[PersonSlot]| {
        if slots.iter().any(|slot| matches!(slot, PersonSlot::Waiting(_))) {
            name.with_value(|name| name.path().into_iter().for_each(|path| tree.organisation.ask_more(path)));
        }
    };
    let rows = VirtualRows { id: rows_id.clone(), size, scrolled: tree.scrolled };
    view! {
        <div class="people-group" data-path=path style=format!("--depth:{}", name.with_value(GroupName::depth).min(5))>
            <h2 class="group" id=head.clone()><TreeHeading name tree is_open /></h2>
            {rows.view(head, slots, needs_more)}
            {when(move || name.with_value(|name| tree.of(name, |section| section.state)) == BranchState::Failed && is_open.get(), move || failed(tree, name))}
        </div>
    }
}

fn failed(tree: OrganisationTree, name: StoredValue<GroupName>) -> AnyView {
    let retry = move |_| name.with_value(|name| name.path().into_iter().for_each(|path| tree.organisation.retry(path)));
    view! {
        <p class="branch-failed">{words().not_loaded}" "
            <button class="button" type="button" on:click=clicked(retry)>{words().try_again}</button>
        </p>
    }
    .into_any()
}

/// The name of a section with its size; a department is a button that opens it.
#[component]
fn TreeHeading(name: StoredValue<GroupName>, tree: OrganisationTree, is_open: Memo<bool>) -> impl IntoView {
    let title = move || match name.get_value() {
        // Without departments everybody is in this section.
        GroupName::NoDepartment if tree.organisation.organisation.with(|organisation| organisation.is_flat()) => {
            words().everybody.to_owned()
        }
        name => title(&name).0,
    };
    let count = Memo::new(move |_| name.with_value(|name| tree.of(name, |section| section.count)));
    let size = part(move || match count.get() {
        Some((online, people)) => view! {
            <span class="size" aria-hidden="true"><b>{grouped(online)}</b>" / "{grouped(people)}</span>
            <span class="unseen">{size_line((online, people))}</span>
        }
        .into_any(),
        None => ().into_any(),
    });
    if name.with_value(|name| name.path().is_none()) {
        return view! { <span class="branch">{derived(title)}</span>{size} }.into_any();
    }
    let toggle = move |_| name.with_value(|name| tree.toggle(name));
    view! {
        <button class="fold" type="button" aria-expanded=derived(move || is_open.get().to_string()) on:click=clicked(toggle)>
            <span class="branch">{derived(title)}</span>" "{size}
        </button>
    }
    .into_any()
}
