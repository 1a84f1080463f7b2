//! The list as the tree of departments: a section for the favourites and for each department that is not below a folded
//! one, in the server's order, the branch of the user's own department first.

use crate::state::{
    lobby::Lobby,
    organisation::{
        branch::BranchState,
        model::{Organisation, ROOT},
    },
    people::{Folds, GroupName},
};
use protocol::ids::UserId;

/// Placeholders of a department whose size is unknown.
const FEW: usize = 3;

/// A part of the list with its heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub name: GroupName,
    /// The users who are known, in their order.
    pub people: Vec<UserId>,
    /// The number of rows: `people`, then placeholders for those who are not known yet. 0 in a folded department.
    pub rows: usize,
    /// Online users and all users, those of the departments below included; `None` while unknown.
    pub count: Option<(u32, u32)>,
    pub state: BranchState,
}

/// A row of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PersonSlot {
    Person(UserId),
    /// A user who is not known yet, by the index of the row.
    Waiting(usize),
}

impl Section {
    /// The rows of a range.
    pub fn slots(&self, from: usize, until: usize) -> Vec<PersonSlot> {
        let slot = |row| self.people.get(row).map_or(PersonSlot::Waiting(row), |user| PersonSlot::Person(*user));
        (from..until.min(self.rows)).map(slot).collect()
    }
}

impl Organisation {
    pub fn sections(&self, lobby: &Lobby, folds: &Folds) -> Vec<Section> {
        let favourites = lobby.favourites();
        let mut sections = Vec::new();
        if !favourites.is_empty() {
            sections.push(self.favourites_section(lobby, favourites));
        }
        self.add_below_of(ROOT, lobby, folds, &mut sections);
        let nobody = self.section(GroupName::NoDepartment, lobby, folds);
        if nobody.count.is_some_and(|(_, size)| size > 0) || !nobody.people.is_empty() {
            sections.push(nobody);
        }
        sections
    }

    /// The departments that are drawn open, the whole organisation first.
    pub fn open_paths(&self, folds: &Folds) -> Vec<String> {
        let mut open = vec![ROOT.to_owned()];
        let mut next = 0;
        while let Some(path) = open.get(next).cloned() {
            let branch = self.branches.get(&path);
            let below = branch.into_iter().flat_map(|branch| &branch.departments);
            open.extend(below.filter(|path| folds.is_open(&GroupName::Department((*path).clone()))).cloned());
            next += 1;
        }
        open
    }

    /// Whether a page of an open department is missing. Of the whole organisation only users without a department are
    /// listed, and they can be folded.
    pub fn needs(&self, path: &str, folds: &Folds) -> bool {
        path != ROOT
            || folds.is_open(&GroupName::NoDepartment)
            || self.branches.get(ROOT).is_none_or(|root| !root.knows_departments || root.is_outdated)
    }

    /// The departments without others below them of which everybody is known.
    pub fn whole_departments(&self) -> Vec<String> {
        let is_whole = |path: &str, people: usize| path != ROOT && people > 0 && self.own_size(path) == Some(people);
        let leaves = self.branches.iter().filter(|(_, branch)| branch.departments.is_empty());
        leaves.filter(|(path, branch)| is_whole(path, branch.people.len())).map(|(path, _)| path.clone()).collect()
    }

    fn favourites_section(&self, lobby: &Lobby, people: Vec<UserId>) -> Section {
        let is_online = |user: &&UserId| lobby.user(**user).is_some_and(|user| lobby.is_shown_online(user));
        let online = people.iter().filter(is_online).count() as u32;
        let (rows, count) = (people.len(), Some((online, people.len() as u32)));
        Section { name: GroupName::Favourites, people, rows, count, state: BranchState::Idle }
    }

    /// The sections below a department. The branch of the own department comes before the others.
    fn add_below_of(&self, path: &str, lobby: &Lobby, folds: &Folds, sections: &mut Vec<Section>) {
        let Some(branch) = self.branches.get(path) else { return };
        let is_empty = |path: &&String| self.counts.get(*path).is_some_and(|count| count.people == 0);
        let departments = branch.departments.iter().filter(|path| !is_empty(path));
        let (own, others): (Vec<&String>, Vec<&String>) = departments.partition(|below| self.is_above_own(below));
        for below in own.into_iter().chain(others) {
            let name = GroupName::Department(below.clone());
            let is_open = folds.is_open(&name);
            sections.push(self.section(name, lobby, folds));
            if is_open {
                self.add_below_of(below, lobby, folds, sections);
            }
        }
    }

    fn is_above_own(&self, path: &str) -> bool {
        self.own.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    fn section(&self, name: GroupName, lobby: &Lobby, folds: &Folds) -> Section {
        let path = name.path().unwrap_or_default();
        let branch = self.branches.get(path).cloned().unwrap_or_default();
        let mut people = branch.people;
        // The user themselves come first, as in a list of everybody.
        if let Some(index) = people.iter().position(|user| *user == lobby.me) {
            people[..=index].rotate_right(1);
        }
        let size = self.own_size(path);
        let rows = match size {
            _ if !folds.is_open(&name) => 0,
            Some(size) => size.max(people.len()),
            None if people.is_empty() => self.counts.get(path).map_or(FEW, |count| FEW.min(count.people as usize)),
            None => people.len(),
        };
        let count = match name {
            GroupName::NoDepartment => self.without_department(size),
            _ => self.counts.get(path).map(|count| (count.online, count.people)),
        };
        Section { people, rows, count, state: branch.state, name }
    }

    /// Online users and all users without a department.
    fn without_department(&self, size: Option<usize>) -> Option<(u32, u32)> {
        let below = self.branches.get(ROOT)?.departments.iter().filter_map(|path| self.counts.get(path));
        let online = self.counts.get(ROOT)?.online.saturating_sub(below.map(|count| count.online).sum());
        Some((online, size? as u32))
    }
}
