-- What a person chose in the settings and takes to their other browsers. The client knows what it means.
CREATE TABLE settings (
  user  BLOB PRIMARY KEY REFERENCES users (id),
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
