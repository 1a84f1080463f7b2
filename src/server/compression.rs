//! Pages and answers go out compressed; files are compressed when they are built. A compressed answer's length tells
//! whether a text that an attacker had put into it is in it a second time (BREACH). So answers are compressed only to
//! requests that no other site's page caused. What our own pages can be made to show (`login`, `next`) does not stand
//! beside anything secret.

use axum::{
    extract::Request,
    http::{Extensions, HeaderMap, HeaderName, StatusCode, Version, header},
    middleware::Next,
    response::Response,
};
use tower_http::compression::{CompressionLayer, Predicate, predicate::SizeAbove};

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Below this it is not worth it.
const LEAST_BYTES: u64 = 1024;

pub(super) fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().compress_when(SizeAbove::new(LEAST_BYTES).and(is_text))
}

fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/html") || kind.starts_with("application/json")
}

/// Middleware before the layer. Browsers say from where a request comes wherever it is encrypted, and without that
/// its length is nobody's secret.
pub(super) async fn for_own_pages(mut request: Request, next: Next) -> Response {
    let site = request.headers().get(SITE).map(|site| site.as_bytes());
    if matches!(site, Some(b"cross-site" | b"same-site")) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    next.run(request).await
}
