//! The actor of a command.

use crate::model::SessionId;
use protocol::ids::UserId;

/// A user who gives a command, and the way it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    pub user: UserId,
    /// The session that authenticated the command; `None` for a command of the operator's own process.
    pub session: Option<SessionId>,
    /// Logged with a refused command.
    pub via: Via,
}

/// The way a command came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Via {
    /// A socket in the native dialect, or a page of the same window.
    Window,
    /// A socket in the legacy dialect.
    Legacy,
    /// A form page.
    Form,
    /// The command line or the demonstration.
    Operator,
}

impl Actor {
    /// A user who is signed in.
    pub fn signed_in(user: UserId, session: SessionId, via: Via) -> Self {
        Self { user, session: Some(session), via }
    }

    /// The operator's own process on behalf of a user.
    pub fn operator(user: UserId) -> Self {
        Self { user, session: None, via: Via::Operator }
    }
}
