//! Finds a file's kind, removes its metadata and makes its preview: pure functions over bytes. The input is hostile, so
//! the server runs them in a child process with limits (`daehwa preview`) and never in its own.

pub mod clean;
pub mod kind;
pub mod preview;
pub mod report;
pub mod sniff;
pub mod source;
