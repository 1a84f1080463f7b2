//! Files for tests: pictures, documents and what hides in them.

pub(crate) mod containers;
pub(crate) mod metadata;
pub(crate) mod pictures;
