-- When a status ends by itself, UTC milliseconds; NULL when it stays.
ALTER TABLE users ADD COLUMN status_until INTEGER;
CREATE INDEX statuses_by_end ON users (status_until) WHERE status_until IS NOT NULL;
