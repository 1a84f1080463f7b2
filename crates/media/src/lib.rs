//! What a file is, without metadata, and how it looks: pure functions over bytes. Everything here reads
//! hostile input, so the server runs it in a child process with limits (`daehwa preview`) and never in its own.

pub mod clean;
pub mod kind;
pub mod preview;
pub mod report;
pub mod sniff;
pub mod source;
