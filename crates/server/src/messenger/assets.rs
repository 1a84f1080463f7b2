//! Parts of the browser's program, of other builds: while nodes are upgraded, a page of one build may ask a node of another
//! for its parts. Each node of a shared database keeps its parts there. What a node loads stays in its memory, and
//! strangers who ask for builds that do not exist cost one query a second.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use crate::{
    messenger::{
        inner::Messenger,
        other_builds::{BuildFiles, Listing},
        policy::Result,
    },
    model::Asset,
};

/// The shortest time between two queries for the builds.
const LISTING: Duration = Duration::from_secs(1);
/// How often a node tries to keep its files when it starts: another node of its build may be doing it.
const ATTEMPTS: usize = 5;

impl Messenger {
    /// Lets every node of the shared database serve the files of this node's build. Does nothing for a data directory,
    /// whose one node has them itself.
    ///
    /// # Errors
    /// [`protocol::error::Refusal::Unavailable`].
    pub async fn share_build(&self, build: &str, files: Vec<Asset>) -> Result<()> {
        if self.policy().database.is_none() {
            return Ok(());
        }
        let files: Arc<[Asset]> = files.into();
        for _ in 1..ATTEMPTS {
            if self.0.store.insert_build(build.to_owned(), files.clone()).await.is_ok() {
                return Ok(());
            }
            sleep(LISTING).await;
        }
        Ok(self.0.store.insert_build(build.to_owned(), files).await?)
    }

    /// The files of another build, if a node of this shared database started with it lately.
    ///
    /// # Errors
    /// [`protocol::error::Refusal::Unavailable`].
    pub async fn build_files(&self, build: &str) -> Result<Option<Arc<BuildFiles>>> {
        if self.policy().database.is_none() {
            return Ok(None);
        }
        let asked_at = Instant::now();
        let builds = &self.0.other_builds;
        if let Some(files) = builds.loaded(build) {
            return Ok(Some(files));
        }
        let mut listed = builds.listed.lock().await;
        match *listed {
            Some(listing) if listing.at >= asked_at => listing.outcome?,
            last => {
                sleep(last.map_or(Duration::ZERO, |last| LISTING.saturating_sub(last.at.elapsed()))).await;
                let begun = Instant::now();
                let outcome = self.load_builds().await;
                // A query that fails may take seconds: its outcome also answers the requests that came before its end.
                let at = if outcome.is_ok() { begun } else { Instant::now() };
                *listed = Some(Listing { at, outcome });
                outcome?;
            }
        }
        Ok(builds.loaded(build))
    }

    /// Loads the builds that are not loaded, and forgets those that are not kept any more.
    async fn load_builds(&self) -> Result<()> {
        let builds = &self.0.other_builds;
        let listed = self.0.store.builds().await?;
        for build in &listed {
            if builds.loaded(build).is_none() {
                let files = self.0.store.assets(build).await?;
                builds.insert(build, files);
            }
        }
        builds.keep(&listed);
        Ok(())
    }
}
