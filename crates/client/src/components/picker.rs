//! Chooses users, for a new group or to invite into a group: by department or by search, with a chip for each choice.

use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    components::{
        pick_rows::{ChipView, PickRowView},
        picking::{Picking, SEARCH},
    },
    lobby::on_demand::PickSource,
    platform,
    text::dialog::dialog_words as words,
    view::{clicked, derived, effect, list, moved, pressed, submitted, when},
};
use protocol::{ids::UserId, limit::TITLE_CHARS};

/// The purpose of the choice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Picks {
    /// A new group, which may have a title.
    NewGroup,
    /// The same, with the partner of a direct room. The new group does not show the room's messages.
    NewGroupWithPartner,
    /// More members, who may see the history.
    Members,
}

/// `on_pick` receives the chosen users, the group's title, and whether they see the history.
#[component]
pub fn Picker(
    source: PickSource,
    picks: Picks,
    title: &'static str,
    on_pick: Callback<(Vec<UserId>, String, bool)>,
    close: Callback<()>,
) -> impl IntoView {
    let words = words();
    let picking = Picking::new(source);
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
    let note = derived(move || picking.note());
    let count = move || match picking.picked.read().len() {
        0 => String::new(),
        count => format!(" {count}"),
    };
    let submit = if picks == Picks::Members { words.do_invite } else { words.make_group };
    view! {
        <form class="picker" on:submit=submitted(send) on:keydown=pressed(move |event| picking.on_key(event))>
            <h2>{title}</h2>
            <label class="unseen" for="picker-search">{words.find_people}</label>
            <input id="picker-search" type="search" placeholder=words.find_people autocomplete="off" prop:value=picking.query
                on:input=moved(move |event| picking.query.set(event_target_value(&event))) />
            {when(move || !picking.picked.read().is_empty(), move || chips(picking))}
            {when(move || is_missing.get() && picking.picked.read().is_empty(), move || view! { <p role="alert">{words.pick_first}</p> }.into_any())}
            <ul class="rows" data-list=":is(.fold, input)">
                {list(move || picking.rows().0, move |row| view! { <PickRowView row picking /> }.into_any())}
            </ul>
            <p class="note" role="status">{note}</p>
            {more(picks)}
            <div class="ask-end">
                <button class="button" type="button" on:click=clicked(move |_| close.run(()))>{words.cancel}</button>
                <button class="button primary" type="submit" aria-disabled=derived(move || picking.picked.read().is_empty().to_string())>{submit}{derived(count)}</button>
            </div>
        </form>
    }
}

fn chips(picking: Picking) -> AnyView {
    view! {
        <div class="chips" role="group" aria-label=words().picked data-list="button">
            {list(move || picking.chips(), move |chip| view! { <ChipView chip picking /> }.into_any())}
        </div>
    }
    .into_any()
}

/// The field for the group's title, or the check box for the history.
fn more(picks: Picks) -> AnyView {
    let words = words();
    match picks {
        Picks::Members => view! {
            <label class="check"><input type="checkbox" name="history" value="on" />{words.with_history}</label>
        }
        .into_any(),
        Picks::NewGroup | Picks::NewGroupWithPartner => view! {
            {(picks == Picks::NewGroupWithPartner).then(|| view! { <p class="note">{words.new_group_hint}</p> })}
            <label class="check" for="picker-title">{words.group_title}</label>
            <input id="picker-title" type="text" maxlength=TITLE_CHARS.to_string() placeholder=words.group_title_hint autocomplete="off" />
        }
        .into_any(),
    }
}
