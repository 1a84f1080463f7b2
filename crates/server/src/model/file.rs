//! Files as they are stored: pending uploads, blobs by the hash of their content, and files that name them.

use std::fmt::{self, Display, Formatter};

use data_encoding::HEXLOWER;

use protocol::{
    file::{Attachment, PreviewSize, RoomFile},
    ids::{FileId, RoomId, UserId},
};

/// The SHA-256 of a blob's bytes. It names the blob, and authorises nobody to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobHash(pub [u8; 32]);

/// In hexadecimal, lower case, 64 digits.
impl Display for BlobHash {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        HEXLOWER.encode_display(&self.0).fmt(to)
    }
}

/// A new upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUpload {
    /// A valid file name: NFC, at most [`protocol::limit::FILE_NAME_BYTES`] bytes.
    pub name: String,
    /// The number of bytes that the client declares.
    pub length: u64,
    /// Whether the file keeps its metadata.
    pub is_original: bool,
}

/// An upload that is not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The id of the file that it becomes.
    pub id: FileId,
    pub owner: UserId,
    pub name: String,
    /// The number of bytes reserved against the quota.
    pub length: u64,
    /// Whether the file keeps its metadata.
    pub is_original: bool,
    /// UTC milliseconds.
    pub created_at: i64,
    /// UTC milliseconds.
    pub expires_at: i64,
}

/// The file that an upload becomes. Its blob and the blob of its preview are on disk under their hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedFile {
    pub hash: BlobHash,
    /// The size of the blob. It may differ from the declared length, because metadata was removed.
    pub size: u64,
    /// Found in the bytes, such as `image/png`.
    pub media_type: String,
    /// A valid file name: NFC, at most [`protocol::limit::FILE_NAME_BYTES`] bytes.
    pub name: String,
    pub preview: Option<StoredPreview>,
    /// The beginning of a document's text, in the normal form of a line; at most [`media::preview::TEXT_CHARS`]
    /// characters.
    pub text: Option<String>,
}

/// A preview: a small picture of a file, in a separate blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPreview {
    pub hash: BlobHash,
    /// The size of the blob.
    pub size: u64,
    pub media_type: String,
    /// In pixels.
    pub pixels: PreviewSize,
}

/// A file: its blob is complete, and it is attached to a message or unattached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    pub id: FileId,
    pub owner: UserId,
    pub hash: BlobHash,
    pub name: String,
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// The size of the upload, metadata included.
    pub upload_length: u64,
    pub preview: Option<StoredPreview>,
    /// As in [`CompletedFile`].
    pub text: Option<String>,
    /// UTC milliseconds.
    pub created_at: i64,
    /// The room and the `seq` of its message; `None` while it is unattached.
    pub attached_to: Option<(RoomId, u64)>,
}

impl StoredFile {
    /// The file as clients see it.
    pub fn attachment(&self) -> Attachment {
        Attachment {
            id: self.id,
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            size: self.size,
            preview: self.preview.as_ref().map(|preview| preview.pixels),
            text: self.text.clone(),
        }
    }
}

/// A page of a room's files, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePage {
    pub files: Vec<RoomFile>,
    /// The cursor of the next, older page; `None` on the last page.
    pub before: Option<u64>,
}

/// The bytes that the database records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedBytes {
    /// Every blob with refs, and its size in bytes.
    pub blobs: Vec<(BlobHash, u64)>,
    /// Blobs without refs, whose bytes are to be removed.
    pub released: Vec<BlobHash>,
    /// Every pending upload.
    pub uploads: Vec<FileId>,
}

/// Limits of the stored bytes of files. Pending uploads count with their declared length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    /// For one user; `None` means no limit.
    pub per_user: Option<u64>,
    /// For all users together; `None` means no limit.
    pub total: Option<u64>,
}
