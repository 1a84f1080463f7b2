-- The nodes of this database: one row for each server process.
CREATE TABLE nodes (
  id       UUID PRIMARY KEY,
  -- When it was last alive, by the clock of the database, in UTC milliseconds.
  beat_at  BIGINT NOT NULL,
  -- Its last row of the feed when it joined. Nodes that find it later read the rows after that one.
  first    BIGINT NOT NULL,
  -- Its last row of the feed.
  top      BIGINT NOT NULL,
  has_left BOOLEAN NOT NULL DEFAULT FALSE
);

-- Inserts posts, many in one call, so that no lock is held over a round trip. Locks the rooms in the order of their ids;
-- the second statement then sees what was committed while it waited. Yields place and seq of each inserted post: not of
-- those that are stored already, nor of authors who are not members. `feed_seq`: NULL within a larger transaction.
CREATE FUNCTION insert_posts(
  writer UUID, feed_seq BIGINT, at BIGINT, rooms UUID[], authors UUID[], ids UUID[], bodies TEXT[], replies UUID[],
  times BIGINT[], numbers BIGINT[]
) RETURNS TABLE (nth BIGINT, seq BIGINT) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM 1 FROM rooms AS r WHERE r.id = ANY (insert_posts.rooms) ORDER BY r.id FOR UPDATE;
  RETURN QUERY
  WITH asked AS (
    SELECT a.* FROM unnest(insert_posts.rooms, authors, ids, bodies, replies, times, numbers)
      WITH ORDINALITY AS a (room, author, id, body, reply_to, active_at, number, nth)
  ), fresh AS (
    SELECT a.*, r.version + row_number() OVER (PARTITION BY a.room ORDER BY a.nth) AS seq
      FROM asked AS a
      JOIN rooms AS r ON r.id = a.room
      JOIN memberships AS m ON m.room = a.room AND m."user" = a.author AND m.left_at IS NULL
     WHERE NOT EXISTS (SELECT 1 FROM messages AS known WHERE known.id = a.id)
       AND NOT EXISTS (SELECT 1 FROM asked AS earlier WHERE earlier.id = a.id AND earlier.nth < a.nth)
  ), moved AS (
    UPDATE rooms AS r SET version = last.seq, active_at = greatest(r.active_at, last.active_at)
      FROM (SELECT f.room, max(f.seq) AS seq, max(f.active_at) AS active_at FROM fresh AS f GROUP BY f.room) AS last
     WHERE r.id = last.room
  ), stored AS (
    INSERT INTO messages (room, seq, version, id, author, body, sent_at, reply_to, number)
    SELECT f.room, f.seq, f.seq, f.id, f.author, f.body, insert_posts.at, f.reply_to, f.number FROM fresh AS f
  ), waiting AS (
    INSERT INTO unindexed (room, seq) SELECT f.room, f.seq FROM fresh AS f
  ), recorded AS (
    INSERT INTO feed (writer, seq, changes)
    SELECT insert_posts.writer, feed_seq,
           convert_to(json_build_object('posts', coalesce(
             (SELECT json_agg(json_build_array(f.room, f.seq) ORDER BY f.nth) FROM fresh AS f), '[]'))::text, 'UTF8')
     WHERE feed_seq IS NOT NULL
  )
  SELECT f.nth, f.seq FROM fresh AS f;
END $$;
