-- The version at which a member joined: 0 for who made the group and in a direct room, 1 for those with whom it was made,
-- later that of the invitation.
ALTER TABLE memberships ADD COLUMN joined_at INTEGER NOT NULL DEFAULT 0;

UPDATE memberships SET joined_at = 1
 WHERE EXISTS (SELECT 1 FROM messages AS made
                WHERE made.room = memberships.room AND made.seq = 1 AND made.line IS NOT NULL AND made.author <> memberships.user);

CREATE TEMP TABLE invited AS
SELECT messages.room, unhex(replace(asked.value, '-', '')) AS user, max(messages.seq) AS seq
  FROM messages, json_each(messages.line, '$.users') AS asked
 WHERE messages.line ->> 'kind' = 'invited' GROUP BY 1, 2;
UPDATE memberships SET joined_at = invited.seq FROM invited
 WHERE invited.room = memberships.room AND invited.user = memberships.user;
DROP TABLE invited;
