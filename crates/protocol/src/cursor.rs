//! Resume cursors: positions in the changes of a room, or of the users.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A position in the changes of one room, or of the users: the client has every change up to `version`.
///
/// JSON: `{"epoch":uuid,"version":u64}`; in the query of a handshake (`?since=`) `EPOCH.VERSION`, the epoch as 32
/// hexadecimal digits. Snapshots and events carry it; a client that reconnects with it receives the changes after it.
/// The default cursor belongs to no epoch: with it a client receives a full snapshot. See docs/protocol.md,
/// `/usersServerEndpoint` and `/chat/{room}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The history in which `version` counts. A restored backup starts a new epoch of each room, a restarted server a
    /// new epoch of the users.
    pub epoch: Uuid,
    /// Counts changes, from 1.
    pub version: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch.simple(), self.version)
    }
}

/// The text is not a cursor of the form `EPOCH.VERSION`.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidCursor;

impl fmt::Display for InvalidCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a cursor: expected EPOCH.VERSION")
    }
}

impl std::error::Error for InvalidCursor {}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (epoch, version) = text.split_once('.').ok_or(InvalidCursor)?;
        Ok(Self {
            epoch: epoch.parse().map_err(|_| InvalidCursor)?,
            version: version.parse().map_err(|_| InvalidCursor)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_being_written_and_parsed() {
        let cursor = Cursor { epoch: Uuid::now_v7(), version: 42 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn texts_that_are_not_cursors_are_refused() {
        for text in ["", "1", ".", "x.1", "0190.1", "00000000000000000000000000000000.-1"] {
            assert_eq!(text.parse::<Cursor>(), Err(InvalidCursor), "{text:?}");
        }
    }
}
