//! Files for tests: pictures, documents and hostile contents.

pub(crate) mod containers;
pub(crate) mod metadata;
pub(crate) mod pictures;
