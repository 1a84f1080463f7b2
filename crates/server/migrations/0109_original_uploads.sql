-- Whether the uploader asked to keep the bytes as they are, metadata included.
ALTER TABLE uploads ADD COLUMN is_original INTEGER NOT NULL DEFAULT 0 CHECK (is_original IN (0, 1));
