//! Statements over lists of ids, as PostgreSQL runs them: a list is JSON, with ids in hexadecimal.

pub(crate) const MEMBERSHIPS: &str = "SELECT m.room, m.user, m.last_read, m.joined_at, m.left_at IS NOT NULL \
    FROM json_array_elements($1::json) AS pair \
    JOIN memberships AS m ON m.room = (pair.value ->> 0)::uuid AND m.user = (pair.value ->> 1)::uuid";
pub(crate) const MEMBERSHIPS_OF: &str = "SELECT m.room, m.user FROM json_array_elements_text($1::json) AS wanted \
    JOIN memberships AS m ON m.user = wanted.value::uuid";
pub(crate) const MEMBERS_OF: &str = "SELECT m.room, m.user FROM json_array_elements_text($1::json) AS wanted \
    JOIN memberships AS m ON m.room = wanted.value::uuid WHERE m.left_at IS NULL";
pub(crate) const INSIDE: &str = "SELECT m.user FROM json_array_elements_text($2::json) AS asked \
    JOIN memberships AS m ON m.room = $1 AND m.user = asked.value::uuid WHERE m.left_at IS NULL";
pub(crate) const INSERT_MEMBERSHIPS: &str = "INSERT INTO memberships (room, \"user\", since, last_read, joined_at) \
    SELECT $1, users.id, $3, $4, $5 FROM json_array_elements_text($2::json) AS new \
      JOIN users ON users.id = new.value::uuid WHERE NOT disabled \
    ON CONFLICT (room, \"user\") DO UPDATE SET since = $3, last_read = $4, joined_at = $5, left_at = NULL, \
      hidden_at = NULL, is_muted = FALSE, mentions_only = FALSE, is_pinned = FALSE";
pub(crate) const MENTIONED: &str = INSIDE;
pub(crate) const DELETE_OTHER_MENTIONS: &str = "DELETE FROM mentions AS n WHERE n.room = $1 AND n.seq = $2 \
    AND n.user NOT IN (SELECT value::uuid FROM json_array_elements_text($3::json))";
pub(crate) const INSERT_MENTIONS: &str = "INSERT INTO mentions (\"user\", room, seq) \
    SELECT value::uuid, $1, $2 FROM json_array_elements_text($3::json) ON CONFLICT (\"user\", room, seq) DO NOTHING";
