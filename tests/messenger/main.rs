//! The messenger over real connections. Each test begins with people on a stage.

mod accounts;
mod conversation;
mod egov;
mod handshake;
mod hostile;
mod pages;
mod process;
mod stage;
