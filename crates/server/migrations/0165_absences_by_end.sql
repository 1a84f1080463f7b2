-- An absence that is over is removed.
CREATE INDEX absences_by_end ON users (absent_until) WHERE absent_until IS NOT NULL;
