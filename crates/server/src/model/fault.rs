//! Why a data directory, its database or a copy of it cannot be used, in terms that an operator can act on.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why a command, or the start of a server, failed.
#[derive(Debug, Error)]
pub enum Fault {
    /// The directory, or the database in it, does not exist.
    #[error("{0}: there is no database in this directory")]
    NoDatabase(PathBuf),
    /// Another server holds the directory.
    #[error("{directory}: another server runs on this directory{}", process(*.pid))]
    InUse { directory: PathBuf, pid: Option<u32> },
    /// A newer version of the program migrated this database.
    #[error("{0}: a newer version of Daehwa wrote this file; use that version")]
    Newer(PathBuf),
    /// An older version migrated it, and this command does not migrate.
    #[error("{0}: an older version of Daehwa wrote this file; start the server once to update it")]
    Older(PathBuf),
    /// A migration of this database was interrupted.
    #[error("{0}: an update of this file was not finished; restore the last backup")]
    HalfDone(PathBuf),
    /// The file is not a database of ours.
    #[error("{0}: this file is not a database of Daehwa")]
    Foreign(PathBuf),
    /// The file to create exists.
    #[error("{0}: this file exists already")]
    Exists(PathBuf),
    /// The directory of the file to create does not exist.
    #[error("{0}: there is no such directory")]
    NoFolder(PathBuf),
    /// The system could not read or write this path.
    #[error("{path}: {error}")]
    File {
        path: PathBuf,
        #[source]
        error: io::Error,
    },
    /// The database engine could not read or write this path.
    #[error("{path}: {cause}")]
    Database {
        path: PathBuf,
        #[source]
        cause: Cause,
    },
    /// The bucket of files cannot be used.
    #[error("{url}: {cause}")]
    Bucket {
        url: String,
        #[source]
        cause: BucketFault,
    },
}

/// Why a bucket cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BucketFault {
    /// A variable of the environment is missing.
    #[error("the environment has no {0}")]
    Unset(&'static str),
    /// A variable of the environment is invalid.
    #[error("{0} is invalid; an address is http://HOST:PORT or https://HOST, a region a name such as ap-northeast-2")]
    Invalid(&'static str),
    #[error("there is no such bucket; create it first")]
    NoBucket,
    /// The store's error code, which may be empty.
    #[error("the store refuses access{}; check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what the key may do", in_brackets(.0))]
    Denied(String),
    #[error("{endpoint} cannot be reached: {why}")]
    Unreachable { endpoint: String, why: String },
    /// Another data directory owns it.
    #[error(
        "this bucket has the files of another data directory. If no server uses that one any more, delete the object \
         daehwa-owner and start again"
    )]
    OfAnother,
    /// The data directory uses this bucket, but the settings name another place.
    #[error(
        "the files of this data directory are in this bucket: use --files {0}. If you have copied them to another place, \
         delete the file `bucket` in the data directory"
    )]
    Unnamed(String),
    /// This many blobs are in the data directory or in another bucket.
    #[error("{0} files are not in this bucket yet: copy the directories 00 to ff of `files` into it, then start again")]
    Lacks(usize),
    /// The error of the store or of the system.
    #[error("{0}")]
    Other(String),
}

impl BucketFault {
    pub fn other(error: impl ToString) -> Self {
        Self::Other(error.to_string())
    }
}

fn in_brackets(word: &str) -> String {
    if word.is_empty() { String::new() } else { format!(" ({word})") }
}

/// The error of the database engine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Cause {
    #[error("the disk is full")]
    Full,
    #[error("another program holds the database; try again")]
    Busy,
    #[error("the file or its disk is read-only")]
    ReadOnly,
    #[error("the file cannot be opened with the rights of this user")]
    Denied,
    #[error("the file is damaged; `daehwa check` says where")]
    Damaged,
    /// The engine's own message.
    #[error("{0}")]
    Other(String),
}

fn process(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}
