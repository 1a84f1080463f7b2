-- Whom a message mentions, as JSON (protocol::message::Mentions); NULL for nobody.
ALTER TABLE messages ADD COLUMN mentions TEXT;

-- Of a muted room: notices of messages that mention the member.
ALTER TABLE memberships ADD COLUMN mentions_only INTEGER NOT NULL DEFAULT 0;

-- One row for each mentioned person, in the order in which they were mentioned: a list of them, and what is unread of it,
-- without reading messages. The author has none.
CREATE TABLE mentions (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  user   BLOB NOT NULL REFERENCES users (id),
  room   BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  UNIQUE (user, room, seq),
  FOREIGN KEY (room, seq) REFERENCES messages (room, seq)
) STRICT;
CREATE INDEX mentions_of_user ON mentions (user, number);
CREATE INDEX mentions_of_message ON mentions (room, seq);
