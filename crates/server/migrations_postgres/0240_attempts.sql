-- Attempts to sign in, to register and to confirm a password, counted over all nodes. Not logged: their loss costs a
-- minute of counting and which networks are known, and no attempt waits for the disk or for a standby.
CREATE UNLOGGED TABLE attempts (
  -- A hash of what is counted, so that the table has no addresses.
  key         BYTEA PRIMARY KEY CHECK (length(key) = 16),
  -- When all attempts of a minute are free again, by the clock of the database, in UTC microseconds.
  full_at     BIGINT NOT NULL,
  -- Of a login from a network: until when a sign-in makes the network known for the login.
  known_until BIGINT NOT NULL DEFAULT 0
);
