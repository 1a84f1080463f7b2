-- What waits of former members cannot be sent: the end of a membership fails it from now on.
UPDATE scheduled SET failed = '"not_found"' WHERE failed IS NULL AND EXISTS
  (SELECT 1 FROM memberships AS m WHERE m.room = scheduled.room AND m.user = scheduled.author AND m.left_at IS NOT NULL);
