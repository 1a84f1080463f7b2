//! Addresses of this product: paths, and the queries that forms and pages pass to each other.

use protocol::ids::RoomId;

/// A room in a separate window.
pub(super) fn room_path(room: RoomId) -> String {
    format!("/rooms/{room}")
}

/// A path with a query of these pairs, percent-encoded.
pub(super) fn with_query<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{path}?{query}")
}

/// The target of a redirect: `next` if it is a path of this server, else `/`. Browsers read `//host` and `/\host` as
/// another host.
pub(super) fn own_path(next: &str) -> &str {
    let is_own =
        next.starts_with('/') && !next[1..].starts_with(['/', '\\']) && !next.contains(|c: char| c.is_control());
    if is_own { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_stays_on_this_server() {
        for own in ["/", "/rooms/1?x=y", "/?room=1"] {
            assert_eq!(own_path(own), own);
        }
        for foreign in
            ["", "x", "//evil.test", "/\\evil.test", "https://evil.test", "/\t/evil.test", "javascript:alert(1)"]
        {
            assert_eq!(own_path(foreign), "/", "{foreign:?}");
        }
    }
}
