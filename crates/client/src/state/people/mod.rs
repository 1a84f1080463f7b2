//! The list of users: rows, groups by department or presence, and which groups are folded.

mod folds;
mod groups;
mod person;
#[cfg(test)]
mod tests;

pub use folds::Folds;
pub use groups::{GroupName, PeopleGroup};
pub use person::{ShownPerson, online_count, path_words};
