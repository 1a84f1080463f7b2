//! How far a client has seen a room, or the people, written `EPOCH.VERSION` in a URL.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// "Everything of this room, or everybody, up to `version`, in the history called `epoch`."
///
/// The default is of no history: nothing was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The history the version counts in. A restored backup begins another one.
    pub epoch: Uuid,
    pub version: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch.simple(), self.version)
    }
}

/// The text is not a cursor.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidCursor;

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
    fn what_is_written_reads_back() {
        let cursor = Cursor { epoch: Uuid::now_v7(), version: 42 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in ["", "1", ".", "x.1", "0190.1", "00000000000000000000000000000000.-1"] {
            assert_eq!(text.parse::<Cursor>(), Err(InvalidCursor), "{text:?}");
        }
    }
}
