//! The controller of people on demand: which departments, users and names the window asks for, and when.

use std::{sync::Arc, time::Duration};

use leptos::prelude::*;

use crate::{
    decode_on_demand::decode_on_demand,
    lobby::{
        frame::LobbyInput,
        on_demand::{OnDemand, PickSource},
        session::LobbySession,
    },
    platform,
    state::{
        lobby::Lobby,
        notice::Notice,
        organisation::{FindContext, Organisation, Section},
        people::{Folds, GroupName},
    },
    user_storage::UserStorage,
    view::{derived, effect},
};
use protocol::{
    ids::UserId,
    lobby_socket::{LobbyCommand, LobbyEvent},
    user::User,
};

/// Searches are debounced by this time.
const FIND_AFTER: Duration = Duration::from_millis(80);
/// The delay from a change of the drawn rows to `watch`. Changes within it are sent together.
const WATCH_AFTER: Duration = Duration::from_millis(200);
/// An answer that takes longer counts as missing.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Departments that are open again in a new window.
const REOPENED: usize = 8;

#[derive(Clone, Copy)]
pub struct OrganisationSession {
    session: LobbySession,
    pub organisation: RwSignal<Organisation>,
    pub folds: RwSignal<Folds>,
    /// The list's sections.
    pub sections: Memo<Vec<Section>>,
    /// How often a snapshot or a delta has arrived: before the first one nothing is asked.
    welcomes: RwSignal<u64>,
    /// Whether what is drawn is about to be watched.
    is_due: StoredValue<bool>,
}

impl OrganisationSession {
    pub fn new(session: LobbySession) -> Self {
        let organisation = RwSignal::new(session.lobby.with_untracked(Organisation::new));
        let folds = RwSignal::new(session.lobby.with_untracked(Folds::new));
        let sections = Memo::new(move |_| {
            session.lobby.with(|lobby| organisation.with(|organisation| organisation.sections(lobby, &folds.read())))
        });
        // In a window whose organisation has just become large the snapshot has arrived before the list.
        let welcomes = RwSignal::new(u64::from(untrack(|| session.link.is_connected())));
        Self { session, organisation, folds, sections, welcomes, is_due: StoredValue::new(false) }
    }

    /// Takes part in the session until the current owner is cleaned up.
    pub fn start(self) {
        self.session.on_demand.set_value(Some(Arc::new(self)));
        on_cleanup(move || drop(self.session.on_demand.try_set_value(None)));
        effect(move || {
            if let Some(folds) = platform::stored(&self.folds_key()) {
                self.folds.update(|known| {
                    known.read(&folds);
                    known.keep_newest(REOPENED);
                });
            }
        });
        effect(move || {
            if self.welcomes.get() > 0 {
                self.ask_open();
            }
        });
        effect(move || {
            self.session.lobby.track();
            self.follow_drawn();
        });
    }

    /// Asks for the open departments that are not known yet.
    fn ask_open(self) {
        let open = self.organisation.with(|organisation| {
            let folds = self.folds.read();
            let mut open = organisation.open_paths(&folds);
            open.retain(|path| organisation.needs(path, &folds));
            open
        });
        open.iter().for_each(|path| self.ask(|organisation| organisation.ask_open(path)));
    }

    /// Asks for the next page of a department, of which unknown users are in sight.
    pub fn ask_more(self, path: &str) {
        self.ask(|organisation| organisation.ask_more(path));
    }

    pub fn retry(self, path: &str) {
        self.organisation.update(|organisation| organisation.retry(path));
    }

    /// Sends a command. Without a connection its answer is awaited until the next one, which asks again.
    fn ask(self, command: impl FnOnce(&mut Organisation) -> Option<LobbyCommand>) {
        let Some(command) = self.organisation.try_update_untracked(command).flatten() else { return };
        self.session.link.send(&command);
        self.organisation.notify();
        platform::after(ANSWER_WITHIN, move || {
            let is_waiting = self.organisation.try_with_untracked(Organisation::is_waiting);
            if is_waiting == Some(true) && self.is_connected() {
                self.organisation.update(Organisation::fail_awaited);
            }
        });
    }

    fn is_connected(self) -> bool {
        untrack(|| self.session.link.is_connected())
    }

    /// Opens a folded department, or folds an open one.
    pub fn toggle(self, name: &GroupName) {
        self.folds.update(|folds| folds.toggle(name));
        platform::store(&self.folds_key(), Some(&self.folds.with_untracked(Folds::text)));
    }

    /// The storage key of the folded departments.
    fn folds_key(self) -> String {
        UserStorage::new(self.session.me).own_key("folds")
    }

    /// Other rows may be drawn, or other names shown: asks a moment later for what is missing.
    pub fn follow_drawn(self) {
        if self.is_due.try_update_value(|is_due| !std::mem::replace(is_due, true)) == Some(true) {
            platform::after(WATCH_AFTER, move || {
                self.is_due.try_set_value(false);
                if self.welcomes.try_get_untracked() > Some(0) {
                    self.watch();
                }
            });
        }
    }

    fn watch(self) {
        let drawn: Vec<UserId> = platform::drawn_users().iter().filter_map(|user| user.parse().ok()).collect();
        let departments = platform::drawn_departments();
        let commands = self.session.lobby.with_untracked(|lobby| {
            self.organisation.try_update_untracked(|organisation| {
                [organisation.ask_names(lobby, &drawn), organisation.watch(lobby, &drawn, &departments)]
            })
        });
        commands.into_iter().flatten().flatten().for_each(|command| {
            self.session.link.send(&command);
        });
    }

    /// Searches for a query as it is typed, and again after every connection.
    pub fn find(self, context: FindContext, query: RwSignal<String>) {
        effect(move || {
            self.welcomes.track();
            self.look_for(context, &query.read());
        });
    }

    /// Shows the known users at once, and asks the server when nothing more is typed.
    fn look_for(self, context: FindContext, query: &str) {
        let typed = self.session.lobby.with_untracked(|lobby| {
            self.organisation.try_update(|organisation| organisation.find(context, query, lobby))
        });
        platform::after(FIND_AFTER, move || {
            let current = self.organisation.try_with_untracked(|organisation| organisation.query(context).to_owned());
            if current == typed && self.welcomes.try_get_untracked() > Some(0) {
                self.ask(|organisation| organisation.ask_found(context));
            }
        });
    }

    /// Asks for the next page of a search.
    pub fn ask_more_found(self, context: FindContext) {
        self.ask(|organisation| organisation.ask_more_found(context));
    }
}

impl OnDemand for OrganisationSession {
    fn apply(&self, lobby: &mut Lobby, frame: LobbyInput) -> Vec<Notice> {
        let event = match frame {
            LobbyInput::Event(event) => Some(event),
            LobbyInput::Other(value) => decode_on_demand(&value),
        };
        let Some(event) = event else { return Vec::new() };
        let is_welcome = matches!(event, LobbyEvent::Welcome(_));
        let notices = self.organisation.try_update(|organisation| organisation.apply(lobby, event));
        if is_welcome {
            self.welcomes.update(|welcomes| *welcomes += 1);
        }
        notices.unwrap_or_default()
    }

    fn found(&self, query: RwSignal<String>) -> Signal<Vec<UserId>> {
        let organisation = self.organisation;
        self.find(FindContext::Palette, query);
        let me = self.session.me;
        let is_other = move |user: &&UserId| **user != me;
        derived(move || {
            organisation.with(|known| known.found(FindContext::Palette).iter().filter(is_other).copied().collect())
        })
    }

    fn pick(&self) -> PickSource {
        let Self { session, organisation, .. } = *self;
        let users = RwSignal::new(session.lobby.with_untracked(Lobby::others));
        effect(move || {
            let found = organisation.with(|organisation| organisation.found(FindContext::Picker).to_vec());
            let is_known = |user: UserId| users.with_untracked(|users| users.iter().any(|known| known.id == user));
            let is_new = |user: &UserId| *user != session.me && !is_known(*user);
            let new = found.into_iter().filter(is_new);
            let new: Vec<User> =
                session.lobby.with_untracked(|lobby| new.filter_map(|id| lobby.user(id).cloned()).collect());
            if !new.is_empty() {
                users.update(|users| users.extend(new));
            }
        });
        let this = *self;
        let find = Callback::new(move |query: String| this.look_for(FindContext::Picker, &query));
        let whole = organisation.with_untracked(Organisation::whole_departments);
        PickSource {
            users: derived(move || Some(users.get())),
            is_partial: Signal::stored(true),
            whole: StoredValue::new(whole),
            find: Some(find),
        }
    }
}
