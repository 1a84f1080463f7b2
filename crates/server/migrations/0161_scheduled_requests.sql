-- Whether the message will ask the others in its room to confirm it.
ALTER TABLE scheduled ADD COLUMN asks_confirmation INTEGER NOT NULL DEFAULT 0;
