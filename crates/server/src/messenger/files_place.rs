//! Where the nodes of a shared database have their files: in one data directory on a shared disk, or in one bucket. The
//! database records the place, and a node that has another one does not start: each would serve files that the others do
//! not find, and remove files that it does not know.

use std::{path::Path, sync::Arc};

use uuid::Uuid;

use crate::{
    files::{BlobStore, FileBucket, S3Blobs},
    messenger::{
        blob_place::{check_complete, checked_note, claim, fault, note_owner, on_disk, open},
        files_place_mark::{mark, mark_path, read_mark},
    },
    model::{BucketFault, Fault, FilesPlace, FilesPlaceKind, SharedFault, StoreLocation},
    store::{self, Store, StoreError},
};

/// A node that looks for its files.
struct NodeFiles<'s> {
    store: &'s Store,
    location: &'s StoreLocation,
    /// The name of its database.
    database: String,
    /// What the database recorded.
    known: Option<FilesPlace>,
}

/// The blobs of a node, in the place that its database recorded. The first node records its own.
///
/// # Errors
/// [`SharedFault::OtherFiles`], [`SharedFault::FilesOfAnother`], [`SharedFault::NodesRun`]; [`Fault::Bucket`]; if the
/// database or the directory cannot be read.
pub(super) async fn blobs_of_node(
    store: &Store,
    location: &StoreLocation,
    bucket: Option<&FileBucket>,
) -> Result<Arc<dyn BlobStore>, Fault> {
    let failed = |error| store::fault(location, error);
    let database = store.database_name().await.map_err(failed)?;
    let known = store.files_place().await.map_err(failed)?;
    let files = NodeFiles { store, location, database, known };
    match bucket {
        None => files.on_disk().await,
        Some(bucket) => files.in_bucket(bucket).await,
    }
}

impl NodeFiles<'_> {
    fn data(&self) -> &Path {
        &self.location.directory
    }

    fn failed(&self, error: StoreError) -> Fault {
        store::fault(self.location, error)
    }

    fn refused(&self, cause: SharedFault) -> Fault {
        let database = self.location.database.as_ref().map(|url| url.redacted()).unwrap_or_default();
        Fault::Shared { database, cause }
    }

    fn other(&self, here: impl ToString) -> Fault {
        self.refused(SharedFault::OtherFiles(here.to_string()))
    }

    async fn on_disk(&self) -> Result<Arc<dyn BlobStore>, Fault> {
        let data = self.data();
        checked_note(data, None)?;
        let mark = match (&self.known, read_mark(data)?) {
            (Some(_), None) => return Err(self.other(data.display())),
            (None, Some(mark)) if mark.database != self.database => {
                return Err(self.refused(SharedFault::FilesOfAnother(mark_path(data))));
            }
            (_, Some(mark)) => mark,
            (None, None) => mark(data, &self.database)?,
        };
        self.agree(FilesPlaceKind::Disk, &mark.id, data.display()).await?;
        Ok(on_disk(data))
    }

    async fn in_bucket(&self, bucket: &FileBucket) -> Result<Arc<dyn BlobStore>, Fault> {
        let data = self.data();
        let note = checked_note(data, Some(bucket))?;
        let (blobs, owner) = open(bucket).await?;
        let own = match &note {
            Some(note) => note.owner.clone(),
            None => self.recorded_owner(owner.as_deref()).unwrap_or_else(|| Uuid::new_v4().to_string()),
        };
        if owner.as_ref().is_some_and(|owner| *owner != own) {
            return Err(fault(bucket, BucketFault::OfAnother));
        }
        if owner.is_none() {
            check_complete(self.location, bucket, &blobs).await?;
        }
        if let Some(known) = self.known.as_ref().filter(|known| known.kind == FilesPlaceKind::Disk) {
            self.leave_disk(known, &own, bucket).await?;
        }
        // Of several first nodes, the database names the owner.
        let own = match self.agree(FilesPlaceKind::Bucket, &own, &bucket.url).await {
            Err(_) if note.is_none() && owner.is_none() => self.later_owner(bucket).await?,
            agreed => agreed.map(|()| own)?,
        };
        self.settle(bucket, blobs, &own, owner.is_some(), note.is_some()).await
    }

    /// The owner of a bucket that the database recorded, for a node without a note: the bucket has this owner, or none
    /// any more. A copy of the database does not get the bucket of the original.
    fn recorded_owner(&self, owner: Option<&str>) -> Option<String> {
        let known = self.known.as_ref().filter(|known| known.kind == FilesPlaceKind::Bucket)?;
        let is_owner = owner.is_none_or(|owner| owner == known.id && known.database == self.database);
        is_owner.then(|| known.id.clone())
    }

    /// The owner that another first node has recorded meanwhile.
    async fn later_owner(&self, bucket: &FileBucket) -> Result<String, Fault> {
        let recorded = self.store.files_place().await.map_err(|error| self.failed(error))?;
        let recorded = recorded.filter(|place| place.kind == FilesPlaceKind::Bucket && place.database == self.database);
        recorded.filter(|_| self.known.is_none()).map(|place| place.id).ok_or_else(|| self.other(&bucket.url))
    }

    /// Changes the record from this directory to a bucket.
    async fn leave_disk(&self, known: &FilesPlace, own: &str, bucket: &FileBucket) -> Result<(), Fault> {
        if read_mark(self.data())?.is_none_or(|mark| mark.id != known.id) {
            return Err(self.other(&bucket.url));
        }
        if self.store.running_nodes().await.map_err(|error| self.failed(error))? > 1 {
            return Err(self.refused(SharedFault::NodesRun));
        }
        let new = self.here(FilesPlaceKind::Bucket, own);
        self.store.move_files_place(known, &new).await.map_err(|error| self.failed(error))
    }

    /// Writes what is missing: the note of the directory, the owner of the bucket.
    async fn settle(
        &self,
        bucket: &FileBucket,
        blobs: S3Blobs,
        own: &str,
        has_owner: bool,
        has_note: bool,
    ) -> Result<Arc<dyn BlobStore>, Fault> {
        match (has_owner, has_note) {
            (false, _) => claim(self.data(), bucket, &blobs, own).await?,
            (true, false) => note_owner(self.data(), bucket, own)?,
            (true, true) => {}
        }
        Ok(Arc::new(blobs.owned_by(own)))
    }

    fn here(&self, kind: FilesPlaceKind, id: &str) -> FilesPlace {
        FilesPlace { kind, id: id.to_owned(), database: self.database.clone() }
    }

    /// Records this place if none is, or compares it with the recorded one. A restored copy of the database, whose nodes
    /// still have their place, is recorded as its database from now on.
    async fn agree(&self, kind: FilesPlaceKind, id: &str, shown: impl ToString) -> Result<(), Fault> {
        let here = self.here(kind, id);
        let recorded = self.store.claim_files_place(&here).await.map_err(|error| self.failed(error))?;
        if !recorded.is_at(&here) {
            return Err(self.other(shown));
        }
        if recorded == here {
            return Ok(());
        }
        self.store.move_files_place(&recorded, &here).await.map_err(|error| self.failed(error))
    }
}
