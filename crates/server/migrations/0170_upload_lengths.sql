-- The declared length of the upload that became a file, which HEAD answers; NULL: as many bytes as the file has. A file
-- without metadata is shorter than its upload was.
ALTER TABLE files ADD COLUMN upload_length INTEGER CHECK (upload_length >= 0);
