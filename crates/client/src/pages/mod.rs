//! The pages, one file each. `main`, `room` and `aside` are hydrated; the others work without the program.

pub mod aside;
pub mod design;
pub mod entry;
pub mod main;
pub mod not_found;
pub mod offline;
pub mod organisation_states;
pub mod register;
pub mod room;
pub mod settings;
pub mod sign_in;
pub mod switched;
pub mod unavailable;

use protocol::{ended::Ended, error::Refusal, user::User};

/// The visitor of a page outside the messenger, and the result of their last form.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// The account that is signed in.
    pub user: Option<User>,
    /// Whether registration is open: the operator opened it, or there are no accounts yet.
    pub is_registration_open: bool,
    /// Whether there are no accounts yet.
    pub is_first_account: bool,
    /// The users of the demonstration; empty on other servers.
    pub demo_people: Vec<User>,
    /// The refusal of the submitted form.
    pub refused: Option<Refusal>,
    /// Why the last session ended.
    pub ended: Option<Ended>,
    /// The submitted values, except passwords.
    pub login: String,
    pub name: String,
    /// The address after the sign-in.
    pub next: String,
}
