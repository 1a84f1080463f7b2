//! The headers of tus 1.0.0 (tus.io/protocols/resumable-upload): they name an upload and its offset.

use std::time::{Duration, UNIX_EPOCH};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Json, Response},
};
use axum_extra::headers::{Expires, HeaderMapExt};
use data_encoding::BASE64;
use serde_json::json;

use crate::http::respond::Refused;
use protocol::{error::Refusal, ids::FileId};
use server::{app::AppState, messenger::UploadProgress, model::NewUpload, session::CurrentUser};

pub(super) const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub(super) const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
pub(super) const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub(super) const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
pub(super) const UPLOAD_REFUSED: HeaderName = HeaderName::from_static("upload-refused");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");

/// The version of the protocol, the only one.
pub(super) const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");

/// A signed-in client that speaks the version.
pub(in crate::http) struct TusClient {
    pub(super) user: CurrentUser,
    pub(super) headers: HeaderMap,
}

impl FromRequestParts<AppState> for TusClient {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Response> {
        if parts.headers.get(TUS_RESUMABLE) != Some(&VERSION) {
            return Err((StatusCode::PRECONDITION_FAILED, [(TUS_VERSION, VERSION)], word("version")).into_response());
        }
        let user = parts.extensions.get::<CurrentUser>().copied();
        let user = user.ok_or_else(|| Refused(Refusal::SignedOut).into_response())?;
        Ok(Self { user, headers: parts.headers.clone() })
    }
}

impl TusClient {
    /// `Upload-Offset`: the offset of the body's first byte.
    pub(super) fn offset(&self) -> Option<u64> {
        number(&self.headers, UPLOAD_OFFSET)
    }

    /// `Content-Length`: the bytes of the body.
    pub(super) fn body_length(&self) -> Option<u64> {
        number(&self.headers, header::CONTENT_LENGTH)
    }

    /// `Upload-Length` and `Upload-Metadata`; `None` if they cannot be parsed. A deferred length is not supported.
    pub(super) fn new_upload(&self) -> Option<NewUpload> {
        let length = number(&self.headers, UPLOAD_LENGTH)?;
        let metadata = self.headers.get(UPLOAD_METADATA).map(|metadata| metadata.to_str()).transpose().ok()?;
        let metadata = UploadMetadata(metadata.unwrap_or_default());
        // Uppy sends both; the examples of tus-js-client send only the first.
        let name = metadata.value("filename")?.or(metadata.value("name")?).unwrap_or_default();
        Some(NewUpload { name, length, is_original: metadata.value("original")?.is_some() })
    }
}

/// Pairs of a key and a value in base64; the value may be missing.
struct UploadMetadata<'a>(&'a str);

impl UploadMetadata<'_> {
    /// `Some(None)` without this key; `None` if its value is not a text in base64.
    fn value(&self, key: &str) -> Option<Option<String>> {
        let pairs = self.0.split(',').map(|pair| pair.trim().split_once(' ').unwrap_or((pair.trim(), "")));
        let Some((_, value)) = pairs.into_iter().find(|(name, _)| *name == key) else { return Some(None) };
        String::from_utf8(BASE64.decode(value.trim().as_bytes()).ok()?).ok().map(Some)
    }
}

/// A header that is an integer in digits.
fn number(headers: &HeaderMap, name: HeaderName) -> Option<u64> {
    let text = headers.get(name)?.to_str().ok()?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Adds the offset and the length of an upload.
pub(super) fn describe(headers: &mut HeaderMap, state: &UploadProgress) {
    headers.insert(UPLOAD_OFFSET, state.offset.into());
    headers.insert(UPLOAD_LENGTH, state.length.into());
    if let Some(at) = state.expires_at {
        // The typed header `Expires` formats a time for HTTP.
        let mut expires = HeaderMap::new();
        expires.typed_insert(Expires::from(UNIX_EPOCH + Duration::from_millis(at.unsigned_abs())));
        headers.extend(expires.remove(header::EXPIRES).map(|at| (UPLOAD_EXPIRES, at)));
    }
}

/// The path of a file. It is relative, so it works behind every proxy.
pub(super) fn location(id: FileId) -> HeaderValue {
    // A UUID is ASCII.
    HeaderValue::from_str(&format!("/files/{id}")).unwrap_or(HeaderValue::from_static("/files"))
}

/// `{"error": word}`, for errors of the transfer that are not refusals.
pub(super) fn word(word: &'static str) -> Json<serde_json::Value> {
    Json(json!({ "error": word }))
}
