//! `/design`: the list of a large organisation in its states, with an invented organisation.

use leptos::{context::Provider, prelude::*};

use crate::{
    components::{organisation::OrganisationList, tabs::Tab},
    lobby::{organisation::OrganisationSession, session::LobbySession},
    state::{organisation::FindContext, people::GroupName},
};
use protocol::{
    error::Refusal,
    ids::UserId,
    lobby_socket::{LobbyEvent, LobbySnapshot},
    people::{DepartmentCount, PeopleCount},
    user::{Presence, Profile, User},
};

/// A state of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganisationState {
    /// The first page: the user's own department.
    First,
    /// The tree, with one department whose further users are awaited.
    Tree,
    /// A department did not load.
    Failed,
    /// A search with the known users, and with the server's.
    Searching,
    Found,
    NobodyFound,
}

impl OrganisationState {
    pub const ALL: [Self; 6] = [Self::First, Self::Tree, Self::Failed, Self::Searching, Self::Found, Self::NobodyFound];

    fn query(self) -> &'static str {
        match self {
            Self::First | Self::Tree | Self::Failed => "",
            Self::Searching | Self::Found => "최",
            Self::NobodyFound => "zzz",
        }
    }
}

#[component]
pub fn OrganisationInState(state: OrganisationState) -> impl IntoView {
    let session = LobbySession::new(snapshot(), None);
    let organisation = OrganisationSession::new(session);
    if state != OrganisationState::First {
        bring_to(state, session, organisation);
    }
    let query = RwSignal::new(state.query().to_owned());
    view! {
        <Provider value=session>
            <Provider value=organisation>
                <OrganisationList query chosen=RwSignal::new(Tab::People) scrolled=Trigger::new() />
            </Provider>
        </Provider>
    }
}

/// Plays the answers that lead to a state.
fn bring_to(
    state: OrganisationState,
    session: LobbySession,
    OrganisationSession { organisation, folds, .. }: OrganisationSession,
) {
    let apply = |event| session.lobby.update(|lobby| drop(organisation.try_update(|known| known.apply(lobby, event))));
    let ask = |path: &str| drop(organisation.try_update(|known| known.ask_open(path)));
    ask("");
    apply(answer(
        "",
        (100_231, 61_200),
        &[("감사관실", 48, 21), ("기획국", 412, 210), ("정보화추진단과 디지털혁신본부", 1_840, 1_102)],
        &[],
    ));
    ask("기획국");
    apply(answer("기획국", (412, 210), &[("기획국/총무과", 2, 2), ("기획국/정보화기획과", 410, 208)], &[]));
    folds.update(|folds| folds.toggle(&GroupName::Department("감사관실".to_owned())));
    ask("감사관실");
    if state == OrganisationState::Failed {
        apply(LobbyEvent::Refused { error: Refusal::TooFast, id: None });
    } else {
        let users = [
            person("audit", "감사관", "감사관실", Presence::Online),
            person("audit2", "최감사", "감사관실", Presence::Offline),
        ];
        apply(answer("감사관실", (7, 3), &[], &users));
    }
    session
        .lobby
        .with_untracked(|lobby| organisation.update(|known| drop(known.find(FindContext::List, state.query(), lobby))));
    if matches!(state, OrganisationState::Found | OrganisationState::NobodyFound) {
        organisation.update(|known| drop(known.ask_found(FindContext::List)));
        let found = person("far", "최먼곳", "정보화추진단과 디지털혁신본부", Presence::Idle);
        let users = if state == OrganisationState::Found { vec![found] } else { Vec::new() };
        let after = users.first().map(|user| user.id);
        apply(LobbyEvent::PeopleFound { query: state.query().to_owned(), users, after });
    }
}

fn answer(path: &str, (people, online): (u32, u32), below: &[(&str, u32, u32)], users: &[User]) -> LobbyEvent {
    let count = |(path, people, online): &(&str, u32, u32)| DepartmentCount {
        path: (*path).to_owned(),
        people: *people,
        online: *online,
    };
    let after = users.last().map(|user| user.id);
    LobbyEvent::Department {
        path: path.to_owned(),
        people,
        online,
        departments: below.iter().map(count).collect(),
        users: users.to_vec(),
        after,
    }
}

fn person(login: &str, name: &str, department: &str, presence: Presence) -> User {
    let profile =
        Profile { department: Some(department.to_owned()), title: Some("주무관".to_owned()), ..Profile::default() };
    let (login, name) = (login.to_owned(), name.to_owned());
    User { id: UserId::new(), login, name, is_ambiguous: false, presence, profile, absence: None }
}

fn snapshot() -> LobbySnapshot {
    let me = person("minsu", "김민수", "기획국/총무과", Presence::Online);
    let other = person("jiwoo", "최지우", "기획국/총무과", Presence::Busy);
    let people = Some(PeopleCount { count: 100_231, online: 61_200, departments: Vec::new() });
    let (id, favourites) = (me.id, vec![other.id]);
    LobbySnapshot { people, favourites, users: vec![me, other], ..empty(id) }
}

fn empty(me: UserId) -> LobbySnapshot {
    LobbySnapshot {
        me,
        cursor: Default::default(),
        resumed_from: None,
        people: None,
        users: Vec::new(),
        departments: Vec::new(),
        rooms: Vec::new(),
        favourites: Vec::new(),
        settings: String::new(),
        unsent: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hydration_context::SsrSharedContext;

    use crate::{clock::provide_clock, text::Lang};

    use super::*;

    /// The text of a state as the server renders it, its elements without attributes.
    fn rendered(state: OrganisationState, lang: Lang) -> String {
        let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new())));
        owner.with(|| {
            provide_context(lang);
            provide_clock();
            view! { <OrganisationInState state /> }.to_html()
        })
    }

    /// The texts between the tags.
    fn texts(html: &str) -> String {
        let parts = html.split('>').filter_map(|part| part.split('<').next());
        parts.filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn the_first_page_has_the_own_department_and_the_size_of_the_organisation() {
        let html = rendered(OrganisationState::First, Lang::Ko);
        let text = texts(&html);
        assert!(text.contains("모두 100,231명, 온라인 61,200명"), "{text}");
        let offsets = ["|즐겨찾기|", "|기획국|", "|총무과|", "|김민수|"].map(|name| text.find(name).expect(name));
        assert!(offsets.is_sorted(), "{text}");
        assert_eq!(html.matches("aria-expanded=\"true\"").count(), 2, "the own branch is open: {html}");
    }

    #[test]
    fn the_tree_says_its_sizes_and_reserves_the_rows_of_those_who_are_awaited() {
        let html = rendered(OrganisationState::Tree, Lang::Ko);
        let text = texts(&html);
        assert!(text.contains("정보화추진단과 디지털혁신본부") && text.contains("1,840명 중 1,102명 온라인"), "{text}");
        assert_eq!(html.matches("row-item awaited").count(), 5, "of seven two are known");
        assert_eq!(html.matches("aria-expanded=\"false\"").count(), 3);
    }

    #[test]
    fn a_department_that_did_not_load_offers_another_try() {
        let text = texts(&rendered(OrganisationState::Failed, Lang::Ko));
        assert!(text.contains("불러오지 못했습니다.") && text.contains("다시 시도"), "{text}");
        let text = texts(&rendered(OrganisationState::Failed, Lang::En));
        assert!(text.contains("This could not be loaded.") && text.contains("21 of 48 online"), "{text}");
    }

    #[test]
    fn a_search_lists_the_known_users_first_and_says_when_nobody_is_found() {
        let text = texts(&rendered(OrganisationState::Searching, Lang::Ko));
        assert!(text.contains("최지우") && text.contains("찾는 중") && !text.contains("기획국/"), "{text}");
        let text = texts(&rendered(OrganisationState::Found, Lang::Ko));
        assert!(text.find("최지우") < text.find("최먼곳") && text.contains("3+") && text.contains("더 보기"), "{text}");
        let html = rendered(OrganisationState::NobodyFound, Lang::En);
        assert!(texts(&html).contains("No one matches."), "{html}");
    }
}
