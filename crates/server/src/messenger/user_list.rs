//! The user list, encoded once for all sockets that connect within a second.

use std::{sync::Arc, time::Instant};

use parking_lot::Mutex;
use serde_json::value::RawValue;

use protocol::cursor::Cursor;

/// All users, as a JSON array.
pub(super) struct EncodedUsers {
    /// The cursor in the user log up to which the list is complete.
    pub(super) cursor: Cursor,
    pub(super) json: Box<RawValue>,
    pub(super) encoded_at: Instant,
}

/// The list that was encoded last.
#[derive(Default)]
pub(super) struct UserListCache(pub(super) Mutex<Option<Arc<EncodedUsers>>>);
