-- When a person is away from work, UTC milliseconds, and what they say about it.
ALTER TABLE users ADD COLUMN absent_from INTEGER;
ALTER TABLE users ADD COLUMN absent_until INTEGER;
ALTER TABLE users ADD COLUMN absence_text TEXT;

-- The last automatic answer of an absent person to another one: `day` is when the day began on which it was given. Days
-- count from the beginning of the absence.
CREATE TABLE absence_answers (
  user  BLOB NOT NULL REFERENCES users (id),
  other BLOB NOT NULL REFERENCES users (id),
  day   INTEGER NOT NULL,
  PRIMARY KEY (user, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX absence_answers_of_other ON absence_answers (other);
