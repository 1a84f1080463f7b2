//! For which host a request is meant: it says so exactly once, or is refused.

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Middleware: 400 where RFC 9112 (3.2) asks for it. What stands between, a proxy or a cache, could otherwise
/// understand another host than we do.
pub(super) async fn required(request: Request, next: Next) -> Response {
    if is_said(request.version(), request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::BAD_REQUEST, "one Host header is needed\n").into_response()
    }
}

fn is_said(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        // What watches a server's health is often older than the header.
        (None, _) => version == Version::HTTP_10,
        (Some(host), None) => host.to_str().is_ok_and(|host| !host.contains('@') && host.parse::<Authority>().is_ok()),
        (Some(_), Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_said_once() {
        let is_said = |version, hosts: &[&str]| {
            is_said(version, &hosts.iter().map(|host| (header::HOST, host.parse().unwrap())).collect())
        };
        for host in ["chat.example.org", "127.0.0.1:3000", "[::1]:3000", "x"] {
            assert!(is_said(Version::HTTP_11, &[host]), "{host}");
        }
        for hosts in [&[][..], &[""], &["a b"], &["u@x"], &["x/y"], &["a", "b"], &["a", "a"]] {
            assert!(!is_said(Version::HTTP_11, hosts), "{hosts:?}");
        }
        assert!(is_said(Version::HTTP_10, &[]) && !is_said(Version::HTTP_10, &["a", "b"]));
    }
}
