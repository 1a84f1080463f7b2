//! Statements of either engine, with their parameters and rows: `$n` placeholders, conflict targets. Where the engines
//! word a statement differently, it names two texts. A column `user` is qualified or quoted, because PostgreSQL reserves
//! the word. These statements do not decide what is allowed.

pub(super) mod absences;
pub(super) mod accounts;
pub(super) mod attachments;
pub(super) mod blobs;
pub(super) mod bookmarks;
pub(super) mod changes;
pub(super) mod confirmations;
pub(super) mod db;
pub(super) mod files;
pub(super) mod hits;
pub(super) mod memberships;
pub(super) mod messages;
pub(super) mod node_clock;
pub(super) mod pages;
pub(super) mod people;
pub(super) mod pins;
pub(super) mod post_ref;
pub(super) mod reactions;
pub(super) mod read_pool;
pub(super) mod recorded_bytes;
pub(super) mod refused_uploads;
pub(super) mod rooms;
pub(super) mod scheduled;
pub(super) mod searched;
pub(super) mod sessions;
pub(super) mod settings;
pub(super) mod statement;
pub(super) mod summaries;
pub(super) mod uploads;
pub(super) mod used_bytes;
