//! The folded departments of the list. In a large organisation all are folded, except the user's own.

use crate::state::{address_book::SEPARATOR, lobby::Lobby, people::groups::GroupName};

/// An organisation with more users starts folded.
const LARGE: usize = 50;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    /// The user's own department; empty without one.
    pub(super) own: String,
    pub(super) is_large: bool,
    /// The departments that the user opened (`+`) or folded (`-`), by path.
    pub(super) toggled: Vec<String>,
}

impl Folds {
    pub fn new(lobby: &Lobby) -> Self {
        let own = lobby.user(lobby.me).and_then(|me| me.profile.department.clone()).unwrap_or_default();
        Self { own, is_large: lobby.people.is_some() || lobby.users().nth(LARGE).is_some(), toggled: Vec::new() }
    }

    /// Parses the output of [`Self::text`].
    pub fn read(&mut self, text: &str) {
        self.toggled = text.lines().map(str::to_owned).collect();
    }

    /// The user's choices as text, for the browser's storage.
    pub fn text(&self) -> String {
        self.toggled.join("\n")
    }

    /// Forgets all opened departments but the last ones.
    pub fn keep_newest(&mut self, count: usize) {
        let mut extra = self.toggled.iter().filter(|toggled| toggled.starts_with('+')).count().saturating_sub(count);
        self.toggled.retain(|toggled| {
            let is_extra = extra > 0 && toggled.starts_with('+');
            extra -= usize::from(is_extra);
            !is_extra
        });
    }

    pub fn is_open(&self, name: &GroupName) -> bool {
        name.path().is_none_or(|path| {
            let is_toggled = |sign| self.toggled.iter().any(|toggled| toggled.strip_prefix(sign) == Some(path));
            is_toggled('+') || (self.starts_open(path) && !is_toggled('-'))
        })
    }

    fn starts_open(&self, path: &str) -> bool {
        let is_own = || {
            self.own
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || (rest.starts_with(SEPARATOR) && !path.is_empty()))
        };
        !self.is_large || is_own()
    }

    /// Whether every department above this group is open.
    pub fn shows(&self, name: &GroupName) -> bool {
        let path = name.path().unwrap_or_default();
        path.match_indices(SEPARATOR).all(|(end, _)| self.is_open(&GroupName::Department(path[..end].to_owned())))
    }

    /// Opens a folded group, or folds an open one.
    pub fn toggle(&mut self, name: &GroupName) {
        let (is_open, Some(path)) = (self.is_open(name), name.path()) else { return };
        self.toggled.retain(|toggled| toggled.strip_prefix(['+', '-']) != Some(path));
        self.toggled.push(format!("{}{path}", if is_open { '-' } else { '+' }));
    }
}
