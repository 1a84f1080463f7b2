-- Ids are UUIDs as 16-byte blobs; times are UTC milliseconds.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Moves whenever an account or a session changes, so that a running server notices what another
-- process (`daehwa user ...`) did.
INSERT INTO meta VALUES ('accounts_version', CAST('0' AS BLOB));
-- The history that room versions count in; see protocol::cursor.
INSERT INTO meta VALUES ('epoch', randomblob(16));

CREATE TABLE users (
  id         BLOB PRIMARY KEY CHECK (length(id) = 16),
  login      TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  password   TEXT NOT NULL,
  disabled   INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;

-- Only the hash of a session's token is kept: a stolen database signs nobody in.
CREATE TABLE sessions (
  id         BLOB PRIMARY KEY CHECK (length(id) = 32),
  user       BLOB NOT NULL REFERENCES users (id),
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user);

CREATE TRIGGER users_added AFTER INSERT ON users BEGIN
  UPDATE meta SET value = CAST(CAST(value AS TEXT) + 1 AS BLOB) WHERE key = 'accounts_version';
END;
CREATE TRIGGER users_changed AFTER UPDATE ON users BEGIN
  UPDATE meta SET value = CAST(CAST(value AS TEXT) + 1 AS BLOB) WHERE key = 'accounts_version';
END;
CREATE TRIGGER sessions_ended AFTER DELETE ON sessions BEGIN
  UPDATE meta SET value = CAST(CAST(value AS TEXT) + 1 AS BLOB) WHERE key = 'accounts_version';
END;

-- `version` counts every change of the room; see ARCHITECTURE.md.
CREATE TABLE rooms (
  id         BLOB PRIMARY KEY CHECK (length(id) = 16),
  version    INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;

-- The one conversation of two people: the lower id first.
CREATE TABLE directs (
  low  BLOB NOT NULL REFERENCES users (id),
  high BLOB NOT NULL REFERENCES users (id),
  room BLOB NOT NULL UNIQUE REFERENCES rooms (id),
  PRIMARY KEY (low, high),
  CHECK (low < high)
) STRICT, WITHOUT ROWID;

CREATE TABLE memberships (
  room      BLOB NOT NULL REFERENCES rooms (id),
  user      BLOB NOT NULL REFERENCES users (id),
  last_read INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_user ON memberships (user);

CREATE TABLE messages (
  room    BLOB NOT NULL REFERENCES rooms (id),
  seq     INTEGER NOT NULL,
  version INTEGER NOT NULL,
  id      BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  author  BLOB NOT NULL REFERENCES users (id),
  body    TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX messages_by_version ON messages (room, version);
