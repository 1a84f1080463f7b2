//! The outcome of reading and importing a table.

use thiserror::Error;

use protocol::error::Refusal;

/// Why a file is not a table of people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TableError {
    #[error("the file is empty")]
    Empty,
    #[error("this is an Excel workbook; save it as 'CSV UTF-8' in Excel")]
    Workbook,
    /// `line`, from 1, is the first line that cannot be decoded.
    #[error("this is neither UTF-8 nor CP949; save the table as 'CSV UTF-8'")]
    Encoding { line: u64 },
    /// The header has no column of logins.
    #[error(
        "the first line must name the columns: login, name, and optionally department, title, email, order, password"
    )]
    Columns,
    /// Two names of the header mean the same column.
    #[error("the columns '{first}' and '{second}' mean the same; keep one of them")]
    DuplicateColumn { first: String, second: String },
    /// `line`, from 1, has a quotation mark that is not closed.
    #[error("a quotation mark in this line is not closed")]
    Unclosed { line: u64 },
}

impl TableError {
    /// The line of the file that the error is about, from 1.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::Empty | Self::Workbook => None,
            Self::Columns | Self::DuplicateColumn { .. } => Some(1),
            Self::Encoding { line } | Self::Unclosed { line } => Some(*line),
        }
    }
}

/// A row that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {error}")]
pub struct InvalidRow {
    /// The line of the file, from 1.
    pub line: u64,
    #[source]
    pub error: RowError,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RowError {
    /// A field is invalid. `text` is its content, empty for a password.
    #[error("'{}': {refusal}", .text.escape_debug())]
    Refused {
        #[source]
        refusal: Refusal,
        text: String,
    },
    #[error("{login}: a new account needs a name")]
    NoName { login: String },
    #[error("{login} is also in line {earlier}")]
    Duplicate { login: String, earlier: u64 },
    #[error("more fields than columns; put quotation marks around a field that contains a comma")]
    TooManyFields,
}

impl RowError {
    pub(super) fn refused(text: &str) -> impl FnOnce(Refusal) -> Self + '_ {
        |refusal| Self::Refused { refusal, text: text.to_owned() }
    }
}

/// The numbers of accounts that an import changed, or that a plan would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub created: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Logins of new accounts without a password.
    pub without_password: Vec<String>,
}

/// An import that stopped after `done` of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("stopped after {done} of {of} rows: {refusal}")]
pub struct Interrupted {
    pub done: usize,
    pub of: usize,
    #[source]
    pub refusal: Refusal,
}
