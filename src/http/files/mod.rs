//! `/files`: uploads by tus 1.0.0, and the bytes of files with headers that restrict what a browser does with them.

mod content_range;
mod disposition;
mod serve;
mod tus;
mod tus_headers;

pub(super) use serve::{file, preview};
pub(super) use tus::{append, cancel, capabilities, create, head};
