//! Both endpoints in the native dialect, that of `docs/protocol.md`.

pub(super) mod lobby;
mod repeats;
mod reply;
pub(super) mod room;

#[cfg(test)]
mod tests;
