//! The files of the page (program, style, icons), inside the binary. A debug build reads them from disk.

use std::{collections::HashMap, sync::OnceLock};

use axum::{
    extract::{Path, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use crate::server::accept;

/// What cargo-leptos builds before the server, compressed beforehand in a release.
#[derive(RustEmbed)]
#[folder = "target/site"]
#[allow_missing = true]
struct Site;

/// Names this build's files, so that browsers may keep them for good and still get new ones at once.
pub(super) fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let mut names: Vec<_> = Site::iter().collect();
        names.sort();
        let mut all = Sha256::new();
        names.iter().filter_map(|name| Site::get(name)).for_each(|file| all.update(file.metadata.sha256_hash()));
        hex(&all.finalize()[..8])
    })
}

/// The files of a part of the browser's program, as `cargo leptos --split` lists them; none without `--split`.
pub(super) fn parts(name: &str) -> Vec<String> {
    let manifest = Site::get("pkg/__wasm_split_manifest.json");
    let parts = manifest.and_then(|file| serde_json::from_slice::<HashMap<String, Vec<String>>>(&file.data).ok());
    let files = parts.and_then(|mut parts| parts.remove(name)).unwrap_or_default();
    files.into_iter().map(|file| format!("{file}.wasm")).collect()
}

/// `GET /pkg/{file}`
pub(super) async fn package(Path(file): Path<String>, request: Request) -> Response {
    let is_named = request.uri().query().is_some_and(|query| query.strip_prefix("v=") == Some(version()));
    serve(&format!("pkg/{file}"), is_named, &request)
}

/// `GET /pkg/{version}/{file}`: a part of the program. Another build's parts would not fit: they are not here.
pub(super) async fn program(Path((build, file)): Path<(String, String)>, request: Request) -> Response {
    if build != version() {
        return StatusCode::NOT_FOUND.into_response();
    }
    serve(&format!("pkg/{file}"), true, &request)
}

/// Files at the top, such as `/favicon.svg`.
pub(super) async fn top(request: Request) -> Response {
    serve(request.uri().path().trim_start_matches('/'), false, &request)
}

/// `is_named`: the address names this build, so that the file never changes.
fn serve(name: &str, is_named: bool, request: &Request) -> Response {
    let Some((file, encoding)) = find(name, request.headers()) else { return StatusCode::NOT_FOUND.into_response() };
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    let is_known =
        request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, content_type(name))], file.data).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    let caching = if is_named { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The smallest form of the file that the browser understands.
fn find(name: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let named = accept::named(headers, header::ACCEPT_ENCODING);
    let weight = |encoding: &str| accept::weight(&named, encoding).unwrap_or_default();
    let mut forms = [("br", "br"), ("gzip", "gz")].map(|(encoding, ending)| (weight(encoding), encoding, ending));
    forms.sort_by_key(|(weight, ..)| std::cmp::Reverse(*weight));
    // The plain form is always there, for who does not ask for it more dearly.
    let plain = accept::weight(&named, "identity").unwrap_or_default();
    let mut forms = forms.into_iter().filter(|(weight, ..)| *weight > 0 && *weight >= plain);
    let found = forms.find_map(|(_, encoding, ending)| Some((Site::get(&format!("{name}.{ending}"))?, Some(encoding))));
    found.or_else(|| Some((Site::get(name)?, None)))
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
