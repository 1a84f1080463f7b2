//! Pages of the directory of users.

use protocol::{ids::UserId, people::DepartmentCount, user::User};

/// A page of a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepartmentPage {
    /// The department with all those below it.
    pub count: DepartmentCount,
    /// Those directly below it; in the first page only.
    pub departments: Vec<DepartmentCount>,
    /// Its own users.
    pub users: Vec<User>,
    /// The last user of a page that another one follows.
    pub after: Option<UserId>,
}

/// A page of found users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundPeople {
    pub query: String,
    pub users: Vec<User>,
    /// The last user of a page that another one follows.
    pub after: Option<UserId>,
}
