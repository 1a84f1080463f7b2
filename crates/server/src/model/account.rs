//! Accounts as they are stored.

use protocol::{
    ids::UserId,
    user::{Absence, Profile},
};

/// A person who can sign in, or could before the account was disabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: UserId,
    pub login: String,
    pub name: String,
    /// Cannot sign in and is not listed. Messages of the account stay.
    pub disabled: bool,
    /// The person does not want to be disturbed.
    pub is_busy: bool,
    pub profile: Profile,
    /// As it is stored: also one that is over, and without `is_now`.
    pub absence: Option<Absence>,
}

impl Account {
    /// An enabled account with these names and nothing else.
    pub fn new(id: UserId, login: String, name: String) -> Self {
        Self { id, login, name, disabled: false, is_busy: false, profile: Profile::default(), absence: None }
    }
}

/// A person's present status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The person does not want to be disturbed.
    pub is_busy: bool,
    pub text: Option<String>,
    /// When the status ends by itself, UTC milliseconds.
    pub until: Option<i64>,
}

/// What a sign-in attempt is verified against.
#[derive(Debug)]
pub struct Credentials {
    pub user: UserId,
    /// In PHC format; `None` when the account has no password, and nobody can sign in.
    pub hash: Option<String>,
    pub disabled: bool,
}

/// A row of an import: an update with [`ImportedPassword::Keep`], otherwise an insert.
#[derive(Clone, Debug)]
pub struct ImportedAccount {
    pub login: String,
    pub name: String,
    pub profile: Profile,
    pub password: ImportedPassword,
}

/// The password of an imported account.
#[derive(Clone, Debug)]
pub enum ImportedPassword {
    /// The existing account keeps its password.
    Keep,
    /// Nobody can sign in to the new account before an operator sets a password.
    None,
    /// In PHC format.
    Hash(String),
}
