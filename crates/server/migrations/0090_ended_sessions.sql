-- Tombstones of deleted sessions, in commit order. A running server reads those that it has not seen, closes their
-- sockets, whichever process ended the sessions, and then deletes the rows.
CREATE TABLE ended_sessions (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id     BLOB NOT NULL CHECK (length(id) = 32),
  user   BLOB NOT NULL CHECK (length(user) = 16)
) STRICT;

DROP TRIGGER sessions_ended;
CREATE TRIGGER sessions_ended AFTER DELETE ON sessions BEGIN
  INSERT INTO ended_sessions (id, user) VALUES (OLD.id, OLD.user);
END;
DELETE FROM meta WHERE key = 'sessions_version';
