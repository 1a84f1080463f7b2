-- The tables of migrations 0001 to 0171 of SQLite, as PostgreSQL keeps them. Ids are UUIDs, hashes 32 bytes, times UTC
-- milliseconds. The keys of rooms' rows begin with the room, so that a room can become a shard.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value BYTEA NOT NULL
);
-- The history that room versions count in; see protocol::cursor.
INSERT INTO meta VALUES ('epoch', uuid_send(gen_random_uuid()));

-- Counters that grow in commit order: whoever counts holds the row until their transaction ends.
CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counters VALUES ('accounts_version', 0), ('ended_sessions', 0), ('pulse', 0);

CREATE FUNCTION count_up(counter TEXT) RETURNS BIGINT LANGUAGE sql AS $$
  UPDATE counters SET value = value + 1 WHERE name = counter RETURNING value
$$;

CREATE TABLE users (
  id           UUID PRIMARY KEY,
  login        TEXT COLLATE "C" NOT NULL UNIQUE,
  name         TEXT NOT NULL,
  password     TEXT NOT NULL,
  -- When the password was last replaced; NULL when never.
  password_at  BIGINT,
  disabled     BOOLEAN NOT NULL DEFAULT FALSE,
  created_at   BIGINT NOT NULL,
  department   TEXT,
  title        TEXT,
  email        TEXT,
  -- Where somebody stands among the people of their department, lowest first; NULL: behind those, by name.
  sort_order   BIGINT,
  -- Where their department stands among the departments, as in the SQLite migration 0190.
  department_order BIGINT,
  is_busy      BOOLEAN NOT NULL DEFAULT FALSE,
  status       TEXT,
  status_until BIGINT,
  absent_from  BIGINT,
  absent_until BIGINT,
  absence_text TEXT,
  -- The `accounts_version` of the last change.
  changed      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX users_by_change ON users (changed);
CREATE INDEX statuses_by_end ON users (status_until) WHERE status_until IS NOT NULL;
CREATE INDEX absences_by_end ON users (absent_until) WHERE absent_until IS NOT NULL;

CREATE FUNCTION user_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed := count_up('accounts_version');
  RETURN NEW;
END $$;
CREATE TRIGGER users_changed BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION user_changed();

-- Only the hash of a session's token is kept: a stolen database signs nobody in.
CREATE TABLE sessions (
  id         BYTEA PRIMARY KEY CHECK (length(id) = 32),
  "user"     UUID NOT NULL REFERENCES users (id),
  expires_at BIGINT NOT NULL,
  created_at BIGINT,
  agent      TEXT
);
CREATE INDEX sessions_by_user ON sessions ("user");
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Tombstones of deleted sessions, numbered in commit order: a server that read one number misses none below it.
CREATE TABLE ended_sessions (
  number BIGINT PRIMARY KEY,
  id     BYTEA NOT NULL CHECK (length(id) = 32),
  "user" UUID NOT NULL
);
CREATE FUNCTION session_ended() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ended_sessions (number, id, "user") VALUES (count_up('ended_sessions'), OLD.id, OLD."user");
  RETURN NULL;
END $$;
CREATE TRIGGER sessions_ended AFTER DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION session_ended();

-- A browser on which somebody has signed in, by the SHA-256 of the token in its cookie.
CREATE TABLE devices (
  "user"  UUID NOT NULL REFERENCES users (id),
  id      BYTEA NOT NULL CHECK (length(id) = 32),
  seen_at BIGINT NOT NULL,
  PRIMARY KEY ("user", id)
);

CREATE TABLE favourites (
  "user"    UUID NOT NULL REFERENCES users (id),
  favourite UUID NOT NULL REFERENCES users (id),
  PRIMARY KEY ("user", favourite),
  CHECK ("user" <> favourite)
);

CREATE TABLE settings (
  "user" UUID PRIMARY KEY REFERENCES users (id),
  value  TEXT NOT NULL
);

CREATE TABLE absence_answers (
  "user" UUID NOT NULL REFERENCES users (id),
  other  UUID NOT NULL REFERENCES users (id),
  day    BIGINT NOT NULL,
  PRIMARY KEY ("user", other)
);

-- A write to a room begins with a lock of its row, so its versions have no gap and are the order of commits, over any
-- number of nodes.
CREATE TABLE rooms (
  id            UUID PRIMARY KEY,
  version       BIGINT NOT NULL DEFAULT 0,
  created_at    BIGINT NOT NULL,
  is_group      BOOLEAN NOT NULL DEFAULT FALSE,
  title         TEXT,
  active_at     BIGINT NOT NULL DEFAULT 0,
  pins_by_maker BOOLEAN NOT NULL DEFAULT FALSE
) WITH (fillfactor = 70);

-- The one direct room of two users, the lower id first; of one user, their notes.
CREATE TABLE directs (
  low  UUID NOT NULL REFERENCES users (id),
  high UUID NOT NULL REFERENCES users (id),
  room UUID NOT NULL UNIQUE REFERENCES rooms (id),
  PRIMARY KEY (low, high),
  CHECK (low <= high)
);

CREATE TABLE memberships (
  room          UUID NOT NULL REFERENCES rooms (id),
  "user"        UUID NOT NULL REFERENCES users (id),
  last_read     BIGINT NOT NULL DEFAULT 0,
  since         BIGINT NOT NULL DEFAULT 0,
  joined_at     BIGINT NOT NULL DEFAULT 0,
  left_at       BIGINT,
  hidden_at     BIGINT,
  is_muted      BOOLEAN NOT NULL DEFAULT FALSE,
  mentions_only BOOLEAN NOT NULL DEFAULT FALSE,
  is_pinned     BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (room, "user")
) WITH (fillfactor = 70);
CREATE INDEX memberships_by_user ON memberships ("user");

-- Room and author have no foreign keys: a post joins the membership, which has both.
CREATE TABLE messages (
  room              UUID NOT NULL,
  seq               BIGINT NOT NULL,
  version           BIGINT NOT NULL,
  id                UUID NOT NULL,
  author            UUID NOT NULL,
  body              TEXT NOT NULL,
  sent_at           BIGINT NOT NULL,
  edited_at         BIGINT,
  recalled          BIGINT CHECK (recalled IS NULL OR (recalled IN (1, 2) AND body = '')),
  reply_to          UUID,
  line              TEXT,
  -- The order of texts over all rooms, by time: milliseconds, node, count. NULL without a text.
  number            BIGINT,
  mentions          TEXT,
  forwarded         TEXT,
  asks_confirmation BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (room, seq),
  UNIQUE (room, id),
  FOREIGN KEY (room, reply_to) REFERENCES messages (room, id)
);
-- An id is looked for in all rooms, because a retry may name another one.
CREATE INDEX messages_by_id ON messages (id);
CREATE UNIQUE INDEX messages_changed ON messages (room, version) WHERE version <> seq;
CREATE INDEX messages_countable ON messages (room, seq, author) WHERE line IS NULL AND recalled IS NULL;

CREATE TABLE reactions (
  room    UUID NOT NULL,
  seq     BIGINT NOT NULL,
  emoji   TEXT COLLATE "C" NOT NULL,
  "user"  UUID NOT NULL REFERENCES users (id),
  version BIGINT NOT NULL,
  PRIMARY KEY (room, seq, emoji, "user"),
  FOREIGN KEY (room, seq) REFERENCES messages (room, seq)
);

CREATE TABLE confirmations (
  room    UUID NOT NULL,
  seq     BIGINT NOT NULL,
  "user"  UUID NOT NULL REFERENCES users (id),
  version BIGINT NOT NULL,
  PRIMARY KEY (room, seq, "user"),
  FOREIGN KEY (room, seq) REFERENCES messages (room, seq)
);

CREATE TABLE mentions (
  number BIGINT GENERATED BY DEFAULT AS IDENTITY,
  "user" UUID NOT NULL REFERENCES users (id),
  room   UUID NOT NULL,
  seq    BIGINT NOT NULL,
  PRIMARY KEY (room, seq, "user"),
  FOREIGN KEY (room, seq) REFERENCES messages (room, seq)
);
CREATE INDEX mentions_of_user ON mentions ("user", number);
CREATE INDEX mentions_unread ON mentions ("user", room, seq);

CREATE TABLE pins (
  number          BIGINT GENERATED BY DEFAULT AS IDENTITY,
  room            UUID NOT NULL,
  seq             BIGINT NOT NULL,
  "user"          UUID NOT NULL,
  is_announcement BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (room, seq),
  FOREIGN KEY (room, seq) REFERENCES messages (room, seq)
);
CREATE UNIQUE INDEX announcements ON pins (room) WHERE is_announcement;

CREATE TABLE bookmarks (
  number BIGINT GENERATED BY DEFAULT AS IDENTITY,
  "user" UUID NOT NULL REFERENCES users (id),
  room   UUID NOT NULL,
  seq    BIGINT NOT NULL,
  PRIMARY KEY (room, seq, "user"),
  FOREIGN KEY (room, seq) REFERENCES messages (room, seq)
);
CREATE INDEX bookmarks_of_user ON bookmarks ("user", number);

CREATE TABLE scheduled (
  number            BIGINT GENERATED BY DEFAULT AS IDENTITY,
  id                UUID PRIMARY KEY,
  room              UUID NOT NULL REFERENCES rooms (id),
  author            UUID NOT NULL REFERENCES users (id),
  due_at            BIGINT NOT NULL,
  body              TEXT NOT NULL,
  reply_to          UUID,
  mentions          TEXT,
  failed            TEXT,
  changed           BOOLEAN NOT NULL DEFAULT FALSE,
  asks_confirmation BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX scheduled_by_time ON scheduled (due_at, number) WHERE failed IS NULL;
CREATE INDEX scheduled_by_room ON scheduled (room, author, due_at, number);
CREATE INDEX scheduled_by_author ON scheduled (author, due_at, number);

CREATE TABLE unscheduled (
  id         UUID PRIMARY KEY,
  author     UUID NOT NULL REFERENCES users (id),
  deleted_at BIGINT NOT NULL
);
CREATE INDEX unscheduled_by_time ON unscheduled (deleted_at);

CREATE TABLE blobs (
  hash BYTEA PRIMARY KEY CHECK (length(hash) = 32),
  size BIGINT NOT NULL CHECK (size >= 0),
  refs BIGINT NOT NULL CHECK (refs >= 0)
);
CREATE INDEX blobs_unreferenced ON blobs (refs, hash) WHERE refs = 0;

CREATE TABLE uploads (
  id          UUID PRIMARY KEY,
  owner       UUID NOT NULL REFERENCES users (id),
  name        TEXT NOT NULL,
  length      BIGINT NOT NULL CHECK (length >= 0),
  is_original BOOLEAN NOT NULL DEFAULT FALSE,
  created_at  BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL
);
CREATE INDEX uploads_by_owner ON uploads (owner);
CREATE INDEX uploads_by_expiry ON uploads (expires_at);

CREATE TABLE files (
  id            UUID PRIMARY KEY,
  owner         UUID NOT NULL REFERENCES users (id),
  blob          BYTEA NOT NULL REFERENCES blobs (hash),
  name          TEXT NOT NULL,
  folded_name   TEXT NOT NULL,
  media_type    TEXT NOT NULL,
  size          BIGINT NOT NULL CHECK (size >= 0),
  upload_length BIGINT CHECK (upload_length >= 0),
  preview       BYTEA REFERENCES blobs (hash),
  preview_type  TEXT,
  width         BIGINT,
  height        BIGINT,
  created_at    BIGINT NOT NULL,
  room          UUID,
  seq           BIGINT,
  nth           BIGINT,
  FOREIGN KEY (room, seq) REFERENCES messages (room, seq),
  CHECK ((room IS NULL) = (seq IS NULL) AND (room IS NULL) = (nth IS NULL)),
  CHECK ((preview IS NULL) = (width IS NULL) AND (preview IS NULL) = (height IS NULL)
    AND (preview IS NULL) = (preview_type IS NULL))
);
CREATE UNIQUE INDEX files_by_message ON files (room, seq, nth) WHERE room IS NOT NULL;
CREATE INDEX files_unattached ON files (created_at) WHERE room IS NULL;
CREATE INDEX files_unattached_by_owner ON files (owner) WHERE room IS NULL;
CREATE INDEX files_by_blob ON files (blob);
CREATE INDEX files_by_preview ON files (preview) WHERE preview IS NOT NULL;

CREATE TABLE used_bytes (
  owner UUID PRIMARY KEY REFERENCES users (id),
  bytes BIGINT NOT NULL CHECK (bytes >= 0)
);
CREATE TABLE used_bytes_of_all (
  one   BIGINT PRIMARY KEY CHECK (one = 1),
  bytes BIGINT NOT NULL CHECK (bytes >= 0)
);
INSERT INTO used_bytes_of_all VALUES (1, 0);

CREATE TABLE refused_uploads (
  id         UUID PRIMARY KEY,
  owner      UUID NOT NULL REFERENCES users (id),
  refusal    TEXT NOT NULL,
  refused_at BIGINT NOT NULL
);
CREATE INDEX refused_uploads_by_owner ON refused_uploads (owner);
CREATE INDEX refused_uploads_by_time ON refused_uploads (refused_at);

-- The search index: the pairs of neighbouring characters, the characters and the room of a message, as codes. The text
-- is not kept a second time. A column of `messages` would be written again with every reaction.
CREATE TABLE search (
  room   UUID NOT NULL,
  seq    BIGINT NOT NULL,
  number BIGINT NOT NULL,
  keys   INTEGER[] NOT NULL,
  PRIMARY KEY (room, seq)
);
-- A list of pending entries would be cleaned by some post, which then takes a second.
CREATE INDEX search_keys ON search USING gin (keys) WITH (fastupdate = off);
-- Texts that are not in the index yet.
CREATE TABLE unindexed (
  room UUID NOT NULL,
  seq  BIGINT NOT NULL,
  PRIMARY KEY (room, seq)
);

-- One row for each transaction of a writer, numbered without a gap, in the same transaction. Whoever lost the connection
-- during a COMMIT inserts the row again: a conflict says that the transaction was committed.
CREATE TABLE feed (
  writer  UUID NOT NULL,
  seq     BIGINT NOT NULL,
  -- The clock of the database: rows are deleted by their age, and the clocks of nodes differ.
  at      BIGINT NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT,
  changes BYTEA NOT NULL DEFAULT '',
  PRIMARY KEY (writer, seq)
);
CREATE INDEX feed_by_time ON feed (at);

