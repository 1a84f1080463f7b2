//! The messenger over real connections. Each test starts with users on a [`stage::Stage`].

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod absence;
mod accounts;
mod attachments;
mod budget;
mod check;
mod confirmations;
mod connections;
mod conversation;
mod daemon;
mod data_directory;
mod egov;
mod files;
mod forward;
mod group;
mod handshake;
mod hostile;
mod hydration;
mod mention;
mod message_changes;
mod newcomer;
mod notes;
mod opening;
mod operator;
mod order;
mod pages;
mod people_list;
mod pins;
mod plans;
mod process;
mod profile;
mod resuming_client;
#[allow(dead_code, reason = "the crate media uses the rest")]
#[path = "../../crates/media/tests/media/samples/mod.rs"]
mod samples;
mod scheduled;
mod search;
mod sessions;
mod sign_in;
mod stage;
mod supervision;
mod texts;
mod torture;
