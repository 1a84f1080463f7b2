-- A user's notes to themselves are the direct room with equal ids: the primary key leaves one for each.
CREATE TABLE directs_and_notes (
  low  BLOB NOT NULL REFERENCES users (id),
  high BLOB NOT NULL REFERENCES users (id),
  room BLOB NOT NULL UNIQUE REFERENCES rooms (id),
  PRIMARY KEY (low, high),
  CHECK (low <= high)
) STRICT, WITHOUT ROWID;
INSERT INTO directs_and_notes SELECT low, high, room FROM directs;
DROP TABLE directs;
ALTER TABLE directs_and_notes RENAME TO directs;
