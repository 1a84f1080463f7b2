//! The rows and chips of the picker.

use leptos::prelude::*;

use crate::{
    components::{
        avatar::Avatar,
        icon::{Drawing, Icon},
        picking::Picking,
    },
    state::{
        address_book::innermost,
        pick_tree::{PickChip, PickRow},
    },
    text::{dialog::dialog_words, with_name, with_names},
    view::{clicked, derived, moved},
};
use protocol::{ids::UserId, user::User};

#[component]
pub fn PickRowView(row: PickRow, picking: Picking) -> impl IntoView {
    match row {
        PickRow::Department(path, depth) => department(path, depth, picking),
        PickRow::Person(id, depth) => person(id, depth, picking),
    }
}

/// A department: its name folds it, its check box chooses everybody in it.
fn department(path: String, depth: usize, picking: Picking) -> AnyView {
    let label = with_name(dialog_words().whole_department, innermost(&path));
    let name = innermost(&path).to_owned();
    let path = StoredValue::new(path);
    let count = Memo::new(move |_| path.with_value(|path| picking.count_in(path)));
    // In the list "1/2" is the number of online users.
    let chosen = move || {
        let (chosen, size) = count.get();
        with_names(dialog_words().picked_of, &chosen.to_string(), &size.to_string())
    };
    let is_open = derived(move || path.with_value(|path| picking.is_open(path)).to_string());
    let is_searching = move || !picking.query.read().trim().is_empty();
    let is_part = move || (1..count.get().1).contains(&count.get().0);
    view! {
        <li class="pick-department" style=format!("--depth:{depth}")>
            <button class="fold" type="button" aria-expanded=is_open disabled=derived(is_searching)
                on:click=clicked(move |_| path.with_value(|path| picking.fold(path)))>
                {name}" · "{derived(chosen)}
            </button>
            <label class="check">
                <input type="checkbox" aria-label=label prop:checked=derived(move || count.get().0 == count.get().1)
                    prop:indeterminate=derived(is_part) on:change=moved(move |_| path.with_value(|path| picking.toggle_department(path))) />
            </label>
        </li>
    }
    .into_any()
}

fn person(id: UserId, depth: usize, picking: Picking) -> AnyView {
    let Some(user) = untrack(|| picking.of_tree(|tree| tree.user(id).cloned())) else { return ().into_any() };
    let User { login, name, presence, profile, .. } = user;
    let line =
        profile.department.map_or_else(|| login.clone(), |path| format!("{login} · {}", path.replace('/', " › ")));
    view! {
        <li class="pick-person" style=format!("--depth:{depth}")>
            <label class="row">
                <input type="checkbox" name="user" prop:checked=derived(move || picking.has(id))
                    on:change=moved(move |_| picking.set(&[id], !picking.has(id))) />
                <Avatar user=id name=name.clone() presence=Some(presence) />
                <span class="row-text"><span class="row-name"><bdi>{name}</bdi></span><span class="row-line">{line}</span></span>
            </label>
        </li>
    }
    .into_any()
}

/// A chip: a click removes its choice.
#[component]
pub fn ChipView(chip: PickChip, picking: Picking) -> impl IntoView {
    let words = dialog_words();
    let name = untrack(|| match &chip {
        PickChip::Department(path) => {
            format!("{} {}", with_name(words.whole_department, innermost(path)), picking.count_in(path).1)
        }
        PickChip::Person(id) => picking.of_tree(|tree| tree.user(*id).map(User::display_name)).unwrap_or_default(),
    });
    let label = with_name(words.unpick, &name);
    view! {
        <button class="pick-chip" type="button" aria-label=label on:click=clicked(move |_| picking.drop_chip(&chip))>
            <bdi>{name}</bdi><Icon drawing=Drawing::Close />
        </button>
    }
}
