//! Decodes the events of people on demand. They are apart from the others, so that only large organisations load their
//! decoders.

use serde_json::Value;

use crate::decode::{Decode, field, field_or_default};
use protocol::lobby_socket::LobbyEvent;

/// `None` for any other event, and for a value of another shape.
pub fn decode_on_demand(value: &Value) -> Option<LobbyEvent> {
    Some(match value.get("type")?.as_str()? {
        "presence" => LobbyEvent::Presence(Decode::decode(value)?),
        "department" => LobbyEvent::Department {
            path: field(value, "path")?,
            people: field(value, "people")?,
            online: field(value, "online")?,
            departments: field_or_default(value, "departments")?,
            users: field(value, "users")?,
            after: field(value, "after")?,
        },
        "people_found" => LobbyEvent::PeopleFound {
            query: field(value, "query")?,
            users: field(value, "users")?,
            after: field(value, "after")?,
        },
        _ => return None,
    })
}
