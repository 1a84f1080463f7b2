//! Where a store is.

use std::path::{Path, PathBuf};

use crate::model::DatabaseUrl;

/// A data directory, which has the database unless there is a URL of a shared one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreLocation {
    pub directory: PathBuf,
    pub database: Option<DatabaseUrl>,
}

impl From<&Path> for StoreLocation {
    fn from(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), database: None }
    }
}

impl From<&PathBuf> for StoreLocation {
    fn from(directory: &PathBuf) -> Self {
        directory.as_path().into()
    }
}
