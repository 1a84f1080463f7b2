//! The rows of a table as a plan: accounts to insert and to update.

use std::collections::HashMap;

use crate::{
    messenger::{
        import::{
            Imported, InvalidRow, RowError, TableError, TextEncoding,
            columns::Column,
            table::{self, ParsedTable},
        },
        name,
    },
    model::Account,
};
use protocol::{error::Refusal, limit::PASSWORD_CHARS, user::Profile};

/// A table of people, read and decoded.
pub struct PeopleTable(ParsedTable);

/// The difference between a table and the existing accounts.
#[derive(Debug)]
pub struct Plan {
    pub imported: Imported,
    pub(super) changes: Vec<AccountChange>,
}

/// An account to insert or to update.
#[derive(Debug)]
pub(super) struct AccountChange {
    pub(super) login: String,
    pub(super) name: String,
    pub(super) profile: Profile,
    pub(super) department_order: Option<u32>,
    pub(super) password: NewPassword,
}

#[derive(Debug)]
pub(super) enum NewPassword {
    /// The existing account keeps its password.
    Kept,
    None,
    New(String),
}

struct ImportRow {
    login: String,
    name: Option<String>,
    profile: Profile,
    department_order: Option<u32>,
    password: Option<String>,
}

impl PeopleTable {
    /// Reads a file.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn read(bytes: &[u8]) -> Result<Self, TableError> {
        table::read(bytes).map(Self)
    }

    /// The encoding of the file.
    pub fn encoding(&self) -> TextEncoding {
        self.0.encoding
    }

    /// The headers of ignored columns.
    pub fn unknown_columns(&self) -> &[String] {
        &self.0.columns.unknown
    }

    /// Compares the table with the existing accounts. A field of the table replaces the account's; an empty one leaves
    /// it unchanged.
    ///
    /// # Errors
    /// All invalid rows.
    pub fn plan(&self, known: &[Account]) -> Result<Plan, Vec<InvalidRow>> {
        let known: HashMap<&str, &Account> = known.iter().map(|account| (account.login.as_str(), account)).collect();
        let mut plan = Plan { imported: Imported::default(), changes: Vec::new() };
        let (mut invalid, mut lines) = (Vec::new(), HashMap::new());
        for (line, record) in &self.0.rows {
            let row = self.row(record).and_then(|row| match lines.insert(row.login.clone(), *line) {
                Some(earlier) => Err(RowError::Duplicate { login: row.login, earlier }),
                None => plan.add(row, &known),
            });
            invalid.extend(row.err().map(|error| InvalidRow { line: *line, error }));
        }
        if invalid.is_empty() { Ok(plan) } else { Err(invalid) }
    }

    fn row(&self, record: &csv::StringRecord) -> Result<ImportRow, RowError> {
        let columns = &self.0.columns;
        if record.iter().skip(columns.count()).any(|field| !field.trim().is_empty()) {
            return Err(RowError::TooManyFields);
        }
        let field = |column| plain(columns.field(record, column));
        let line = |column| name::profile_line(field(column)).map_err(RowError::refused(field(column)));
        let text = field(Column::Name);
        let name = (!text.is_empty()).then(|| name::display_name(text).map_err(RowError::refused(text))).transpose()?;
        let email = line(Column::Email)?;
        if let Some(email) = email.as_ref().filter(|email| !email.contains('@')) {
            return Err(RowError::refused(email)(Refusal::InvalidProfile));
        }
        Ok(ImportRow {
            login: name::login(field(Column::Login)).map_err(RowError::refused(field(Column::Login)))?,
            name,
            profile: Profile {
                department: line(Column::Department)?.and_then(|path| department(&path)),
                title: line(Column::Title)?,
                email,
                order: order(field(Column::Order))?,
                status: None,
                status_until: None,
            },
            department_order: order(field(Column::DepartmentOrder))?,
            password: password(columns.field(record, Column::Password))?,
        })
    }
}

impl Plan {
    fn add(&mut self, row: ImportRow, known: &HashMap<&str, &Account>) -> Result<(), RowError> {
        let ImportRow { login, name, profile, department_order, password } = row;
        let Some(account) = known.get(login.as_str()) else {
            let Some(name) = name else { return Err(RowError::NoName { login }) };
            self.imported.created += 1;
            if password.is_none() {
                self.imported.without_password.push(login.clone());
            }
            let password = password.map_or(NewPassword::None, NewPassword::New);
            self.changes.push(AccountChange { login, name, profile, department_order, password });
            return Ok(());
        };
        let (name, profile) = (name.unwrap_or_else(|| account.name.clone()), merged(profile, &account.profile));
        // The order of another department is not that of the new one.
        let is_moved = profile.department != account.profile.department;
        let department_order = department_order.or(account.department_order.filter(|_| !is_moved));
        let is_same = name == account.name && profile == account.profile;
        if is_same && department_order == account.department_order {
            self.imported.unchanged += 1;
        } else {
            self.imported.changed += 1;
            let password = NewPassword::Kept;
            self.changes.push(AccountChange { login, name, profile, department_order, password });
        }
        Ok(())
    }
}

/// Removes the `="…"` around `="007"`, which keeps a spreadsheet from dropping leading zeros.
fn plain(field: &str) -> &str {
    let field = field.trim();
    field.strip_prefix("=\"").and_then(|field| field.strip_suffix('"')).map_or(field, str::trim)
}

/// The field unchanged, with surrounding spaces.
fn password(field: &str) -> Result<Option<String>, RowError> {
    match field.chars().count() {
        0 => Ok(None),
        count if PASSWORD_CHARS.contains(&count) => Ok(Some(field.to_owned())),
        _ => Err(RowError::Refused { refusal: Refusal::InvalidPassword, text: String::new() }),
    }
}

fn order(field: &str) -> Result<Option<u32>, RowError> {
    let invalid = |_| RowError::refused(field)(Refusal::InvalidProfile);
    if field.is_empty() { Ok(None) } else { field.parse().map(Some).map_err(invalid) }
}

fn department(path: &str) -> Option<String> {
    let parts = path.split('/').map(str::trim).filter(|part| !part.is_empty());
    Some(parts.collect::<Vec<_>>().join("/")).filter(|path| !path.is_empty())
}

/// Fields of `new`, or those of `known` where `new` has none.
fn merged(new: Profile, known: &Profile) -> Profile {
    Profile {
        department: new.department.or_else(|| known.department.clone()),
        title: new.title.or_else(|| known.title.clone()),
        email: new.email.or_else(|| known.email.clone()),
        order: new.order.or(known.order),
        status: known.status.clone(),
        status_until: known.status_until,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ids::UserId;

    fn planned(table: &str, known: &[Account]) -> Result<Plan, Vec<InvalidRow>> {
        PeopleTable::read(table.as_bytes()).unwrap_or_else(|error| panic!("{table:?}: {error}")).plan(known)
    }

    fn hong() -> Account {
        let profile = Profile { title: Some("주무관".into()), ..Profile::default() };
        let (id, login, name) = (UserId::new(), "20190412".into(), "홍길동".into());
        Account { profile, ..Account::new(id, login, name) }
    }

    #[test]
    fn an_empty_field_leaves_what_is_known_the_name_too() {
        let plan = planned("사번;성명;부서;직급\n20190412;;총무과;\n", &[hong()]).unwrap();
        let change = &plan.changes[0];
        assert_eq!((plan.imported.changed, change.name.as_str()), (1, "홍길동"));
        assert_eq!(
            (change.profile.department.as_deref(), change.profile.title.as_deref()),
            (Some("총무과"), Some("주무관"))
        );
        let unchanged = planned("사번\n=\"20190412\"\n", &[hong()]).unwrap();
        assert_eq!((unchanged.imported.unchanged, unchanged.changes.len()), (1, 0));
        let nameless = RowError::NoName { login: "20200101".into() };
        assert_eq!(planned("사번\n20200101\n", &[hong()]).unwrap_err(), [InvalidRow { line: 2, error: nameless }]);
    }

    #[test]
    fn the_order_of_a_department_is_kept_until_somebody_moves() {
        let known = Account { department_order: Some(3), ..hong() };
        let order = |table: &str| {
            planned(table, std::slice::from_ref(&known)).unwrap().changes.first().map(|change| change.department_order)
        };
        assert_eq!(order("사번,부서,부서순서\n20190412,총무과,7\n"), Some(Some(7)));
        assert_eq!(order("사번,부서 순서\n20190412,\n"), None, "unchanged");
        assert_eq!(order("사번,직급\n20190412,과장\n"), Some(Some(3)));
        assert_eq!(order("사번,부서\n20190412,총무과\n"), Some(None));
        let wrong = planned("사번,부서순서\n20190412,첫째\n", &[known]).unwrap_err();
        assert_eq!(wrong, [InvalidRow { line: 2, error: RowError::refused("첫째")(Refusal::InvalidProfile) }]);
    }

    #[test]
    fn a_password_is_taken_as_it_stands() {
        let plan = planned("id,name,pw\naa,가,\"  \t여덟 글자 비밀 \"\n", &[]).unwrap();
        assert!(matches!(&plan.changes[0].password, NewPassword::New(password) if password == "  \t여덟 글자 비밀 "));
    }

    #[test]
    fn a_row_with_more_fields_than_columns_is_wrong_and_empty_ones_are_not() {
        assert_eq!(planned("id,name\naa,가,,\n", &[]).unwrap().imported.created, 1);
        let wrong = planned("id,name\naa,가, 나\n", &[]).unwrap_err();
        assert_eq!(wrong, [InvalidRow { line: 2, error: RowError::TooManyFields }]);
    }
}
