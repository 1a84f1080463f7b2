-- A foreign key without an index on its child makes every delete in the parent scan the child: each edit and each
-- recall read all messages. Numbers only grow, so a new one goes to the index's last page.
CREATE INDEX messages_by_number ON messages (number) WHERE number IS NOT NULL;
CREATE INDEX messages_by_answered ON messages (reply_to) WHERE reply_to IS NOT NULL;

-- The order of the list: grows with every post, also when the clock goes back. UTC milliseconds when it does not.
ALTER TABLE rooms ADD COLUMN active_at INTEGER NOT NULL DEFAULT 0;
UPDATE rooms SET active_at = coalesce((SELECT sent_at FROM messages WHERE room = rooms.id ORDER BY seq DESC LIMIT 1), created_at);

-- The `accounts_version` at which an account last changed, so that a server reads the changed ones alone.
ALTER TABLE users ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX users_by_change ON users (changed);
DROP TRIGGER users_added;
DROP TRIGGER users_changed;
CREATE TRIGGER users_added AFTER INSERT ON users BEGIN
  UPDATE meta SET value = CAST(CAST(value AS TEXT) + 1 AS BLOB) WHERE key = 'accounts_version';
  UPDATE users SET changed = (SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE key = 'accounts_version') WHERE id = NEW.id;
END;
-- The update of `changed` itself is no change.
CREATE TRIGGER users_changed AFTER UPDATE ON users WHEN NEW.changed = OLD.changed BEGIN
  UPDATE meta SET value = CAST(CAST(value AS TEXT) + 1 AS BLOB) WHERE key = 'accounts_version';
  UPDATE users SET changed = (SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE key = 'accounts_version') WHERE id = NEW.id;
END;

-- The end of a session is no change of an account.
INSERT INTO meta VALUES ('sessions_version', CAST('0' AS BLOB));
DROP TRIGGER sessions_ended;
CREATE TRIGGER sessions_ended AFTER DELETE ON sessions BEGIN
  UPDATE meta SET value = CAST(CAST(value AS TEXT) + 1 AS BLOB) WHERE key = 'sessions_version';
END;
