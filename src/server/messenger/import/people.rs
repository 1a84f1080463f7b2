//! What the rows of a table mean: accounts to make and to change.

use std::collections::HashMap;

use crate::{
    protocol::{error::Refusal, limit::PASSWORD_CHARS, user::Profile},
    server::{
        messenger::{
            import::{
                Imported, Written, WrongTable,
                columns::Column,
                table::{self, Table},
            },
            name,
        },
        store::Account,
    },
};

/// A row that cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongRow {
    /// The line of the file, from 1.
    pub line: u64,
    pub wrong: Wrong,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// What it says may not be; of a password it is not repeated.
    Refused { refusal: Refusal, said: String },
    /// An account that is to be made has no name.
    Nameless { login: String },
    /// It has the login of an earlier line.
    Twice { login: String, earlier: u64 },
    /// It has more fields than there are columns.
    TooLong,
}

impl Wrong {
    fn said(said: &str) -> impl FnOnce(Refusal) -> Self + '_ {
        |refusal| Self::Refused { refusal, said: said.to_owned() }
    }
}

/// A table of people that was read.
pub struct People(Table);

/// What a table makes and changes, compared with the accounts that there are.
#[derive(Debug)]
pub struct Plan {
    pub imported: Imported,
    pub(super) steps: Vec<Step>,
}

/// An account to make or to change.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) login: String,
    pub(super) name: String,
    pub(super) profile: Profile,
    pub(super) password: Password,
}

#[derive(Debug)]
pub(super) enum Password {
    /// The account is there, and keeps its own.
    Kept,
    None,
    New(String),
}

struct Row {
    login: String,
    name: Option<String>,
    profile: Profile,
    password: Option<String>,
}

impl People {
    /// Reads a file.
    ///
    /// # Errors
    /// Why it is no table of people.
    pub fn read(bytes: &[u8]) -> Result<Self, WrongTable> {
        table::read(bytes).map(Self)
    }

    /// How the file was written.
    pub fn written(&self) -> Written {
        self.0.written
    }

    /// Columns that nothing is taken from, as the file names them.
    pub fn unknown_columns(&self) -> &[String] {
        &self.0.columns.unknown
    }

    /// What is to be done so that the accounts are as the table says. A name, department, title or address that the
    /// table has replaces the known one.
    ///
    /// # Errors
    /// Every row that is wrong.
    pub fn plan(&self, known: &[Account]) -> Result<Plan, Vec<WrongRow>> {
        let known: HashMap<&str, &Account> = known.iter().map(|account| (account.login.as_str(), account)).collect();
        let mut plan = Plan { imported: Imported::default(), steps: Vec::new() };
        let (mut wrong, mut lines) = (Vec::new(), HashMap::new());
        for (line, record) in &self.0.rows {
            let row = self.row(record).and_then(|row| match lines.insert(row.login.clone(), *line) {
                Some(earlier) => Err(Wrong::Twice { login: row.login, earlier }),
                None => plan.add(row, &known),
            });
            wrong.extend(row.err().map(|wrong| WrongRow { line: *line, wrong }));
        }
        if wrong.is_empty() { Ok(plan) } else { Err(wrong) }
    }

    fn row(&self, record: &csv::StringRecord) -> Result<Row, Wrong> {
        let columns = &self.0.columns;
        if record.iter().skip(columns.count()).any(|field| !field.trim().is_empty()) {
            return Err(Wrong::TooLong);
        }
        let field = |column| plain(columns.field(record, column));
        let line = |column| name::profile_line(field(column)).map_err(Wrong::said(field(column)));
        let said = field(Column::Name);
        let name = (!said.is_empty()).then(|| name::display_name(said).map_err(Wrong::said(said))).transpose()?;
        let email = line(Column::Email)?;
        if let Some(email) = email.as_ref().filter(|email| !email.contains('@')) {
            return Err(Wrong::said(email)(Refusal::InvalidProfile));
        }
        Ok(Row {
            login: name::login(field(Column::Login)).map_err(Wrong::said(field(Column::Login)))?,
            name,
            profile: Profile {
                department: line(Column::Department)?.and_then(|path| department(&path)),
                title: line(Column::Title)?,
                email,
                order: order(field(Column::Order))?,
                status: None,
            },
            password: password(columns.field(record, Column::Password))?,
        })
    }
}

impl Plan {
    fn add(&mut self, row: Row, known: &HashMap<&str, &Account>) -> Result<(), Wrong> {
        let Row { login, name, profile, password } = row;
        let Some(account) = known.get(login.as_str()) else {
            let Some(name) = name else { return Err(Wrong::Nameless { login }) };
            self.imported.made += 1;
            if password.is_none() {
                self.imported.without_password.push(login.clone());
            }
            let password = password.map_or(Password::None, Password::New);
            self.steps.push(Step { login, name, profile, password });
            return Ok(());
        };
        let (name, profile) = (name.unwrap_or_else(|| account.name.clone()), merged(profile, &account.profile));
        if name == account.name && profile == account.profile {
            self.imported.unchanged += 1;
        } else {
            self.imported.changed += 1;
            self.steps.push(Step { login, name, profile, password: Password::Kept });
        }
        Ok(())
    }
}

/// `="007"` is how spreadsheets are told to leave the zeros of a number.
fn plain(field: &str) -> &str {
    let field = field.trim();
    field.strip_prefix("=\"").and_then(|field| field.strip_suffix('"')).map_or(field, str::trim)
}

/// As it stands in the table, with the spaces around it.
fn password(field: &str) -> Result<Option<String>, Wrong> {
    match field.chars().count() {
        0 => Ok(None),
        count if PASSWORD_CHARS.contains(&count) => Ok(Some(field.to_owned())),
        _ => Err(Wrong::Refused { refusal: Refusal::InvalidPassword, said: String::new() }),
    }
}

fn order(field: &str) -> Result<Option<u32>, Wrong> {
    let wrong = |_| Wrong::said(field)(Refusal::InvalidProfile);
    if field.is_empty() { Ok(None) } else { field.parse().map(Some).map_err(wrong) }
}

fn department(path: &str) -> Option<String> {
    let parts = path.split('/').map(str::trim).filter(|part| !part.is_empty());
    Some(parts.collect::<Vec<_>>().join("/")).filter(|path| !path.is_empty())
}

/// What the table leaves open stays as it is.
fn merged(new: Profile, known: &Profile) -> Profile {
    Profile {
        department: new.department.or_else(|| known.department.clone()),
        title: new.title.or_else(|| known.title.clone()),
        email: new.email.or_else(|| known.email.clone()),
        order: new.order.or(known.order),
        status: known.status.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ids::UserId;

    fn planned(table: &str, known: &[Account]) -> Result<Plan, Vec<WrongRow>> {
        People::read(table.as_bytes()).unwrap_or_else(|wrong| panic!("{table:?}: {wrong:?}")).plan(known)
    }

    fn hong() -> Account {
        let profile = Profile { title: Some("주무관".into()), ..Profile::default() };
        let (id, login, name) = (UserId::new(), "20190412".into(), "홍길동".into());
        Account { id, login, name, disabled: false, is_busy: false, profile }
    }

    #[test]
    fn an_empty_field_leaves_what_is_known_the_name_too() {
        let plan = planned("사번;성명;부서;직급\n20190412;;총무과;\n", &[hong()]).unwrap();
        let step = &plan.steps[0];
        assert_eq!((plan.imported.changed, step.name.as_str()), (1, "홍길동"));
        assert_eq!(
            (step.profile.department.as_deref(), step.profile.title.as_deref()),
            (Some("총무과"), Some("주무관"))
        );
        let unchanged = planned("사번\n=\"20190412\"\n", &[hong()]).unwrap();
        assert_eq!((unchanged.imported.unchanged, unchanged.steps.len()), (1, 0));
        let nameless = Wrong::Nameless { login: "20200101".into() };
        assert_eq!(planned("사번\n20200101\n", &[hong()]).unwrap_err(), [WrongRow { line: 2, wrong: nameless }]);
    }

    #[test]
    fn a_password_is_taken_as_it_stands() {
        let plan = planned("id,name,pw\naa,가,\"  \t여덟 글자 비밀 \"\n", &[]).unwrap();
        assert!(matches!(&plan.steps[0].password, Password::New(password) if password == "  \t여덟 글자 비밀 "));
    }

    #[test]
    fn a_row_with_more_fields_than_columns_is_wrong_and_empty_ones_are_not() {
        assert_eq!(planned("id,name\naa,가,,\n", &[]).unwrap().imported.made, 1);
        let wrong = planned("id,name\naa,가, 나\n", &[]).unwrap_err();
        assert_eq!(wrong, [WrongRow { line: 2, wrong: Wrong::TooLong }]);
    }
}
