-- In such a group the maker alone pins messages.
ALTER TABLE rooms ADD COLUMN pins_by_maker INTEGER NOT NULL DEFAULT 0;

-- The pinned messages of a room; `number` is their order, `user` who pinned it.
CREATE TABLE pins (
  number          INTEGER PRIMARY KEY AUTOINCREMENT,
  room            BLOB NOT NULL,
  seq             INTEGER NOT NULL,
  user            BLOB NOT NULL,
  is_announcement INTEGER NOT NULL DEFAULT 0,
  UNIQUE (room, seq),
  FOREIGN KEY (room, seq) REFERENCES messages (room, seq)
) STRICT;
CREATE UNIQUE INDEX announcements ON pins (room) WHERE is_announcement;

-- A person's bookmarks, in the order in which they set them.
CREATE TABLE bookmarks (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  user   BLOB NOT NULL REFERENCES users (id),
  room   BLOB NOT NULL,
  seq    INTEGER NOT NULL,
  UNIQUE (user, room, seq),
  FOREIGN KEY (room, seq) REFERENCES messages (room, seq)
) STRICT;
CREATE INDEX bookmarks_of_user ON bookmarks (user, number);
CREATE INDEX bookmarks_of_message ON bookmarks (room, seq);
