//! The files of other builds that this node has loaded.

use std::{collections::HashMap, sync::Arc, time::Instant};

use bytes::Bytes;
use parking_lot::RwLock;
use tokio::sync::Mutex;

use crate::{messenger::policy::Result, model::Asset};

/// The files of a build by name, with the endings of compressed forms.
pub type BuildFiles = HashMap<String, Bytes>;

#[derive(Default)]
pub(super) struct OtherBuilds {
    loaded: RwLock<HashMap<String, Arc<BuildFiles>>>,
    /// The last query of the builds. Its lock is held during the query, so that waiting requests share it.
    pub(super) listed: Mutex<Option<Listing>>,
}

/// A query of the builds. Its outcome answers every request from before `at`.
#[derive(Clone, Copy)]
pub(super) struct Listing {
    pub(super) at: Instant,
    pub(super) outcome: Result<()>,
}

impl OtherBuilds {
    pub(super) fn loaded(&self, build: &str) -> Option<Arc<BuildFiles>> {
        self.loaded.read().get(build).cloned()
    }

    pub(super) fn insert(&self, build: &str, files: Vec<Asset>) {
        let files = files.into_iter().map(|Asset { name, content }| (name, content)).collect();
        self.loaded.write().insert(build.to_owned(), Arc::new(files));
    }

    /// Forgets all but these builds.
    pub(super) fn keep(&self, builds: &[String]) {
        self.loaded.write().retain(|build, _| builds.contains(build));
    }
}
