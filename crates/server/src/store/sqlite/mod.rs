//! Features that only SQLite has: pragmas, the write-ahead log and its checkpoints, savepoints, temporary triggers,
//! FTS5, `VACUUM INTO`, result codes; and statements that it words differently, with `json_each` and `unhex`.

pub(super) mod backup;
pub(super) mod bigrams;
pub(super) mod check;
pub(super) mod checkpoint;
pub(super) mod connection;
pub(super) mod fault;
pub(super) mod files;
pub(super) mod health;
pub(super) mod index;
pub(super) mod indexer;
pub(super) mod lists;
pub(super) mod migrations;
pub(super) mod offline;
pub(super) mod posts;
pub(super) mod summaries;
pub(super) mod transaction;
pub(super) mod versions;
pub(super) mod writer;
