-- Messages that wait for their time; `number` is their order among equal times.
CREATE TABLE scheduled (
  number   INTEGER PRIMARY KEY AUTOINCREMENT,
  -- The id of the message that it becomes.
  id       BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  room     BLOB NOT NULL REFERENCES rooms (id),
  author   BLOB NOT NULL REFERENCES users (id),
  due_at   INTEGER NOT NULL,
  body     TEXT NOT NULL,
  reply_to BLOB,
  -- As JSON (protocol::message::Mentions); NULL for nobody.
  mentions TEXT,
  -- Why it could not be sent (protocol::error::Refusal); NULL while it waits.
  failed   TEXT
) STRICT;
CREATE INDEX scheduled_by_time ON scheduled (due_at, number) WHERE failed IS NULL;
CREATE INDEX scheduled_by_room ON scheduled (room, author, due_at, number);
CREATE INDEX scheduled_by_author ON scheduled (author, due_at, number);
