//! One file a page. `main`, `room` and `aside` live in the browser; the others are documents that need no program.

pub mod aside;
pub mod design;
pub mod entry;
pub mod main;
pub mod not_found;
pub mod offline;
pub mod register;
pub mod room;
pub mod settings;
pub mod sign_in;
pub mod switched;
pub mod unavailable;

use crate::protocol::{ended::Ended, error::Refusal, user::User};

/// Who looks at a page outside the messenger, and what their last try came to.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// The account that is signed in.
    pub user: Option<User>,
    /// Whether the registration form makes accounts: it is open, or nobody has one yet.
    pub is_registration_open: bool,
    /// Whether the very first account is still to be made.
    pub is_first_account: bool,
    /// In the demonstration, the people one may sign in as; empty otherwise.
    pub demo_people: Vec<User>,
    /// What the form that was sent here came back with.
    pub refused: Option<Refusal>,
    /// Why somebody who was signed in has to sign in again.
    pub ended: Option<Ended>,
    /// What was typed into it, except passwords.
    pub login: String,
    pub name: String,
    /// Where to go after signing in.
    pub next: String,
}
