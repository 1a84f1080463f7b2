//! The store: accounts, rooms, messages and files in SQLite. `Store` is the handle; its methods are grouped by noun in
//! the files next to this one. They ask `rules`, and run the statements of `sql` (any engine) and `sqlite` (this
//! engine). The store does not know who is connected.

mod absences;
mod accounts;
mod blobs;
mod changes;
mod clock;
mod collections;
mod confirmations;
mod error;
mod files;
mod forwards;
mod groups;
mod handle;
mod health;
mod last_health;
mod members;
mod messages;
mod open;
mod pins;
mod rooms;
mod rules;
mod scheduled;
mod search;
mod sessions;
mod settings;
mod sql;
mod sqlite;
mod uploads;

pub use clock::now_ms;
pub use error::{StoreError, StoreResult};
pub use handle::Store;
pub use sqlite::{
    backup::{DatabaseCopy, backup},
    check::check,
    fault::fault,
    known_bytes::known_bytes,
    offline::{accounts_in, try_write},
};
