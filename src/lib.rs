//! Daehwa (대화, "conversation"): a web messenger in one binary.
//!
//! `protocol` has the types on the wire, `server` stores and delivers messages (start at `server::messenger`), `client`
//! is the user interface (start at `client::app`). This crate combines them: routes, pages, configuration and command
//! line.

#![recursion_limit = "512"]

pub mod command;
pub mod config;
pub mod demo;
pub mod http;
pub mod run;
