//! Why a data directory, its database or a copy of it cannot be used, in terms that an operator can act on.

use std::{
    error::Error,
    fmt::{self, Display, Formatter},
    io,
    path::{Path, PathBuf},
};

use crate::server::store;

/// What stopped a command or the start of a server.
#[derive(Debug)]
pub enum Fault {
    /// The directory, or the database in it, is not there.
    NoDatabase(PathBuf),
    /// Another server runs on the directory.
    InUse { directory: PathBuf, pid: Option<u32> },
    /// A newer version of the program made the tables of this file.
    Newer(PathBuf),
    /// An older version made them, and this command does not change them.
    Older(PathBuf),
    /// The tables of this file were changed halfway.
    HalfDone(PathBuf),
    /// The file is something else.
    Foreign(PathBuf),
    /// The file to make is there already.
    Exists(PathBuf),
    /// The directory of the file to make is not there.
    NoFolder(PathBuf),
    /// The system could not read or write this path.
    File { path: PathBuf, error: io::Error },
    /// The database could not read or write this path.
    Database { path: PathBuf, cause: Cause },
}

/// What SQLite could not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    Full,
    Busy,
    ReadOnly,
    Denied,
    Damaged,
    /// In SQLite's own words.
    Other(String),
}

impl Fault {
    /// What the store could not do with the data in `path`.
    pub fn of(path: &Path, error: store::Error) -> Self {
        match error {
            store::Error::Database(error) => Self::database(path)(error),
            store::Error::Refused(_) => Self::Database { path: path.to_owned(), cause: Cause::Busy },
        }
    }

    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |error| Self::File { path: path.to_owned(), error }
    }

    pub(super) fn database(path: &Path) -> impl Fn(sqlx::Error) -> Self + '_ {
        |error| match code(&error) {
            Some(NOT_A_DATABASE) => Self::Foreign(path.to_owned()),
            _ => Self::Database { path: path.to_owned(), cause: Cause::from(error) },
        }
    }
}

const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READ_ONLY: i32 = 8;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;
const DENIED: i32 = 23;
const NOT_A_DATABASE: i32 = 26;

/// SQLite's primary result code (sqlite.org/rescode.html).
fn code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xFF)
}

impl From<sqlx::Error> for Cause {
    fn from(error: sqlx::Error) -> Self {
        match code(&error) {
            Some(FULL) => Self::Full,
            Some(BUSY | LOCKED) => Self::Busy,
            Some(READ_ONLY) => Self::ReadOnly,
            Some(CANNOT_OPEN | DENIED) => Self::Denied,
            Some(CORRUPT | NOT_A_DATABASE) => Self::Damaged,
            _ => {
                Self::Other(error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().into()))
            }
        }
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        if let Self::File { error, .. } = self { Some(error) } else { None }
    }
}

impl Display for Fault {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDatabase(directory) => {
                write!(to, "{}: there is no database in this directory", directory.display())
            }
            Self::InUse { directory, pid } => {
                write!(to, "{}: another server runs on this directory", directory.display())?;
                pid.map_or(Ok(()), |pid| write!(to, " (process {pid})"))
            }
            Self::Newer(file) => {
                write!(to, "{}: a newer version of Daehwa wrote this file; use that version", file.display())
            }
            Self::Older(file) => {
                write!(
                    to,
                    "{}: an older version of Daehwa wrote this file; start the server once to update it",
                    file.display()
                )
            }
            Self::HalfDone(file) => {
                write!(to, "{}: an update of this file was not finished; restore the last backup", file.display())
            }
            Self::Foreign(file) => write!(to, "{}: this file is not a database of Daehwa", file.display()),
            Self::Exists(file) => write!(to, "{}: this file exists already", file.display()),
            Self::NoFolder(folder) => write!(to, "{}: there is no such directory", folder.display()),
            Self::File { path, error } => write!(to, "{}: {error}", path.display()),
            Self::Database { path, cause } => write!(to, "{}: {cause}", path.display()),
        }
    }
}

impl Display for Cause {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Full => "the disk is full",
            Self::Busy => "another program holds the database; try again",
            Self::ReadOnly => "the file or its disk is read-only",
            Self::Denied => "the file cannot be opened with the rights of this user",
            Self::Damaged => "the file is damaged; `daehwa check` says where",
            Self::Other(words) => words,
        })
    }
}
