-- Groups, and what one can do with a message after it was posted.

ALTER TABLE rooms ADD COLUMN is_group INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN title TEXT;

-- A member sees what has a higher `seq`: 0 for the whole history.
ALTER TABLE memberships ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
-- The version at which they left; NULL while they are in.
ALTER TABLE memberships ADD COLUMN left_at INTEGER;
ALTER TABLE memberships ADD COLUMN is_muted INTEGER NOT NULL DEFAULT 0;
-- Out of their list until the room has a message beyond this version; NULL for no.
ALTER TABLE memberships ADD COLUMN hidden_at INTEGER;

ALTER TABLE messages ADD COLUMN edited_at INTEGER;
-- 1: before anybody else had read it, 2: after. Its body and its reactions are gone then.
ALTER TABLE messages ADD COLUMN recalled INTEGER CHECK (recalled IS NULL OR (recalled IN (1, 2) AND body = ''));
ALTER TABLE messages ADD COLUMN reply_to BLOB REFERENCES messages (id);
-- What the author did to the group, as JSON (protocol::message::Line); the body is empty then.
ALTER TABLE messages ADD COLUMN line TEXT;
-- Under which number the text is in the search index; NULL while it is not.
ALTER TABLE messages ADD COLUMN number INTEGER REFERENCES indexed (number);
CREATE INDEX messages_not_indexed ON messages (room) WHERE number IS NULL AND body <> '';

-- What counts as unread, without reading the messages themselves.
CREATE INDEX messages_countable ON messages (room, seq, author) WHERE line IS NULL AND recalled IS NULL;

CREATE TABLE reactions (
  room    BLOB NOT NULL,
  seq     INTEGER NOT NULL,
  emoji   TEXT NOT NULL,
  user    BLOB NOT NULL REFERENCES users (id),
  -- The room's version at which it was given: the order in which they are shown.
  version INTEGER NOT NULL,
  PRIMARY KEY (room, seq, emoji, user),
  FOREIGN KEY (room, seq) REFERENCES messages (room, seq)
) STRICT, WITHOUT ROWID;

-- Numbers the messages in the order in which they were indexed, which the index needs for its rows.
CREATE TABLE indexed (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  room   BLOB NOT NULL,
  seq    INTEGER NOT NULL
) STRICT;

-- Pairs of neighbouring characters; see store/search.rs. The text itself is not kept a second time.
CREATE VIRTUAL TABLE search USING fts5 (pairs, content = '', columnsize = 0, tokenize = 'ascii');
-- What is taken out of the index is taken out of its pages too.
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
