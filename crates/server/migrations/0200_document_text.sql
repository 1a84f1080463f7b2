-- The beginning of a document's text, in one line.
ALTER TABLE files ADD COLUMN text TEXT;
