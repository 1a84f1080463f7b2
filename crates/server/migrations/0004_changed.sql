-- Most messages are never changed: their version is their place. An index of all of them was a third of what
-- storing one cost; this one knows only those that were.
DROP INDEX messages_by_version;
CREATE UNIQUE INDEX messages_changed ON messages (room, version) WHERE version <> seq;
