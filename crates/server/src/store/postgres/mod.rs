//! Features that only PostgreSQL has (arrays, GIN, the feed, the lock of a room's row, error codes), and statements that it
//! words differently.

pub(super) mod assets;
pub(super) mod attempts;
pub(super) mod blob_locks;
pub(super) mod check;
pub(super) mod cluster_key;
pub(super) mod connection;
pub(super) mod fault;
pub(super) mod feed;
pub(super) mod feed_follower;
pub(super) mod feed_shared;
mod followed;
pub(super) mod health;
pub(super) mod incarnation;
pub(super) mod index;
pub(super) mod indexer;
pub(super) mod keys;
pub(super) mod lists;
pub(super) mod migrations;
pub(super) mod offline;
pub(super) mod posts;
pub(super) mod room_changes;
pub(super) mod summaries;
mod tls;
pub(super) mod transaction;
pub(super) mod versions;
pub(super) mod writer;
