//! Files over real connections: uploads by tus, the headers that restrict browsers, and who may read files.

mod backup;
mod bombs;
pub(crate) mod bucket;
mod bucket_start;
pub(crate) mod client;
mod headers;
mod held_scanner;
mod media;
mod names;
mod offsets;
mod previews;
mod proxy;
pub(crate) mod removal;
mod rights;
mod s3_blobs;
pub(crate) mod s3_server;
mod s3_signature;
mod scanning;
mod space;
mod tls;
mod upload;
