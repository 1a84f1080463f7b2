//! How long an upload is kept. An upload without bytes is often abandoned: its client created it and never received its
//! id. It counts against its owner's quota until it expires.

use crate::{
    messenger::{inner::Messenger, policy::Result},
    model::Upload,
};

/// How long an upload is kept without its first byte, in milliseconds.
pub(super) const BEGINNING_MS: i64 = 60 * 60 * 1000;
/// How long an upload with bytes may take, in milliseconds.
const LIFETIME_MS: i64 = 24 * 60 * 60 * 1000;

/// When an upload with bytes expires, UTC milliseconds.
fn expiry(upload: &Upload) -> i64 {
    upload.expires_at.max(upload.created_at + LIFETIME_MS)
}

/// Extends an upload with bytes, and returns when it expires, UTC milliseconds.
pub(super) async fn prolong(messenger: &Messenger, upload: &Upload) -> Result<i64> {
    let expires_at = expiry(upload);
    if upload.expires_at < expires_at {
        messenger.0.store.extend_upload(upload.id, expires_at).await?;
    }
    Ok(expires_at)
}
