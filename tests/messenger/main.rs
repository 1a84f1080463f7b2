//! The messenger over real connections. Each test begins with people on a stage.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod budget;
mod check;
mod connections;
mod conversation;
mod data_directory;
mod egov;
mod group;
mod handshake;
mod hostile;
mod hydration;
mod newcomer;
mod operator;
mod order;
mod pages;
mod people_list;
mod plans;
mod process;
mod profile;
mod search;
mod server;
mod sessions;
mod sign_in;
mod speech;
mod stage;
mod survivor;
mod texts;
mod torture;
