-- Whether a scheduled message got another text: a retry of the first one is no conflict then.
ALTER TABLE scheduled ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

-- Scheduled messages that their authors deleted, for some days: a retry does not schedule them again.
CREATE TABLE unscheduled (
  id         BLOB PRIMARY KEY CHECK (length(id) = 16),
  author     BLOB NOT NULL REFERENCES users (id),
  deleted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unscheduled_by_time ON unscheduled (deleted_at);
