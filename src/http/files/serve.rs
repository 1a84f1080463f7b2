//! Serves the bytes of files and previews. The right to read is checked at every request; a file that the user may not
//! read gets 404. Nothing in a file runs or is rendered as a page of this server.

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::headers::{ETag, HeaderMapExt, IfNoneMatch};

use crate::http::{
    files::{
        content_range::{ContentPart, part},
        disposition::disposition,
    },
    respond::Refused,
};
use media::kind::is_inline;
use protocol::{error::Refusal, ids::FileId};
use server::{
    app::AppState,
    messenger::Via,
    model::{BlobHash, StoredFile, StoredPreview},
    session::CurrentUser,
};

/// A file that is opened as a page may do nothing.
const POLICY: &str = "sandbox; default-src 'none'";
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The content of an answer.
struct Content {
    hash: BlobHash,
    size: u64,
    media_type: String,
    name: String,
}

/// A request for bytes.
struct ContentRequest {
    user: Option<CurrentUser>,
    method: Method,
    headers: HeaderMap,
    /// Whether a browser saves it, even if it could show it.
    is_download: bool,
}

/// `GET` and `HEAD /files/{id}`; with `?download` a browser saves it.
pub(in crate::http) async fn file(State(app): State<AppState>, Path(id): Path<String>, request: Request) -> Response {
    let content = |file: StoredFile| {
        Some(Content { hash: file.hash, size: file.size, media_type: file.media_type, name: file.name })
    };
    answer(&app, &id, ContentRequest::of(request), content).await
}

/// `GET` and `HEAD /files/{id}/preview`: 404 if the file has none.
pub(in crate::http) async fn preview(
    State(app): State<AppState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let content = |file: StoredFile| {
        let StoredPreview { hash, size, media_type, .. } = file.preview?;
        Some(Content { hash, size, media_type, name: file.name })
    };
    answer(&app, &id, ContentRequest::of(request), content).await
}

impl ContentRequest {
    fn of(request: Request) -> Self {
        let user = request.extensions().get::<CurrentUser>().copied();
        let query = request.uri().query().unwrap_or_default();
        let is_download = form_urlencoded::parse(query.as_bytes()).any(|(key, _)| key == "download");
        let (parts, _) = request.into_parts();
        Self { user, method: parts.method, headers: parts.headers, is_download }
    }
}

async fn answer(
    app: &AppState,
    id: &str,
    request: ContentRequest,
    content: impl FnOnce(StoredFile) -> Option<Content>,
) -> Response {
    let opened = match (request.user, id.parse::<FileId>()) {
        (Some(user), Ok(id)) => app.messenger.files().open(user.actor(Via::Window), id).await,
        _ => Err(Refusal::NotFound),
    };
    let answered = match opened.and_then(|file| content(file).ok_or(Refusal::NotFound)) {
        Ok(content) => send(app, content, &request).await,
        Err(refusal) => Err(refusal),
    };
    let mut response = answered.unwrap_or_else(|refusal| Refused(refusal).into_response());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

async fn send(app: &AppState, content: Content, request: &ContentRequest) -> Result<Response, Refusal> {
    let etag = format!("\"{}\"", content.hash);
    let mut headers = HeaderMap::new();
    // A quoted hash is always a valid tag.
    headers.extend(HeaderValue::from_str(&etag).map(|etag| (header::ETAG, etag)));
    if is_current(&request.headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // Only a GET may have a range.
    let part =
        if request.method == Method::GET { part(&request.headers, &etag, content.size) } else { ContentPart::Whole };
    let (status, range) = match part {
        ContentPart::Whole => (StatusCode::OK, 0..content.size),
        ContentPart::Range(range) => (StatusCode::PARTIAL_CONTENT, range),
        ContentPart::Unsatisfiable => {
            headers.insert(header::CONTENT_RANGE, text(&format!("bytes */{}", content.size)));
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response());
        }
    };
    if status == StatusCode::PARTIAL_CONTENT {
        let (first, last) = (range.start, range.end - 1);
        headers.insert(header::CONTENT_RANGE, text(&format!("bytes {first}-{last}/{}", content.size)));
    }
    describe(&mut headers, &content, request.is_download);
    headers.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
    let body = if request.method == Method::HEAD {
        Body::empty()
    } else {
        Body::from_stream(app.messenger.files().content(content.hash, range).await?)
    };
    Ok((status, headers, body).into_response())
}

/// Sets the type and the name of a file.
fn describe(headers: &mut HeaderMap, content: &Content, is_download: bool) {
    let media_type = HeaderValue::from_str(&content.media_type);
    let unknown = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, media_type.unwrap_or(unknown));
    let is_shown = !is_download && is_inline(&content.media_type);
    headers.insert(header::CONTENT_DISPOSITION, text(&disposition(is_shown, &content.name)));
}

/// Whether the browser has this content already. Checked after the right to read.
fn is_current(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers.typed_get::<IfNoneMatch>().zip(etag.parse::<ETag>().ok());
    known.is_some_and(|(known, etag)| !known.precondition_passes(&etag))
}

/// A header of ASCII characters.
fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static(""))
}
