//! Uploads by tus 1.0.0 with its extensions creation, termination and expiration. Not offered: method overrides
//! (`X-HTTP-Method-Override` would let a form send a `PATCH`), concatenation, a deferred length.

use axum::{
    body::Body,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use crate::http::{
    files::{
        serve,
        tus_headers::{
            TUS_EXTENSION, TUS_MAX_SIZE, TUS_RESUMABLE, TUS_VERSION, TusClient, UPLOAD_REFUSED, VERSION, describe,
            location, word,
        },
    },
    respond::Refused,
};
use protocol::{error::Refusal, ids::FileId};
use server::{
    app::AppState,
    messenger::{TransferRefusal, UploadProgress, Via, is_of_content},
};

/// The content type of a part of an upload.
const PART_TYPE: &str = "application/offset+octet-stream";

#[derive(Deserialize)]
pub(in crate::http) struct UploadQuery {
    /// The account for which the window was rendered.
    #[serde(rename = "as")]
    account: Option<String>,
}

/// `OPTIONS /files`: the capabilities of this server.
pub(in crate::http) async fn capabilities(State(app): State<AppState>) -> Response {
    let extensions = HeaderValue::from_static("creation,termination,expiration");
    let mut headers = HeaderMap::from_iter([(TUS_VERSION, VERSION), (TUS_EXTENSION, extensions)]);
    headers.extend(app.messenger.policy().file_limit().map(|bytes| (TUS_MAX_SIZE, bytes.into())));
    answered((StatusCode::NO_CONTENT, headers))
}

/// `POST /files`: reserves the space of a file and returns the address of its upload.
pub(in crate::http) async fn create(
    State(app): State<AppState>,
    Query(query): Query<UploadQuery>,
    client: Result<TusClient, Response>,
) -> Response {
    let client = match client {
        Ok(client) => client,
        Err(refused) => return answered(refused),
    };
    if !client.user.is(query.account.as_deref()) {
        return answered((StatusCode::CONFLICT, word("other_account")));
    }
    let Some(new) = client.new_upload() else { return answered(Refused(Refusal::Malformed)) };
    match app.messenger.uploads().create(client.user.actor(Via::Window), new).await {
        Ok(state) => {
            let mut headers = HeaderMap::from_iter([(header::LOCATION, location(state.id))]);
            describe(&mut headers, &state);
            answered((StatusCode::CREATED, headers))
        }
        Err(refusal) => answered(Refused(refusal)),
    }
}

/// `HEAD /files/{id}`: the offset of an upload; for a client without tus, the headers of a file.
pub(in crate::http) async fn head(state: State<AppState>, Path(id): Path<String>, request: Request) -> Response {
    if !request.headers().contains_key(TUS_RESUMABLE) {
        return serve::file(state, Path(id), request).await;
    }
    let (client, id) = match of_upload(&state, id, request).await {
        Ok((client, id, _)) => (client, id),
        Err(refused) => return refused,
    };
    let outcome = state.messenger.uploads().state(client.user.actor(Via::Window), id).await;
    progress_response(StatusCode::OK, outcome.map_err(TransferRefusal::Refused))
}

/// `PATCH /files/{id}`: appends bytes. The answer to the last one waits until the file may be attached.
pub(in crate::http) async fn append(state: State<AppState>, Path(id): Path<String>, request: Request) -> Response {
    let (client, id, body) = match of_upload(&state, id, request).await {
        Ok(upload) => upload,
        Err(refused) => return refused,
    };
    if client.headers.get(header::CONTENT_TYPE).is_none_or(|media_type| media_type != PART_TYPE) {
        return answered((StatusCode::UNSUPPORTED_MEDIA_TYPE, word("content_type")));
    }
    let Some(offset) = client.offset() else { return answered(Refused(Refusal::Malformed)) };
    let (actor, length) = (client.user.actor(Via::Window), client.body_length());
    let outcome = state.messenger.uploads().append(actor, id, offset, length, body.into_data_stream()).await;
    progress_response(StatusCode::NO_CONTENT, outcome)
}

/// `DELETE /files/{id}`: cancels an upload, or deletes the file that it became while that is unattached.
pub(in crate::http) async fn cancel(state: State<AppState>, Path(id): Path<String>, request: Request) -> Response {
    let (client, id, _) = match of_upload(&state, id, request).await {
        Ok(upload) => upload,
        Err(refused) => return refused,
    };
    match state.messenger.uploads().cancel(client.user.actor(Via::Window), id).await {
        Ok(()) => answered(StatusCode::NO_CONTENT),
        Err(refusal) => answered(Refused(refusal)),
    }
}

/// The client, the id of its upload, and the body.
async fn of_upload(app: &AppState, id: String, request: Request) -> Result<(TusClient, FileId, Body), Response> {
    use axum::extract::FromRequestParts;
    let (mut parts, body) = request.into_parts();
    let client = TusClient::from_request_parts(&mut parts, app).await.map_err(answered)?;
    let id = id.parse().map_err(|_| answered(Refused(Refusal::NotFound)))?;
    Ok((client, id, body))
}

/// The answer with the upload's offset, or with the refusal.
fn progress_response(status: StatusCode, outcome: Result<UploadProgress, TransferRefusal>) -> Response {
    match outcome {
        Ok(state) => {
            let mut headers = HeaderMap::new();
            describe(&mut headers, &state);
            answered((status, headers))
        }
        Err(TransferRefusal::Refused(refusal)) if is_of_content(refusal) => {
            answered((refused(refusal), Refused(refusal)))
        }
        Err(TransferRefusal::Refused(refusal)) => answered(Refused(refusal)),
        Err(TransferRefusal::WrongOffset) => answered((StatusCode::CONFLICT, word("wrong_offset"))),
        Err(TransferRefusal::Busy) => answered((StatusCode::LOCKED, word("busy"))),
        Err(TransferRefusal::Interrupted) => answered(Refused(Refusal::Unavailable)),
    }
}

/// The header of an upload that was refused for its content, because the answer to a `HEAD` has no body.
fn refused(refusal: Refusal) -> HeaderMap {
    let code = serde_json::to_value(refusal).ok();
    let code = code.as_ref().and_then(|code| code.as_str()?.parse().ok());
    code.map(|code| (UPLOAD_REFUSED, code)).into_iter().collect()
}

/// An answer of tus: it names the version, and must not be cached.
fn answered(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(TUS_RESUMABLE, VERSION);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
