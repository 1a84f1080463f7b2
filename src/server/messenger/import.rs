//! Many accounts at once, from a table: every row is looked at before any is carried out, and the same table
//! again changes nothing.

use std::{collections::HashMap, io::Read};

use serde::Deserialize;

use crate::{
    protocol::{error::Refusal, limit::PASSWORD_CHARS, user::Profile},
    server::{
        messenger::{Messenger, Result, name},
        store::{Account, Entry},
    },
};

/// What became of a table, or would.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub made: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Logins of accounts that were made without a password.
    pub without_password: Vec<String>,
}

/// A row that cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongRow {
    /// The line of the file, from 1.
    pub line: u64,
    pub wrong: Wrong,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    Refused(Refusal),
    /// It has the login of an earlier line.
    Twice(String),
    /// It is no row of the table, in the parser's words.
    Unreadable(String),
}

#[derive(Deserialize)]
struct Row {
    login: String,
    name: String,
    #[serde(default)]
    department: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

struct Checked {
    login: String,
    name: String,
    profile: Profile,
    password: Option<String>,
}

impl Messenger {
    /// Makes and changes the accounts of a CSV table, all or none. A name, department, post or address that the
    /// table has replaces the known one; a password is only given to an account that is made.
    ///
    /// # Errors
    /// Every row that is wrong; nothing was done then. [`Refusal::Unavailable`] as the row 0.
    pub async fn import(&self, table: impl Read, dry_run: bool) -> std::result::Result<Imported, Vec<WrongRow>> {
        let rows = read(table)?;
        let unavailable = |refusal| vec![WrongRow { line: 0, wrong: Wrong::Refused(refusal) }];
        let known = self.accounts().await.map_err(unavailable)?;
        let known: HashMap<&str, &Account> = known.iter().map(|account| (account.login.as_str(), account)).collect();
        let (mut imported, mut entries) = (Imported::default(), Vec::new());
        for row in rows {
            let entry = self.entry(row, &known, &mut imported, dry_run).await.map_err(unavailable)?;
            entries.extend(entry);
        }
        if !dry_run && !entries.is_empty() {
            self.0.store.import(entries).await.map_err(|error| unavailable(error.into()))?;
            self.refresh_accounts().await.map_err(unavailable)?;
        }
        Ok(imported)
    }

    /// What a row changes; none when everything is so already.
    async fn entry(
        &self,
        row: Checked,
        known: &HashMap<&str, &Account>,
        imported: &mut Imported,
        dry_run: bool,
    ) -> Result<Option<Entry>> {
        let Checked { login, name, profile, password } = row;
        if let Some(account) = known.get(login.as_str()) {
            let profile = merged(profile, &account.profile);
            if name == account.name && profile == account.profile {
                imported.unchanged += 1;
                return Ok(None);
            }
            imported.changed += 1;
            return Ok(Some(Entry { login, name, profile, hash: None }));
        }
        imported.made += 1;
        let hash = match password {
            // No hash at all: nothing that is typed fits it.
            None => {
                imported.without_password.push(login.clone());
                "!".to_owned()
            }
            Some(_) if dry_run => String::new(),
            Some(password) => self.hash(&password).await?,
        };
        Ok(Some(Entry { login, name, profile, hash: Some(hash) }))
    }
}

/// What the table leaves open stays as it is.
fn merged(new: Profile, known: &Profile) -> Profile {
    Profile {
        department: new.department.or_else(|| known.department.clone()),
        title: new.title.or_else(|| known.title.clone()),
        email: new.email.or_else(|| known.email.clone()),
        status: known.status.clone(),
    }
}

fn read(table: impl Read) -> std::result::Result<Vec<Checked>, Vec<WrongRow>> {
    let mut table = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(without_mark(table));
    let (mut rows, mut wrong, mut lines) = (Vec::new(), Vec::new(), HashMap::new());
    let headers = table.headers().cloned().unwrap_or_default();
    for record in table.records() {
        let line = |record: &csv::StringRecord| record.position().map_or(1, csv::Position::line);
        let (line, checked) = match record {
            Ok(record) => {
                let row = record.deserialize::<Row>(Some(&headers));
                let row = row.map_err(|error| Wrong::Unreadable(error.to_string()));
                (line(&record), row.and_then(|row| check(row).map_err(Wrong::Refused)))
            }
            Err(error) => (error.position().map_or(1, csv::Position::line), Err(Wrong::Unreadable(error.to_string()))),
        };
        match checked {
            Ok(row) if lines.insert(row.login.clone(), line).is_some() => {
                wrong.push(WrongRow { line, wrong: Wrong::Twice(row.login) });
            }
            Ok(row) => rows.push(row),
            Err(what) => wrong.push(WrongRow { line, wrong: what }),
        }
    }
    if wrong.is_empty() { Ok(rows) } else { Err(wrong) }
}

/// Spreadsheets write a byte order mark in front, which would be a part of the first column's name.
fn without_mark(mut table: impl Read) -> impl Read {
    let mut first = [0; 3];
    let length = table.read(&mut first).unwrap_or(0);
    let kept = if first[..length] == *b"\xEF\xBB\xBF" { Vec::new() } else { first[..length].to_vec() };
    std::io::Cursor::new(kept).chain(table)
}

fn check(row: Row) -> Result<Checked> {
    let password = Some(row.password).filter(|password| !password.is_empty());
    if password.as_ref().is_some_and(|password| !PASSWORD_CHARS.contains(&password.chars().count())) {
        return Err(Refusal::InvalidPassword);
    }
    let email = name::profile_line(&row.email)?;
    if email.as_ref().is_some_and(|email| !email.contains('@')) {
        return Err(Refusal::InvalidProfile);
    }
    let department = name::profile_line(&row.department)?.map(|path| {
        let parts = path.split('/').map(str::trim).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("/")
    });
    Ok(Checked {
        login: name::login(&row.login)?,
        name: name::display_name(&row.name)?,
        profile: Profile {
            department: department.filter(|path| !path.is_empty()),
            title: name::profile_line(&row.title)?,
            email,
            status: None,
        },
        password,
    })
}
