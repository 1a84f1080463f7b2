//! A list of users of which only the rows near the visible ones are rendered, with placeholders for users who are not
//! known yet.

use leptos::prelude::*;

use crate::{
    components::people::PersonRow,
    platform,
    state::organisation::PersonSlot,
    view::{derived, effect, list},
};

/// Rows that the server renders.
const FIRST_ROWS: usize = 30;

/// The rows of one list, of which only those near the visible ones are rendered.
#[derive(Clone)]
pub struct VirtualRows {
    pub id: String,
    pub size: Memo<usize>,
    pub scrolled: Trigger,
}

impl VirtualRows {
    /// `slots`: the rows of a range. `on_drawn` receives the rendered ones.
    pub fn view(
        self,
        labelled_by: String,
        slots: impl Fn(usize, usize) -> Vec<PersonSlot> + Send + Sync + 'static,
        on_drawn: impl Fn(&[PersonSlot]) + 'static,
    ) -> AnyView {
        let Self { id, size, scrolled } = self;
        let range = RwSignal::new((0, FIRST_ROWS));
        let drawn = Memo::new(move |_| {
            let (from, until) = range.get();
            slots(from, until.min(size.get()))
        });
        let of = id.clone();
        effect(move || {
            scrolled.track();
            if let Some(seen) = platform::rows_in_sight(&of, size.get_untracked())
                && seen != range.get_untracked()
            {
                range.set(seen);
            }
        });
        effect(move || drawn.with(|drawn| on_drawn(drawn)));
        effect(move || {
            // The first rows of a list that opens again must exist before the next key.
            if size.get() == 0 {
                range.set((0, FIRST_ROWS));
            }
        });
        let spacers = move || {
            let (from, until) = range.get();
            format!("--before:{};--after:{}", from.min(size.get()), size.get().saturating_sub(until))
        };
        view! {
            <ul class="rows" id=id aria-labelledby=labelled_by style=derived(spacers) hidden=derived(move || size.get() == 0)>
                {list(move || drawn.get(), slot)}
            </ul>
        }
        .into_any()
    }
}

/// A user, or a placeholder of the same height.
fn slot(slot: PersonSlot) -> AnyView {
    match slot {
        PersonSlot::Person(id) => view! { <li class="row-item"><PersonRow id /></li> }.into_any(),
        PersonSlot::Waiting(_) => view! {
            <li class="row-item awaited" aria-hidden="true"><span class="avatar"></span><span class="row-text"><i></i><i></i></span></li>
        }
        .into_any(),
    }
}
