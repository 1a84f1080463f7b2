//! The statements of the room list, as PostgreSQL runs them.

use crate::store::sql::messages::concerns_reader;

/// A row for each room of a user; `mine` is their membership. The last message is not a system event, unless it made
/// the user a member: other events leave the row unchanged. $1: how many other members are listed, $3: up to how many
/// unread messages are counted.
macro_rules! select_summaries {
    ($from:literal) => {
        concat!(
            "SELECT mine.user AS of, mine.room, rooms.is_group, rooms.title, rooms.active_at, mine.is_muted, mine.mentions_only, mine.is_pinned, mine.hidden_at, \
                    (SELECT count(*) FROM memberships WHERE room = mine.room AND left_at IS NULL) AS size, \
                    (SELECT string_agg(replace(other.user::text, '-', ''), '' ORDER BY other.user) FROM \
                      (SELECT m.user FROM memberships AS m WHERE m.room = mine.room AND m.user <> mine.user \
                          AND m.left_at IS NULL ORDER BY m.user LIMIT $1) AS other) AS others, \
                    (SELECT count(*) FROM \
                      (SELECT 1 FROM messages WHERE room = mine.room AND seq > greatest(mine.last_read, mine.since) \
                          AND author <> mine.user AND recalled IS NULL AND ",
            concerns_reader!("line", "line", "'%' || mine.user::text || '%'"),
            " LIMIT $3) AS counted) AS unread, \
                    (SELECT max(n.seq) FROM mentions AS n WHERE n.user = mine.user AND n.room = mine.room \
                        AND n.seq > greatest(mine.last_read, mine.since)) AS mentioned, \
                    last.seq, last.version, last.id, last.author, last.body, last.sent_at, last.edited_at, last.recalled, last.mentions, last.line, \
                    (SELECT coalesce(json_agg(json_build_array(replace(f.id::text, '-', ''), f.name, f.media_type, f.size, \
                                                f.width, f.height) ORDER BY f.nth), '[]')::text FROM files AS f \
                      WHERE f.room = last.room AND f.seq = last.seq) AS files \
               FROM ",
            $from,
            " JOIN rooms ON rooms.id = mine.room \
               LEFT JOIN messages AS last ON last.room = mine.room \
                AND last.seq = (SELECT seq FROM messages WHERE room = mine.room AND seq > mine.since AND ",
            concerns_reader!("line", "line", "'%' || mine.user::text || '%'"),
            " ORDER BY seq DESC LIMIT 1) \
              WHERE mine.left_at IS NULL"
        )
    };
}

/// $2: the user. Direct rooms that somebody else opened are left out until they have a message.
pub(crate) const OF_USER: &str = concat!(
    select_summaries!("memberships AS mine"),
    " AND mine.user = $2 AND (mine.hidden_at IS NULL OR last.seq IS NOT NULL)"
);

/// $2: the pairs.
pub(crate) const OF_PAIRS: &str = select_summaries!(
    "json_array_elements($2::json) AS pair \
     JOIN memberships AS mine ON mine.room = (pair.value ->> 0)::uuid AND mine.user = (pair.value ->> 1)::uuid"
);
