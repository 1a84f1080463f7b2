//! What the search of the list finds: announced for screen readers, and in the conversations the way to the people.

use std::{collections::HashSet, time::Duration};

use leptos::prelude::*;

use crate::{
    components::tabs::Tab,
    lobby::session::{LobbySession, SEARCH_AFTER},
    platform,
    state::message_search::MessageSearch,
    text::{
        dialog::dialog_words as words,
        found::{ListFindings, with_first},
    },
    view::{clicked, derived, effect, when},
};
use protocol::ids::UserId;

/// The name of the first match in the list, which Enter opens.
const FIRST_NAME: &str = ".panel:not(.other) .row .row-name bdi";

#[derive(Clone, Copy)]
struct ListSearch {
    session: LobbySession,
    query: RwSignal<String>,
    chosen: RwSignal<Tab>,
    /// The query after a pause.
    settled: RwSignal<String>,
    /// The query after the pause for which "no results" is not announced yet.
    rested: RwSignal<String>,
}

/// For how long nothing is said to be missing. The last syllable of a query may still grow: input methods keep it open,
/// and not all of them tell.
fn rest_of(query: &str) -> Duration {
    if query.ends_with(|c: char| !c.is_ascii()) { Duration::from_millis(1_500) } else { SEARCH_AFTER }
}

impl ListSearch {
    /// The number of users who match; `None` in a large organisation, whose list finds and announces them itself.
    fn people(self) -> Option<usize> {
        if self.session.is_large() {
            return None;
        }
        let groups = self.session.lobby.with(|lobby| lobby.groups(&self.query.read()));
        Some(groups.into_iter().flat_map(|group| group.people).collect::<HashSet<UserId>>().len())
    }

    /// The conversations and messages that match; `None` until the server has answered.
    fn conversations(self, people: Option<usize>) -> Option<ListFindings> {
        let query = self.query.read();
        let is_connected = self.session.link.is_connected();
        self.session.lobby.with(|lobby| {
            let search = lobby.search().filter(|search| search.query == query.trim());
            let hits = search.and_then(|search| search.hits.as_ref());
            (hits.is_some() || !is_connected).then(|| ListFindings::Conversations {
                count: lobby.rooms(&query, words()).len() + hits.map_or(0, Vec::len),
                has_older: search.is_some_and(MessageSearch::has_older),
                is_complete: hits.is_some(),
                has_people: people != Some(0),
            })
        })
    }

    fn announcement(self, people: Option<usize>) -> String {
        let is_people = self.chosen.get() == Tab::People;
        let findings = if is_people { people.map(ListFindings::People) } else { self.conversations(people) };
        let is_due = |findings: &ListFindings| {
            let pause = if findings.is_nothing() { self.rested } else { self.settled };
            *pause.read() == *self.query.read()
        };
        findings.filter(is_due).map(|findings| words().findings(findings)).unwrap_or_default()
    }

    /// The announcement with the name of the match that Enter opens, once its row is rendered.
    fn follow_announcement(self, people: Memo<Option<usize>>) -> RwSignal<String> {
        let announced = RwSignal::new(String::new());
        effect(move || {
            let announcement = self.announcement(people.get());
            platform::after_render(move || {
                let first = platform::text_of(FIRST_NAME);
                announced.try_set(with_first(&announcement, words().first_found, &first));
            });
        });
        announced
    }

    fn follow(self) {
        effect(move || {
            let typed = self.query.get();
            for (pause, time) in [(self.settled, SEARCH_AFTER), (self.rested, rest_of(&typed))] {
                let typed = typed.clone();
                platform::after(time, move || {
                    if self.query.try_with_untracked(|query| *query == typed) == Some(true) {
                        pause.try_set(typed);
                    }
                });
            }
        });
    }
}

#[component]
pub fn SearchNote(query: RwSignal<String>, chosen: RwSignal<Tab>) -> impl IntoView {
    let session = LobbySession::current();
    let pause = || RwSignal::new(String::new());
    let search = ListSearch { session, query, chosen, settled: pause(), rested: pause() };
    search.follow();
    let people = Memo::new(move |_| search.people());
    let announced = search.follow_announcement(people);
    let find_people = move |_| {
        chosen.set(Tab::People);
        platform::focus(".search input");
    };
    let has_people = move || chosen.get() == Tab::Rooms && people.get() != Some(0);
    view! {
        {when(has_people, move || view! {
            <button class="button find-more" type="button" on:click=clicked(find_people)>{words().find_in_people}</button>
        }.into_any())}
        <p class="unseen" role="status">{derived(move || announced.get())}</p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syllable_may_still_grow() {
        for query in ["없는말", "ㅂ", "なに"] {
            assert!(rest_of(query) >= Duration::from_secs(1), "{query}");
        }
        for query in ["", "meeting", "회의 ", "2026"] {
            assert_eq!(rest_of(query), SEARCH_AFTER, "{query}");
        }
    }
}
