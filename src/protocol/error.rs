//! Why something could not be done: a code that a client turns into words of the reader's language.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The frame is not of this language, or the form lacks a field.
    Malformed,
    /// Nothing in the message can be seen.
    EmptyBody,
    /// The body is longer than [`crate::protocol::limit::BODY_CHARS`].
    BodyTooLong,
    /// This id already names a message with another body, author or room.
    IdConflict,
    /// Only its author can do this to a message.
    NotYours,
    /// The time in which this can be done to a message is over.
    TooLate,
    /// The message was recalled.
    Recalled,
    /// That is no emoji.
    NotAnEmoji,
    /// The conversation of two people stays theirs; only a group can do this.
    NotAGroup,
    /// The title is longer than [`crate::protocol::limit::TITLE_CHARS`], or has characters that cannot be seen.
    InvalidTitle,
    /// The line about oneself, or what is known of a person, is longer than
    /// [`crate::protocol::limit::PROFILE_CHARS`], or has characters that cannot be seen.
    InvalidProfile,
    /// There are as many people or emojis as there may be.
    TooMany,
    /// There is nothing to search for that can be seen, or more than [`crate::protocol::limit::QUERY_CHARS`].
    InvalidQuery,
    /// Too much in too short a time; slower is fine.
    TooFast,
    /// There is no such person or conversation for this account.
    NotFound,
    /// A conversation needs somebody else.
    Oneself,
    /// It could not be saved just now; the same again may work.
    Unavailable,
    /// Nobody is signed in, or the session has ended.
    SignedOut,
    /// Login and password do not belong together.
    Credentials,
    /// Login and password are right, and the operator has disabled the account.
    Disabled,
    /// The login is not one: 2 to 32 of a-z, 0-9, `.`, `_`, `-`, beginning with a letter or a digit.
    InvalidLogin,
    /// The name is empty, too long, or has characters that cannot be seen.
    InvalidName,
    /// The password is shorter than 8 or longer than 256 characters.
    InvalidPassword,
    /// Somebody has this login.
    LoginTaken,
    /// New accounts are made by the operator here.
    RegistrationClosed,
}
