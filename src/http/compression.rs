//! Compresses pages and JSON; static files are compressed at build time. The length of a compressed response reveals
//! whether a text that an attacker inserted occurs a second time (BREACH). So responses to requests from another site's
//! pages are not compressed. Pages that repeat texts of their address (`login`, `next`) hold no secret.

use axum::{
    extract::Request,
    http::{Extensions, HeaderMap, HeaderName, StatusCode, Version, header},
    middleware::Next,
    response::Response,
};
use tower_http::compression::{CompressionLayer, Predicate, predicate::SizeAbove};

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Smaller responses are not compressed.
const MIN_BYTES: u64 = 1024;

pub(super) fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().compress_when(SizeAbove::new(MIN_BYTES).and(is_text))
}

fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/html") || kind.starts_with("application/json")
}

/// Middleware in front of the layer. Browsers send `Sec-Fetch-Site` over TLS; without TLS a length reveals nothing
/// more.
pub(super) async fn for_own_pages(mut request: Request, next: Next) -> Response {
    let site = request.headers().get(SITE).map(|site| site.as_bytes());
    if matches!(site, Some(b"cross-site" | b"same-site")) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    next.run(request).await
}
