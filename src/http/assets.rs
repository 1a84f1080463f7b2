//! Static files (program, style, icons), embedded in the binary. A debug build reads them from disk. The parts of other
//! builds come from the shared database.

use std::{borrow::Cow, collections::HashMap, sync::OnceLock};

use axum::{
    body::Bytes,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::headers::{ETag, HeaderMapExt, IfNoneMatch};
use data_encoding::HEXLOWER;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::http::accept;
use server::{
    messenger::{BuildFiles, Messenger},
    model::Asset,
    refusal_status::refusal_status,
};

/// The folder of the program in [`Site`].
const PACKAGE: &str = "pkg/";

/// The output of cargo-leptos; a release has compressed files, too.
#[derive(RustEmbed)]
#[folder = "target/site"]
#[allow_missing = true]
struct Site;

/// A hash of all files. Addresses name it, so that browsers cache files forever and still load new ones at once.
pub(super) fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let mut names: Vec<_> = Site::iter().collect();
        names.sort();
        let mut all = Sha256::new();
        names.iter().filter_map(|name| Site::get(name)).for_each(|file| all.update(file.metadata.sha256_hash()));
        HEXLOWER.encode(&all.finalize()[..8])
    })
}

/// The WASM files of a part of the program, as `cargo leptos --split` lists them; empty without `--split`.
pub(super) fn parts(name: &str) -> Vec<String> {
    let manifest = Site::get("pkg/__wasm_split_manifest.json");
    let parts = manifest.and_then(|file| serde_json::from_slice::<HashMap<String, Vec<String>>>(&file.data).ok());
    let files = parts.and_then(|mut parts| parts.remove(name)).unwrap_or_default();
    files.into_iter().map(|file| format!("{file}.wasm")).collect()
}

/// Lets nodes of other builds serve the files of this one; see [`Messenger::share_build`].
pub(crate) async fn share(messenger: &Messenger) -> server::messenger::Result<()> {
    let names = Site::iter().filter_map(|name| Some((name.strip_prefix(PACKAGE)?.to_owned(), name.clone())));
    let files = names.filter_map(|(name, path)| Some(Asset { name, content: own(&path)?.content }));
    messenger.share_build(version(), files.collect()).await
}

/// `GET /pkg/{file}?v={build}`: of another build, if it is known; else this one's, for an address without a build, too.
pub(super) async fn package(
    State(messenger): State<Messenger>,
    Path(file): Path<String>,
    request: Request,
) -> Response {
    let build = request.uri().query().and_then(|query| query.strip_prefix("v="));
    match build {
        Some(build) if build != version() => match of_build(&messenger, build, &file, request.headers()).await {
            Ok(Some(response)) => response,
            _ => serve(&format!("{PACKAGE}{file}"), false, &request),
        },
        build => serve(&format!("{PACKAGE}{file}"), build.is_some(), &request),
    }
}

/// `GET /pkg/{build}/{file}`: a part of the program; 404 for a build that no node has, because other parts would not fit.
pub(super) async fn program(
    State(messenger): State<Messenger>,
    Path((build, file)): Path<(String, String)>,
    request: Request,
) -> Response {
    if build == version() {
        return serve(&format!("{PACKAGE}{file}"), true, &request);
    }
    match of_build(&messenger, &build, &file, request.headers()).await {
        Ok(response) => response.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response()),
        Err(refusal) => refusal_status(refusal).into_response(),
    }
}

/// A file of another build.
async fn of_build(
    messenger: &Messenger,
    build: &str,
    file: &str,
    headers: &HeaderMap,
) -> server::messenger::Result<Option<Response>> {
    let files = messenger.build_files(build).await?;
    let found = files.and_then(|files| find(file, headers, |name| stored(&files, name)));
    Ok(found.map(|found| answer(file, found, true, headers)))
}

/// Files at the top, such as `/favicon.svg`.
pub(super) async fn top(request: Request) -> Response {
    serve(request.uri().path().trim_start_matches('/'), false, &request)
}

/// A file's bytes, and their SHA-256.
struct ServedFile {
    content: Bytes,
    hash: [u8; 32],
}

/// A file of this build.
fn own(name: &str) -> Option<ServedFile> {
    let file = Site::get(name)?;
    let content = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    Some(ServedFile { content, hash: file.metadata.sha256_hash() })
}

fn stored(files: &BuildFiles, name: &str) -> Option<ServedFile> {
    let content = files.get(name)?.clone();
    Some(ServedFile { hash: Sha256::digest(&content).into(), content })
}

/// `is_versioned`: the address names this build, so its content never changes.
fn serve(name: &str, is_versioned: bool, request: &Request) -> Response {
    let found = find(name, request.headers(), own);
    let response = found.map(|found| answer(name, found, is_versioned, request.headers()));
    response.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

type Found = (ServedFile, Option<&'static str>);

fn answer(name: &str, (file, encoding): Found, is_versioned: bool, request: &HeaderMap) -> Response {
    let etag = etag(&file);
    let mut response = if is_current(request, etag.as_ref()) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, content_type(name))], file.content).into_response()
    };
    let headers = response.headers_mut();
    if let Some(etag) = etag {
        headers.typed_insert(etag);
    }
    let caching = if is_versioned { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// Never `None`, because a quoted hash is a valid tag.
fn etag(file: &ServedFile) -> Option<ETag> {
    format!("\"{}\"", HEXLOWER.encode(&file.hash[..16])).parse().ok()
}

/// Whether the browser holds this content already (RFC 9110, 13.1.2).
fn is_current(headers: &HeaderMap, etag: Option<&ETag>) -> bool {
    let known = headers.typed_get::<IfNoneMatch>();
    known.zip(etag).is_some_and(|(known, etag)| !known.precondition_passes(etag))
}

/// The encoding with the highest weight, brotli before gzip; the plain file if its weight is higher.
fn find(name: &str, headers: &HeaderMap, get: impl Fn(&str) -> Option<ServedFile>) -> Option<Found> {
    let named = accept::named(headers, header::ACCEPT_ENCODING);
    let weight = |encoding: &str| accept::weight(&named, encoding).unwrap_or_default();
    let mut forms = [("br", "br"), ("gzip", "gz")].map(|(encoding, ending)| (weight(encoding), encoding, ending));
    forms.sort_by_key(|(weight, ..)| std::cmp::Reverse(*weight));
    // Every file exists uncompressed, for clients that weigh `identity` higher.
    let plain = accept::weight(&named, "identity").unwrap_or_default();
    let mut forms = forms.into_iter().filter(|(weight, ..)| *weight > 0 && *weight >= plain);
    let found = forms.find_map(|(_, encoding, ending)| Some((get(&format!("{name}.{ending}"))?, Some(encoding))));
    found.or_else(|| Some((get(name)?, None)))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json; charset=utf-8",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_that_holds_the_file_gets_it_no_second_time() {
        let etag: ETag = "\"abc\"".parse().unwrap();
        let is_current = |known: &str| {
            is_current(&HeaderMap::from_iter([(header::IF_NONE_MATCH, known.parse().unwrap())]), Some(&etag))
        };
        for known in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"] {
            assert!(is_current(known), "{known}");
        }
        for other in ["\"x\"", "abc", ""] {
            assert!(!is_current(other), "{other}");
        }
    }
}
