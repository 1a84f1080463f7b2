//! Tests of the crate over its public functions, with files that the tests build.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cleaning;
mod documents;
mod kinds;
mod previews;
mod samples;
