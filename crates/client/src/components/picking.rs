//! The state of a picker: the query, the open departments, the chosen users.

use std::collections::HashSet;

use leptos::{ev::KeyboardEvent, prelude::*};

use crate::{
    lobby::{on_demand::PickSource, session::LobbySession},
    platform,
    state::pick_tree::{PickChip, PickRow, PickTree},
    text::{dialog::dialog_words as words, with_count, with_name},
    view::effect,
};
use protocol::{ids::UserId, user::User};

pub const SEARCH: &str = "#picker-search";
/// The stops of the arrow keys: the field, then the rows.
const STOP: &str = "#picker-search, .picker li :is(.fold, input)";

/// The department of the user; `None` in a room's own window, which has no list of users.
fn own_department() -> Option<String> {
    let session = use_context::<LobbySession>()?;
    session.lobby.with_untracked(|lobby| lobby.user(lobby.me)?.profile.department.clone())
}

/// The state of a picker.
#[derive(Clone, Copy)]
pub struct Picking {
    /// `None` until the users are loaded.
    pub tree: Memo<Option<PickTree>>,
    pub query: RwSignal<String>,
    /// In the order of choice.
    pub picked: RwSignal<Vec<UserId>>,
    chosen: Memo<HashSet<UserId>>,
    /// The open departments; `None` until the user folds or opens one.
    open: RwSignal<Option<HashSet<String>>>,
    /// The user whom Enter chose in the search field, until the next search.
    entered: RwSignal<Option<UserId>>,
    /// The number of users when the query was last typed.
    known: StoredValue<usize>,
}

impl Picking {
    pub fn new(source: PickSource) -> Self {
        let PickSource { users, is_partial, whole, find } = source;
        let (picked, query, known) =
            (RwSignal::new(Vec::new()), RwSignal::new(String::new()), StoredValue::new(usize::MAX));
        let own = own_department();
        let tree_of = move |users| {
            let tree = match is_partial.get() {
                true => whole.with_value(|whole| PickTree::partial(users, whole)),
                false => PickTree::from(users),
            };
            tree.with_own_first(own.as_deref())
        };
        let tree = Memo::new(move |_| users.get().map(&tree_of));
        if let Some(find) = find {
            effect(move || {
                let query = query.get();
                known.set_value(tree.with_untracked(|tree| tree.as_ref().map_or(0, PickTree::size)));
                find.run(query);
            });
        }
        Self {
            tree,
            query,
            picked,
            chosen: Memo::new(move |_| picked.read().iter().copied().collect()),
            open: RwSignal::new(None),
            entered: RwSignal::new(None),
            known,
        }
    }

    /// Reads from the tree; the default until it is loaded.
    pub fn of_tree<T: Default>(self, question: impl FnOnce(&PickTree) -> T) -> T {
        self.tree.with(|tree| tree.as_ref().map(question).unwrap_or_default())
    }

    fn opened(self) -> HashSet<String> {
        self.open.get().unwrap_or_else(|| self.of_tree(PickTree::first_open))
    }

    /// The rows, and whether a query would find more.
    pub fn rows(self) -> (Vec<PickRow>, bool) {
        self.of_tree(|tree| tree.rows(&self.query.read(), &self.opened(), self.known.get_value()))
    }

    pub fn chips(self) -> Vec<PickChip> {
        self.of_tree(|tree| tree.chips(&self.picked.read()))
    }

    /// The note below the list.
    pub fn note(self) -> String {
        let words = words();
        let entered = self.entered.get().filter(|user| self.has(*user) && self.query.read().is_empty());
        if let Some(user) = entered.and_then(|id| self.of_tree(|tree| tree.user(id).map(User::display_name))) {
            return with_name(words.has_picked, &user);
        }
        match &*self.tree.read() {
            None => words.loading.to_owned(),
            Some(tree) if tree.is_empty() => format!("{} {}", words.nobody_to_pick, words.nobody_hint),
            Some(_) => match self.rows() {
                (rows, _) if rows.is_empty() => words.nobody_found.to_owned(),
                (_, true) => words.more_by_typing.to_owned(),
                (rows, _) if !self.query.read().trim().is_empty() => with_count(words.hit_count, rows.len()),
                _ => String::new(),
            },
        }
    }

    pub fn is_open(self, path: &str) -> bool {
        self.opened().contains(path)
    }

    pub fn fold(self, path: &str) {
        let mut open = untrack(|| self.opened());
        if !open.remove(path) {
            open.insert(path.to_owned());
        }
        self.open.set(Some(open));
    }

    pub fn has(self, user: UserId) -> bool {
        self.chosen.read().contains(&user)
    }

    /// How many users of a department and those below it are chosen, and how many there are.
    pub fn count_in(self, path: &str) -> (usize, usize) {
        let chosen = self.chosen.read();
        self.of_tree(|tree| {
            let members = tree.members(path);
            (members.iter().filter(|user| chosen.contains(user)).count(), members.len())
        })
    }

    pub fn set(self, users: &[UserId], on: bool) {
        self.picked.update(|picked| {
            if on {
                let known: HashSet<UserId> = picked.iter().copied().collect();
                picked.extend(users.iter().filter(|user| !known.contains(user)));
            } else {
                let dropped: HashSet<&UserId> = users.iter().collect();
                picked.retain(|user| !dropped.contains(user));
            }
        });
    }

    /// Chooses a whole department, or removes all of it if all are chosen.
    pub fn toggle_department(self, path: &str) {
        let (picked, size) = untrack(|| self.count_in(path));
        let members = untrack(|| self.of_tree(|tree| tree.members(path).to_vec()));
        self.set(&members, picked < size);
    }

    /// Removes the choice of a chip.
    pub fn drop_chip(self, chip: &PickChip) {
        match chip {
            PickChip::Person(user) => self.set(&[*user], false),
            PickChip::Department(path) => {
                let members = untrack(|| self.of_tree(|tree| tree.members(path).to_vec()));
                self.set(&members, false);
            }
        }
        platform::focus(SEARCH);
    }

    /// Enter chooses: in the search field the first match that is not chosen, in the list the focused user.
    pub fn on_key(self, event: KeyboardEvent) {
        platform::rove(&event, STOP);
        if event.key() == "Escape"
            && !event.is_composing()
            && platform::is_in(&event, SEARCH)
            && !self.query.read_untracked().is_empty()
        {
            // The choice stays: a second Escape closes the dialog.
            event.prevent_default();
            self.entered.set(None);
            return self.query.set(String::new());
        }
        if event.key() != "Enter"
            || event.is_composing()
            || !platform::is_in(&event, ".picker li input, #picker-search")
        {
            return;
        }
        event.prevent_default();
        if !platform::is_in(&event, SEARCH) {
            platform::click(".picker li input:focus");
        } else if !self.query.read_untracked().trim().is_empty() {
            let count = self.picked.read_untracked().len();
            platform::click(".picker li [name=user]:not(:checked)");
            let entered = self.picked.read_untracked().get(count).copied();
            self.entered.set(entered);
            if entered.is_some() {
                self.query.set(String::new());
            }
        }
    }
}
