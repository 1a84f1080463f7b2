//! The address of a message: its room and its `seq`. Links to messages of this server open in the messenger.

use protocol::ids::RoomId;

/// The path of a message's address.
pub fn path(room: RoomId, seq: u64) -> String {
    format!("/rooms/{room}?at={seq}")
}

/// The room of an address below `origin`, and the `seq` of the message in it; `None` for any other address.
pub fn parse(address: &str, origin: &str) -> Option<(RoomId, Option<u64>)> {
    let rest = address.strip_prefix(origin)?.strip_prefix("/rooms/")?;
    let (room, query) = rest.split_once('?').unwrap_or((rest, ""));
    let at = query.split('&').find_map(|pair| pair.strip_prefix("at=")?.parse().ok());
    Some((room.parse().ok()?, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_back_to_its_message_on_this_server_alone() {
        let (room, origin) = (RoomId::new(), "https://talk.example");
        let address = format!("{origin}{}", path(room, 7));
        assert_eq!(parse(&address, origin), Some((room, Some(7))));
        assert_eq!(parse(&format!("{origin}/rooms/{room}"), origin), Some((room, None)));
        for foreign in [
            format!("https://talk.example.evil/rooms/{room}?at=7"),
            format!("http://talk.example/rooms/{room}?at=7"),
            format!("{origin}/rooms/x?at=7"),
            format!("{origin}/settings"),
            origin.to_owned(),
        ] {
            assert_eq!(parse(&foreign, origin), None, "{foreign}");
        }
    }
}
