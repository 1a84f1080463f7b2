//! Files of messages. Their bytes do not travel on sockets: they are uploaded to and served from `/files`.

use serde::{Deserialize, Serialize};

use crate::ids::{FileId, UserId};

/// A file of a message.
///
/// JSON: `{"id":uuid,"name":"예산.hwp","type":"application/x-hwp","size":48211,"preview":{"width":640,"height":905},
/// "text":"2026년 예산안"}`, in `files` of a [`crate::message::Message`]. Its bytes are at `/files/{id}`, its preview at
/// `/files/{id}/preview`. See docs/protocol.md, Files.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attachment {
    pub id: FileId,
    /// NFC, at most [`crate::limit::FILE_NAME_BYTES`] bytes, without path separators and control characters.
    pub name: String,
    /// The media type that the server found in the bytes; never the client's word. On the wire `type`.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// `None` without a preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<PreviewSize>,
    /// The beginning of a document's text, in one line of at most 200 characters; `None` if its program embedded none,
    /// and in room summaries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// The size of a preview in pixels, orientation applied. A page reserves the space before the bytes arrive.
///
/// JSON: `{"width":640,"height":905}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PreviewSize {
    pub width: u32,
    pub height: u32,
}

/// A file in the list of a room's files.
///
/// JSON: `{"seq":7,"author":uuid,"sent_at":ms,"file":{…}}`, in the event `files`. See docs/protocol.md, Files.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RoomFile {
    /// The message to which the file belongs.
    pub seq: u64,
    /// The sender.
    pub author: UserId,
    /// The time of the post, UTC milliseconds.
    pub sent_at: i64,
    pub file: Attachment,
}
