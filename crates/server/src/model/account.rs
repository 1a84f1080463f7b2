//! Accounts as they are stored.

use protocol::{
    ids::UserId,
    user::{Absence, Profile},
};

/// A user who can sign in, or could before the account was disabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: UserId,
    pub login: String,
    pub name: String,
    /// A disabled account cannot sign in and is not listed. Its messages stay.
    pub disabled: bool,
    /// The user asked not to be disturbed.
    pub is_busy: bool,
    pub profile: Profile,
    /// The rank of the department among the departments, lowest first.
    pub department_order: Option<u32>,
    /// As stored: it may be over, and `is_now` is not set.
    pub absence: Option<Absence>,
}

impl Account {
    /// An enabled account with these names; everything else is empty.
    pub fn new(id: UserId, login: String, name: String) -> Self {
        let profile = Profile::default();
        Self { id, login, name, disabled: false, is_busy: false, profile, department_order: None, absence: None }
    }
}

/// A user's status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The user asked not to be disturbed.
    pub is_busy: bool,
    pub text: Option<String>,
    /// When the server removes the status, UTC milliseconds.
    pub until: Option<i64>,
}

/// What a sign-in attempt is verified against.
#[derive(Debug)]
pub struct Credentials {
    pub user: UserId,
    /// In PHC format; `None` for an account without a password, which cannot sign in.
    pub hash: Option<String>,
    pub disabled: bool,
}

/// A row of an import: an update with [`ImportedPassword::Keep`], otherwise an insert.
#[derive(Clone, Debug)]
pub struct ImportedAccount {
    pub login: String,
    pub name: String,
    pub profile: Profile,
    pub department_order: Option<u32>,
    pub password: ImportedPassword,
}

/// The password of an imported account.
#[derive(Clone, Debug)]
pub enum ImportedPassword {
    /// The existing account keeps its password.
    Keep,
    /// Nobody can sign in to the new account until an operator sets a password.
    None,
    /// In PHC format.
    Hash(String),
}
