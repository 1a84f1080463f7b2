//! Features that only SQLite has: pragmas, the write-ahead log and its checkpoints, savepoints, temporary triggers,
//! FTS5, `json_each` and `unhex`, `VACUUM INTO`, result codes. Another engine needs its own version of this module.

pub(super) mod backup;
pub(super) mod bigrams;
pub(super) mod check;
pub(super) mod checkpoint;
pub(super) mod connection;
pub(super) mod fault;
pub(super) mod files;
pub(super) mod health;
pub(super) mod hits;
pub(super) mod index;
pub(super) mod indexer;
pub(super) mod known_bytes;
pub(super) mod mentions;
pub(super) mod migrations;
pub(super) mod offline;
pub(super) mod people;
pub(super) mod posts;
pub(super) mod summaries;
pub(super) mod transaction;
pub(super) mod versions;
pub(super) mod writer;
