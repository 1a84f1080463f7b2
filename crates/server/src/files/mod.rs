//! The bytes of files: pending uploads, and the blobs of complete files, named by their hash. This module does not know
//! who owns a file or who may read it.

mod blob_store;
mod blocking;
mod bucket;
mod clamd;
mod digest;
mod disk;
mod disk_space;
mod download;
mod examiner;
mod incoming;
mod name;
mod not_clean;
mod removal;
mod s3;
mod s3_client;
mod s3_fault;
mod scan;
mod scan_program;
mod upload_lock;

pub use blob_store::{BlobMetadata, BlobStore, ByteStream};
pub use bucket::{BucketAccess, BucketUrl, FileBucket, InvalidBucketUrl};
pub use digest::{hash_file, hash_of_digits};
pub use disk::DiskBlobs;
pub use disk_space::DiskSpace;
pub use download::download;
pub use examiner::{Examined, Examiner, Metadata, Results, this_program};
pub use incoming::{Appending, UploadCopy, UploadDirectory};
pub use name::file_name;
pub use not_clean::NotClean;
pub(crate) use removal::try_removal;
pub use removal::{RemovalLock, hold_back_removal};
pub use s3::S3Blobs;
pub use scan::{InvalidScanner, SCANNING, Scanner};
pub use upload_lock::UploadLock;
