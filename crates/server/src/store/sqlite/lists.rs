//! Statements over lists of ids, as SQLite runs them: a list is JSON, with ids in hexadecimal.

pub(crate) const MEMBERSHIPS: &str = "SELECT room, user, last_read, joined_at, left_at IS NOT NULL FROM json_each($1) AS pair \
               JOIN memberships ON room = unhex(pair.value ->> 0) AND user = unhex(pair.value ->> 1)";
pub(crate) const MEMBERSHIPS_OF: &str =
    "SELECT room, user FROM json_each($1) AS wanted JOIN memberships ON user = unhex(wanted.value)";
pub(crate) const MEMBERS_OF: &str = "SELECT room, user FROM json_each($1) AS wanted \
               JOIN memberships ON room = unhex(wanted.value) WHERE left_at IS NULL";
pub(crate) const INSIDE: &str = "SELECT user FROM json_each($2) AS asked \
               JOIN memberships ON room = $1 AND user = unhex(asked.value) WHERE left_at IS NULL";
pub(crate) const INSERT_MEMBERSHIPS: &str = "INSERT INTO memberships (room, user, since, last_read, joined_at) \
               SELECT $1, users.id, $3, $4, $5 FROM json_each($2) AS new JOIN users ON users.id = unhex(new.value) \
                WHERE NOT disabled \
               ON CONFLICT (room, user) DO UPDATE SET since = $3, last_read = $4, joined_at = $5, left_at = NULL, \
                             hidden_at = NULL, is_muted = 0, mentions_only = 0, is_pinned = 0";
pub(crate) const MENTIONED: &str = "SELECT user FROM json_each($2) AS named \
               JOIN memberships ON room = $1 AND user = unhex(named.value) WHERE left_at IS NULL";
pub(crate) const DELETE_OTHER_MENTIONS: &str = "DELETE FROM mentions WHERE room = $1 AND seq = $2 \
               AND user NOT IN (SELECT unhex(value) FROM json_each($3))";
pub(crate) const INSERT_MENTIONS: &str = "INSERT INTO mentions (user, room, seq) SELECT unhex(value), $1, $2 FROM json_each($3) WHERE true \
               ON CONFLICT (user, room, seq) DO NOTHING";
