-- Whether a message asks the others in its room to confirm it.
ALTER TABLE messages ADD COLUMN asks_confirmation INTEGER NOT NULL DEFAULT 0;

-- Who confirmed a message; `version` is the room's at that moment, and their order.
CREATE TABLE confirmations (
  room    BLOB NOT NULL,
  seq     INTEGER NOT NULL,
  user    BLOB NOT NULL REFERENCES users (id),
  version INTEGER NOT NULL,
  PRIMARY KEY (room, seq, user),
  FOREIGN KEY (room, seq) REFERENCES messages (room, seq)
) STRICT, WITHOUT ROWID;
