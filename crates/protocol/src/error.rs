//! Why a command or form was refused.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The reason of a refusal: a code that clients translate for their reader.
///
/// JSON: a word such as `"too_fast"`. Sent to the sender alone: as `error` of `refused` on a socket, as
/// `{"error":"credentials"}` in the answer to a form. `Display` is for operators and logs. See docs/protocol.md, the
/// table of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The frame is not valid JSON of this protocol, or the form lacks a field.
    Malformed,
    /// The body of the message has no visible character.
    EmptyBody,
    /// The body is longer than [`crate::limit::BODY_CHARS`].
    BodyTooLong,
    /// The id already belongs to a message with another body, author or room.
    IdConflict,
    /// Only the author of a message may do this.
    NotYours,
    /// The operator's time limit for edits or recalls has passed.
    TooLate,
    /// The message was recalled.
    Recalled,
    /// The text is not one emoji.
    NotAnEmoji,
    /// A direct room does not allow this; a group does.
    NotAGroup,
    /// Only the maker of the group may do this.
    NotMaker,
    /// The title is longer than [`crate::limit::TITLE_CHARS`] or has invisible characters.
    InvalidTitle,
    /// A text of the profile is longer than [`crate::limit::PROFILE_CHARS`] or has invisible characters.
    InvalidProfile,
    /// A count is at its limit in [`crate::limit`]: members of a group, pinned messages of a room; reactions, files or
    /// mentions of a message; bookmarks, scheduled messages or unattached files of a user; messages or targets of a
    /// `forward`; watched users or departments.
    TooMany,
    /// The time is not ahead of the server's clock, or too far ahead; an absence ends before it begins, or is over.
    InvalidTime,
    /// The file is larger than the operator allows.
    FileTooLarge,
    /// The file does not fit into the quota of the user, or of all users together.
    QuotaExceeded,
    /// The server's disk is too full for files. Messages still work.
    DiskFull,
    /// The upload of the file is not complete.
    NotReady,
    /// The operator's scanner did not call the file clean, or could not scan it.
    Rejected,
    /// The metadata of the picture, such as a location, cannot be removed. Its sender may send the original file.
    NotCleaned,
    /// Too many messages with `@모두` within a short time.
    AllTooOften,
    /// The query has no visible character, or more than [`crate::limit::QUERY_CHARS`].
    InvalidQuery,
    /// The rate limit is reached. Retry later.
    TooFast,
    /// The user or room does not exist, or the account has no access to it.
    NotFound,
    /// The command needs another user than the sender.
    Oneself,
    /// The store failed to save. A retry may succeed.
    Unavailable,
    /// There is no session, or it has ended.
    SignedOut,
    /// The login or the password is wrong.
    Credentials,
    /// Login and password are right, but the operator disabled the account.
    Disabled,
    /// Not a login: [`crate::limit::LOGIN_CHARS`] of a-z, 0-9, `.`, `_`, `-`, starting with a letter or a digit.
    InvalidLogin,
    /// The name is empty, longer than [`crate::limit::NAME_CHARS`], or has invisible characters.
    InvalidName,
    /// The length of the password is not in [`crate::limit::PASSWORD_CHARS`].
    InvalidPassword,
    /// Another account has this login.
    LoginTaken,
    /// Only the operator creates accounts on this server.
    RegistrationClosed,
}

impl Refusal {
    /// Whether a retry of the same command may succeed.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::TooFast | Self::Unavailable)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the request is malformed",
            Self::EmptyBody => "the message is empty",
            Self::BodyTooLong => "the message is too long",
            Self::IdConflict => "the id belongs to another message",
            Self::NotYours => "only the author may do this",
            Self::TooLate => "the time limit for changes has passed",
            Self::Recalled => "the message was recalled",
            Self::NotAnEmoji => "the text is not one emoji",
            Self::NotAGroup => "the room is not a group",
            Self::NotMaker => "only the maker of the group may do this",
            Self::InvalidTitle => "the title is too long or has invisible characters",
            Self::InvalidProfile => "a profile text is too long or has invisible characters",
            Self::TooMany => "the limit is reached",
            Self::InvalidTime => "the time is in the past or too far ahead",
            Self::FileTooLarge => "the file is too large",
            Self::QuotaExceeded => "the space for files is used up",
            Self::DiskFull => "the disk is too full for files",
            Self::NotReady => "the upload is not complete",
            Self::Rejected => "the scanner rejected the file",
            Self::NotCleaned => "the metadata of the file cannot be removed",
            Self::AllTooOften => "everybody was mentioned too often",
            Self::InvalidQuery => "the query is empty or too long",
            Self::TooFast => "the rate limit is reached",
            Self::NotFound => "the person or room was not found",
            Self::Oneself => "another person is needed",
            Self::Unavailable => "the store is unavailable",
            Self::SignedOut => "nobody is signed in",
            Self::Credentials => "the login or the password is wrong",
            Self::Disabled => "the account is disabled",
            Self::InvalidLogin => "the login is invalid",
            Self::InvalidName => "the name is empty, too long, or has invisible characters",
            Self::InvalidPassword => "the password is too short or too long",
            Self::LoginTaken => "the login is taken",
            Self::RegistrationClosed => "registration is closed",
        })
    }
}

impl std::error::Error for Refusal {}
