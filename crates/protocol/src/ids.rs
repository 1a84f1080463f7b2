//! Ids: UUIDs, each in its own type. Names identify nobody: several people may have the same name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id: a UUID of version 7, so ids sort by the time of their creation.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The bare UUID, as the store saves it.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// The id of an account. JSON: a UUID as a string.
    UserId
);
id!(
    /// The id of a room. JSON: a UUID as a string.
    RoomId
);
id!(
    /// The id of an upload and of the file that it becomes. JSON: a UUID as a string.
    FileId
);
id!(
    /// The id of a message. The author's client creates it; it is the idempotency key of the post. JSON: a UUID as a
    /// string.
    MessageId
);
