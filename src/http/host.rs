//! Refuses requests without exactly one valid `Host` header.

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Middleware: 400 as RFC 9112 (3.2) requires. Otherwise a proxy or cache in front might see another host than the
/// server.
pub(super) async fn required(request: Request, next: Next) -> Response {
    if has_host(request.version(), request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::BAD_REQUEST, "exactly one valid Host header is required\n").into_response()
    }
}

fn has_host(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        // Health checks often speak HTTP/1.0, which has no `Host`.
        (None, _) => version == Version::HTTP_10,
        (Some(host), None) => host.to_str().is_ok_and(|host| !host.contains('@') && host.parse::<Authority>().is_ok()),
        (Some(_), Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_one_host() {
        let has_host = |version, hosts: &[&str]| {
            super::has_host(version, &hosts.iter().map(|host| (header::HOST, host.parse().unwrap())).collect())
        };
        for host in ["chat.example.org", "127.0.0.1:3000", "[::1]:3000", "x"] {
            assert!(has_host(Version::HTTP_11, &[host]), "{host}");
        }
        for hosts in [&[][..], &[""], &["a b"], &["u@x"], &["x/y"], &["a", "b"], &["a", "a"]] {
            assert!(!has_host(Version::HTTP_11, hosts), "{hosts:?}");
        }
        assert!(has_host(Version::HTTP_10, &[]) && !has_host(Version::HTTP_10, &["a", "b"]));
    }
}
