//! A small server that speaks S3: it verifies the signature of every request, lists in pages, accepts blobs in parts,
//! and can simulate failures.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use server::files::{BucketAccess, FileBucket};
use sha2::{Digest, Sha256};

use crate::files::{s3_signature::is_signed, tls::TlsListener};

pub(super) const REGION: &str = "kr-central-1";
pub(super) const KEY_ID: &str = "daehwa";
pub(super) const SECRET: &str = "a secret / of +40 characters";
const BUCKET: &str = "chat";
/// Keys of one page of a listing.
const PAGE: usize = 3;
/// Minimum bytes of every part but the last.
const MIN_PART_BYTES: usize = 5 * 1024 * 1024;

#[derive(Clone)]
pub(crate) struct S3Server {
    pub(super) address: SocketAddr,
    scheme: &'static str,
    objects: Arc<Mutex<Objects>>,
}

#[derive(Clone, Copy)]
pub(crate) struct Silence {
    pub(crate) at: &'static str,
    pub(crate) is_carried_out: bool,
}

#[derive(Default)]
pub(crate) struct Objects {
    pub(crate) kept: BTreeMap<String, Vec<u8>>,
    /// Multipart uploads: key and parts, by the upload's id.
    pub(super) uploads: BTreeMap<String, (String, BTreeMap<usize, Vec<u8>>)>,
    /// Every request so far: its method, key and query.
    pub(crate) asked: Vec<String>,
    /// Answers every request with 503.
    pub(super) is_down: bool,
    /// Answers every request that writes or removes with 503.
    pub(super) is_read_only: bool,
    /// Refuses this part of every upload.
    pub(super) refused_part: Option<usize>,
    /// Requests without an answer, and whether one was made.
    pub(crate) silence: Option<Silence>,
    pub(crate) is_silent: bool,
    /// Whether it ignores `If-None-Match`.
    pub(super) is_old: bool,
    /// The modification date of all objects.
    pub(super) modified: Option<&'static str>,
}

impl S3Server {
    pub(crate) fn start() -> Self {
        Self::start_at("http")
    }

    /// Starts it with the certificate in `tls`.
    pub(super) fn start_with_tls() -> Self {
        Self::start_at("https")
    }

    /// In a separate thread, because tests block on processes that wait for this server.
    fn start_at(scheme: &'static str) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let server = Self { address: listener.local_addr().unwrap(), scheme, objects: Arc::default() };
        let app = Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(server.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                match scheme {
                    "https" => axum::serve(TlsListener::new(listener), app).await.unwrap(),
                    _ => axum::serve(listener, app).await.unwrap(),
                }
            });
        });
        server
    }

    pub(crate) fn objects(&self) -> MutexGuard<'_, Objects> {
        self.objects.lock().unwrap()
    }

    /// The environment for a server.
    pub(crate) fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL", format!("{}://{}", self.scheme, self.address)),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", KEY_ID.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ]
    }

    pub(crate) fn bucket(&self, url: &str) -> FileBucket {
        let [endpoint, region, key_id, secret] = self.environment().map(|(_, value)| Some(value));
        let access = BucketAccess { endpoint, region, key_id, secret, session_token: None };
        FileBucket { url: url.parse().unwrap(), access }
    }

    /// Whether an object holds these bytes.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let objects = self.objects();
        let parts = objects.uploads.values().flat_map(|(_, parts)| parts.values());
        objects.kept.values().chain(parts).any(|kept| memchr::memmem::find(kept, bytes).is_some())
    }
}

impl Objects {
    /// The digits of all blobs.
    pub(crate) fn blobs(&self) -> Vec<String> {
        let digits = self.kept.keys().map(|key| key.rsplitn(3, '/').take(2).collect::<Vec<_>>());
        digits.map(|parts| parts.into_iter().rev().collect::<String>()).filter(|name| name.len() == 64).collect()
    }
}

async fn answer(State(server): State<S3Server>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let answer = respond(&mut server.objects(), &method, &uri, &headers, &body);
    match answer {
        Some(answer) => answer,
        None => std::future::pending().await,
    }
}

/// `None` for a request without an answer.
fn respond(objects: &mut Objects, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Option<Response> {
    objects.asked.push(format!("{method} {uri}"));
    if objects.is_down || objects.is_read_only && method != Method::GET && method != Method::HEAD {
        return Some(refused(StatusCode::SERVICE_UNAVAILABLE, "SlowDown"));
    }
    let claimed = headers["x-amz-content-sha256"].to_str().unwrap();
    if claimed != data_encoding::HEXLOWER.encode(&Sha256::digest(body)) {
        return Some(refused(StatusCode::BAD_REQUEST, "XAmzContentSHA256Mismatch"));
    }
    if !is_signed(method, uri, headers) {
        return Some(refused(StatusCode::FORBIDDEN, "SignatureDoesNotMatch"));
    }
    let path = uri.path().strip_prefix('/').unwrap();
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    if bucket != BUCKET {
        return Some(refused(StatusCode::NOT_FOUND, "NoSuchBucket"));
    }
    let silence = objects.silence.filter(|silence| method == silence.at);
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    if silence.is_none_or(|silence| silence.is_carried_out) {
        let answer = carry_out(objects, method, key, &query, headers, body);
        if silence.is_none() {
            return Some(answer);
        }
    }
    objects.is_silent = true;
    None
}

fn carry_out(
    objects: &mut Objects,
    method: &Method,
    key: &str,
    query: &BTreeMap<String, String>,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let upload = query.get("uploadId");
    match (method.as_str(), upload) {
        ("GET", _) if key.is_empty() => xml(listing(objects, query)),
        ("GET", _) => found(objects.kept.get(key), headers),
        ("HEAD", _) => match objects.kept.get(key) {
            Some(kept) => ([(header::CONTENT_LENGTH, kept.len())], tagged(Vec::new())).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        ("PUT", Some(upload)) => {
            let Some((_, parts)) = objects.uploads.get_mut(upload) else { return no_upload() };
            let number = query["partNumber"].parse().unwrap();
            if objects.refused_part == Some(number) {
                return refused(StatusCode::BAD_REQUEST, "BadDigest");
            }
            parts.insert(number, body.to_vec());
            tagged(Vec::new())
        }
        ("PUT", None) if headers.contains_key(header::IF_NONE_MATCH) && !objects.is_old => {
            if objects.kept.contains_key(key) {
                return refused(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
            }
            objects.kept.insert(key.to_owned(), body.to_vec());
            tagged(Vec::new())
        }
        ("PUT", None) => {
            objects.kept.insert(key.to_owned(), body.to_vec());
            tagged(Vec::new())
        }
        ("POST", None) if query.contains_key("uploads") => {
            let id = format!("upload-{}", objects.asked.len());
            objects.uploads.insert(id.clone(), (key.to_owned(), BTreeMap::new()));
            xml(format!("<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"))
        }
        ("POST", Some(upload)) => complete(objects, upload, key, body),
        ("DELETE", Some(upload)) => {
            objects.uploads.remove(upload);
            StatusCode::NO_CONTENT.into_response()
        }
        ("DELETE", None) => {
            objects.kept.remove(key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => refused(StatusCode::NOT_IMPLEMENTED, "NotImplemented"),
    }
}

fn complete(objects: &mut Objects, upload: &str, key: &str, body: &[u8]) -> Response {
    let Some((of, parts)) = objects.uploads.remove(upload) else { return no_upload() };
    let named = String::from_utf8_lossy(body).matches("<PartNumber>").count();
    let (last, others) = parts.values().collect::<Vec<_>>().split_last().map(|(l, o)| (l.len(), o.to_vec())).unwrap();
    if of != key || named != parts.len() || last == 0 || others.iter().any(|part| part.len() < MIN_PART_BYTES) {
        return refused(StatusCode::BAD_REQUEST, "EntityTooSmall");
    }
    objects.kept.insert(key.to_owned(), parts.into_values().flatten().collect());
    xml("<CompleteMultipartUploadResult><ETag>\"a\"</ETag></CompleteMultipartUploadResult>".into())
}

fn found(kept: Option<&Vec<u8>>, headers: &HeaderMap) -> Response {
    let Some(kept) = kept else { return refused(StatusCode::NOT_FOUND, "NoSuchKey") };
    let Some(range) = headers.get(header::RANGE) else { return tagged(kept.clone()) };
    let (first, last) = range.to_str().unwrap().strip_prefix("bytes=").unwrap().split_once('-').unwrap();
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    if last >= kept.len() {
        return refused(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange");
    }
    let range = format!("bytes {first}-{last}/{}", kept.len());
    (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, range)], tagged(kept[first..=last].to_vec())).into_response()
}

/// A page of keys after the token, which is the last key of the page before.
fn listing(objects: &Objects, query: &BTreeMap<String, String>) -> String {
    let (prefix, after) = (&query["prefix"], query.get("continuation-token").map_or("", String::as_str));
    let modified = objects.modified.unwrap_or("2100-01-01");
    let mut rest = objects.kept.iter().filter(|(key, _)| key.starts_with(prefix.as_str()) && key.as_str() > after);
    let page: Vec<_> = rest.by_ref().take(PAGE).collect();
    let more = match (rest.next(), page.last()) {
        (Some(_), Some((last, _))) => format!("<NextContinuationToken>{last}</NextContinuationToken>"),
        _ => String::new(),
    };
    let keys = page.iter().map(|(key, kept)| {
        let size = kept.len();
        let time = format!("<LastModified>{modified}T12:00:00.000Z</LastModified>");
        format!("<Contents><Key>{key}</Key><Size>{size}</Size>{time}</Contents>")
    });
    let is_truncated = !more.is_empty();
    let keys: String = keys.collect();
    format!("<ListBucketResult><IsTruncated>{is_truncated}</IsTruncated>{more}{keys}</ListBucketResult>")
}

fn tagged(body: Vec<u8>) -> Response {
    let headers = [(header::ETAG, "\"a\""), (header::LAST_MODIFIED, "Sun, 29 Nov 2026 12:00:00 GMT")];
    (headers, body).into_response()
}

fn xml(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/xml")], body).into_response()
}

fn no_upload() -> Response {
    refused(StatusCode::NOT_FOUND, "NoSuchUpload")
}

fn refused(status: StatusCode, code: &str) -> Response {
    (status, xml(format!("<Error><Code>{code}</Code><Message>no</Message></Error>"))).into_response()
}
