//! Why a data directory, its database or a copy of it cannot be used, in terms that an operator can act on.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::model::BusFault;

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
    /// The file is not a database of Daehwa.
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
        cause: DatabaseCause,
    },
    /// The shared database cannot be used. `database`: its URL without user and password.
    #[error("{database}: {cause}")]
    Shared {
        database: String,
        #[source]
        cause: SharedFault,
    },
    /// The bucket of files cannot be used.
    #[error("{url}: {cause}")]
    Bucket {
        url: String,
        #[source]
        cause: BucketFault,
    },
    /// The settings of the bus cannot be used.
    #[error("{0}")]
    Bus(#[from] BusFault),
}

/// Why a PostgreSQL database cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SharedFault {
    #[error("this is not the URL of a database; it is postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    NotAUrl,
    /// The system's or the server's message.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The server's message.
    #[error("the server refuses access: {0}")]
    Denied(String),
    /// The URL or `PGSSLMODE` has another word. It is not repeated: in a malformed URL it may be the password.
    #[error("sslmode has to be one of disable, allow, prefer, require, verify-ca, verify-full")]
    SslMode,
    #[error("only sslmode, sslrootcert, sslcert and sslkey are supported of the parameters that begin with ssl")]
    SslParameter,
    #[error("sslcert and sslkey belong together: give both files, or none")]
    HalfPair,
    /// A certificate or key of the settings.
    #[error("{} has no certificate or no private key in PEM", .0.display())]
    NotPem(PathBuf),
    #[error("the server has no TLS, but sslmode or sslrootcert requires it; set `ssl = on` there")]
    NoTls,
    #[error(
        "the server's certificate is not signed by an authority that is trusted here; name the file with the authority's \
         certificate with sslrootcert"
    )]
    Untrusted,
    /// The names in the certificate.
    #[error("the server's certificate is not for the host in the URL, but for {}", or_nobody(.0))]
    OtherHost(String),
    /// The reason of the library for TLS.
    #[error("TLS to the server failed: {0}")]
    Tls(String),
    #[error("the server has no such database; create it first")]
    NoDatabase,
    #[error("another program uses this database; create one for Daehwa alone")]
    Foreign,
    #[error("this database is empty; start the server once, or add an account")]
    Empty,
    #[error("a newer version of Daehwa wrote this database; use that version")]
    Newer,
    #[error("an older version of Daehwa wrote this database; start the server once to update it")]
    Older,
    /// The nodes of a database have all files in one place, and this data directory or bucket is not it.
    #[error(
        "its files are not in {0}. Give all nodes the same --data on a shared disk, or the same --files. If you have moved \
         the files, delete the row files_place of the table meta"
    )]
    OtherFiles(String),
    /// The data directory has the files of another database.
    #[error(
        "{} says that these files belong to another database. Give this one another --data. If no server uses the other \
         one any more, delete that file", .0.display()
    )]
    FilesOfAnother(PathBuf),
    /// The files are to change from the disk to a bucket while other nodes write to the disk.
    #[error("its files change to a bucket; stop its other nodes first, and wait 15 seconds")]
    NodesRun,
    #[error("its encoding is not UTF8; create it with ENCODING 'UTF8'")]
    NotUtf8,
    /// The data directory has a database of its own, and the shared one is empty.
    #[error("it is empty, but {0} has a database; move that with `daehwa copy`, or use another --data")]
    NotCopied(PathBuf),
    #[error("this database is not empty; a copy needs an empty one")]
    NotEmpty,
    #[error("the server's disk is full")]
    Full,
    #[error("the database is read-only; a standby cannot be written to")]
    ReadOnly,
    #[error("pg_dump and pg_basebackup copy a database on PostgreSQL; `daehwa backup` copies that of a data directory")]
    NoBackup,
    /// The server's message.
    #[error("{0}")]
    Other(String),
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

fn or_nobody(names: &str) -> &str {
    if names.is_empty() { "no name (subjectAltName)" } else { names }
}

fn in_brackets(word: &str) -> String {
    if word.is_empty() { String::new() } else { format!(" ({word})") }
}

/// The error of the database engine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DatabaseCause {
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
