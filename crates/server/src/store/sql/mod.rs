//! Statements that SQLite and PostgreSQL both understand: `$n` placeholders, conflict targets, no engine's own
//! functions. A column `user` is qualified or quoted, because PostgreSQL reserves the word. These statements do not
//! decide what is allowed.

pub(super) mod absences;
pub(super) mod accounts;
pub(super) mod attachments;
pub(super) mod blobs;
pub(super) mod bookmarks;
pub(super) mod changes;
pub(super) mod confirmations;
pub(super) mod db;
pub(super) mod files;
pub(super) mod memberships;
pub(super) mod messages;
pub(super) mod pages;
pub(super) mod pins;
pub(super) mod reactions;
pub(super) mod refused_uploads;
pub(super) mod rooms;
pub(super) mod scheduled;
pub(super) mod sessions;
pub(super) mod settings;
pub(super) mod uploads;
pub(super) mod used_bytes;
