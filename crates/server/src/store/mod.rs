//! The store: accounts, rooms, messages and files in SQLite or PostgreSQL. `Store` is the handle; its methods are
//! grouped by noun in the files next to this one. They ask `rules`, and run the statements of `sql` (either engine),
//! `sqlite` and `postgres` (one engine each). The store does not know who is connected.

mod absences;
mod accounts;
mod assets;
mod attempts;
mod blob_lock;
mod blobs;
mod changes;
mod clock;
mod collections;
mod confirmations;
mod copied_tables;
mod copy;
mod error;
mod files;
mod files_place;
mod findings;
mod forwards;
mod groups;
mod handle;
mod health;
mod index;
mod indexer;
mod jobs;
mod last_health;
mod members;
mod mentions;
mod messages;
mod nodes;
mod offline;
mod open;
mod open_shared;
mod pins;
mod postgres;
mod posts;
mod rooms;
mod rules;
mod scheduled;
mod search;
mod sessions;
mod settings;
mod sql;
mod sqlite;
mod uploads;
mod versions;
mod writer;

pub use blob_lock::BlobLock;
pub use clock::now_ms;
pub use copy::copy;
pub use error::{StoreError, StoreResult};
pub use handle::Store;
pub use offline::{accounts_in, check, fault, recorded_bytes, try_write};
pub use postgres::feed_shared::WrittenRows;
pub use sqlite::backup::{DatabaseCopy, backup};
