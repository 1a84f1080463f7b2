-- What people tell of themselves, and what each keeps for themselves alone.

ALTER TABLE users ADD COLUMN department TEXT;
ALTER TABLE users ADD COLUMN title TEXT;
ALTER TABLE users ADD COLUMN email TEXT;
ALTER TABLE users ADD COLUMN is_busy INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN status TEXT;

-- When and with what program it was begun; NULL for those from before.
ALTER TABLE sessions ADD COLUMN created_at INTEGER;
ALTER TABLE sessions ADD COLUMN agent TEXT;

ALTER TABLE memberships ADD COLUMN is_pinned INTEGER NOT NULL DEFAULT 0;

CREATE TABLE favourites (
  user      BLOB NOT NULL REFERENCES users (id),
  favourite BLOB NOT NULL REFERENCES users (id),
  PRIMARY KEY (user, favourite),
  CHECK (user <> favourite)
) STRICT, WITHOUT ROWID;
