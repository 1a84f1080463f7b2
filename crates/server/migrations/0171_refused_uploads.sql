-- Uploads that were refused for their content: a client that lost the answer asks for it within an hour. Their bytes are
-- gone, and they count for nothing.
CREATE TABLE refused_uploads (
  id         BLOB PRIMARY KEY CHECK (length(id) = 16),
  owner      BLOB NOT NULL REFERENCES users (id),
  -- The code of the refusal.
  refusal    TEXT NOT NULL,
  refused_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refused_uploads_by_owner ON refused_uploads (owner);
CREATE INDEX refused_uploads_by_time ON refused_uploads (refused_at);
