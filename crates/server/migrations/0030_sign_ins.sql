-- Why a sign-in ended, when its time is over, and on which browsers an account is known.

-- When the password was last replaced; NULL when never.
ALTER TABLE users ADD COLUMN password_at INTEGER;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- A browser on which somebody has signed in, by the SHA-256 of the token in its cookie. It signs nobody in: it keeps
-- the owner's tries to sign in apart from those of strangers who guess.
CREATE TABLE devices (
  user    BLOB NOT NULL REFERENCES users (id),
  id      BLOB NOT NULL CHECK (length(id) = 32),
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (user, id)
) STRICT, WITHOUT ROWID;
