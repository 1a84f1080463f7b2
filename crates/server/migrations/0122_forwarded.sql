-- Where a forwarded message comes from, as JSON (protocol::message::Forwarded); NULL for a message that was written here.
ALTER TABLE messages ADD COLUMN forwarded TEXT;
