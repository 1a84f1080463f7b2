-- Files of messages. Their bytes are not in the database: a blob names them by the SHA-256 of its content.

CREATE TABLE blobs (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  size INTEGER NOT NULL CHECK (size >= 0),
  -- How often `files` names it, as content or as preview. A blob without refs waits for its bytes to be removed.
  refs INTEGER NOT NULL CHECK (refs >= 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_unreferenced ON blobs (refs, hash) WHERE refs = 0;

-- Bytes that are still to come, reserved against the quota of their owner.
CREATE TABLE uploads (
  id         BLOB PRIMARY KEY CHECK (length(id) = 16),
  owner      BLOB NOT NULL REFERENCES users (id),
  name       TEXT NOT NULL,
  length     INTEGER NOT NULL CHECK (length >= 0),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_by_owner ON uploads (owner);
CREATE INDEX uploads_by_expiry ON uploads (expires_at);

CREATE TABLE files (
  id           BLOB PRIMARY KEY CHECK (length(id) = 16),
  owner        BLOB NOT NULL REFERENCES users (id),
  blob         BLOB NOT NULL REFERENCES blobs (hash),
  name         TEXT NOT NULL,
  -- The name as a search compares it: NFC, in lower case.
  folded_name  TEXT NOT NULL,
  media_type   TEXT NOT NULL,
  size         INTEGER NOT NULL CHECK (size >= 0),
  preview      BLOB REFERENCES blobs (hash),
  preview_type TEXT,
  width        INTEGER,
  height       INTEGER,
  created_at   INTEGER NOT NULL,
  -- The message that has it, and its place among the files of that message; NULL until it is attached.
  room         BLOB,
  seq          INTEGER,
  nth          INTEGER,
  FOREIGN KEY (room, seq) REFERENCES messages (room, seq),
  CHECK ((room IS NULL) = (seq IS NULL) AND (room IS NULL) = (nth IS NULL)),
  CHECK ((preview IS NULL) = (width IS NULL) AND (preview IS NULL) = (height IS NULL)
    AND (preview IS NULL) = (preview_type IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX files_by_message ON files (room, seq, nth) WHERE room IS NOT NULL;
CREATE INDEX files_unattached ON files (created_at) WHERE room IS NULL;
CREATE INDEX files_unattached_by_owner ON files (owner) WHERE room IS NULL;
-- Foreign keys look here when a blob is deleted.
CREATE INDEX files_by_blob ON files (blob);
CREATE INDEX files_by_preview ON files (preview) WHERE preview IS NOT NULL;

-- Bytes that count against a quota: the lengths of pending uploads and the sizes of files, once for each file, also
-- when two have one blob. Previews do not count.
CREATE TABLE used_bytes (
  owner BLOB PRIMARY KEY REFERENCES users (id),
  bytes INTEGER NOT NULL CHECK (bytes >= 0)
) STRICT, WITHOUT ROWID;
CREATE TABLE used_bytes_of_all (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  bytes INTEGER NOT NULL CHECK (bytes >= 0)
) STRICT;
INSERT INTO used_bytes_of_all VALUES (1, 0);
