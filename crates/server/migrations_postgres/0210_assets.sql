-- The files of the browser's program, of the builds that nodes started last: a page of one build may ask a node of another
-- for its parts. A build's rows are inserted in one transaction.
CREATE TABLE builds (
  build      TEXT PRIMARY KEY,
  -- The last start of a node of this build.
  started_at BIGINT NOT NULL
);
CREATE TABLE assets (
  build   TEXT NOT NULL REFERENCES builds ON DELETE CASCADE,
  -- With the ending of its compressed form.
  name    TEXT NOT NULL,
  content BYTEA NOT NULL,
  PRIMARY KEY (build, name)
);
-- They are compressed already.
ALTER TABLE assets ALTER COLUMN content SET STORAGE EXTERNAL;
