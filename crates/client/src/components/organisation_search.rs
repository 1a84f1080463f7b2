//! The users of a large organisation whom a query finds: known ones at once, the server's behind them.

use leptos::prelude::*;

use crate::{
    components::virtual_rows::VirtualRows,
    lobby::organisation::OrganisationSession,
    platform,
    state::organisation::{FindContext, PersonSlot},
    text::{
        found::with_first,
        organisation::{grouped, organisation_words as words},
        with_count, words as all_words,
    },
    view::{clicked, derived, effect, when},
};

/// The name of the first match, which Enter opens.
const FIRST_NAME: &str = "#rows-found .row-name bdi";

#[component]
pub fn FoundSection(organisation: OrganisationSession, scrolled: Trigger) -> impl IntoView {
    let session = organisation;
    let organisation = session.organisation;
    let found = Memo::new(move |_| organisation.with(|organisation| organisation.found(FindContext::List).to_vec()));
    let is_searching =
        Memo::new(move |_| organisation.with(|organisation| organisation.is_searching(FindContext::List)));
    let has_more = Memo::new(move |_| organisation.with(|organisation| organisation.has_more_found(FindContext::List)));
    let count = move || format!("{}{}", grouped(found.read().len() as u32), if has_more.get() { "+" } else { "" });
    // `None` until the rows are rendered.
    let first = RwSignal::new(None::<String>);
    let state = move || if is_searching.get() { all_words().searching.to_owned() } else { count() };
    let announcement = move || match (is_searching.get(), found.read().is_empty()) {
        (true, _) => String::new(),
        (false, true) => all_words().nobody_found.to_owned(),
        (false, false) => first
            .with(|first| {
                let first = first.as_ref()?;
                Some(with_first(&with_count(words().has_found, count()), words().first_found, first))
            })
            .unwrap_or_default(),
    };
    let size = Memo::new(move |_| found.read().len());
    effect(move || {
        found.track();
        first.set(None);
        platform::next_frame(move || {
            scrolled.notify();
            platform::next_frame(move || drop(first.try_set(Some(platform::text_of(FIRST_NAME)))));
        });
    });
    let rows = VirtualRows { id: "rows-found".to_owned(), size, scrolled };
    let slots = move |from: usize, until: usize| {
        let found = found.read();
        found.iter().take(until).skip(from).map(|user| PersonSlot::Person(*user)).collect()
    };
    view! {
        <div class="people-group">
            <h2 class="group" id="people-found"><span class="branch">{words().found}</span><span class="size" aria-hidden="true">{derived(state)}</span></h2>
            {rows.view("people-found".to_owned(), slots, |_| ())}
            {when(move || !is_searching.get() && found.read().is_empty(), || view! { <div class="empty"><p>{all_words().nobody_found}</p></div> }.into_any())}
            {when(move || has_more.get(), move || view! {
                <button class="button find-more" type="button" on:click=clicked(move |_| session.ask_more_found(FindContext::List))>{words().more_found}</button>
            }.into_any())}
            <p class="unseen" role="status">{derived(announcement)}</p>
        </div>
    }
}
