-- Locks of blobs over all nodes. A lock is a row that a transaction has inserted and never commits: a second one that
-- inserts the same hash waits for the first. No rows are ever left.
CREATE TABLE blob_locks (
  hash BYTEA PRIMARY KEY CHECK (length(hash) = 32)
);
