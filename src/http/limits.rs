//! Limits on the requests of a group of routes: the size of the body, and times.

use std::time::Duration;

use axum::{Router, extract::DefaultBodyLimit, http::StatusCode};
use tower::util::option_layer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// The largest body that a handler reads; a larger one is refused as malformed.
    pub(super) body_bytes: usize,
    /// The longest pause between two pieces of a body.
    pub(super) body_pause: Duration,
    /// The time from the request's head to the response's head, then 503. `None` if the body's length decides.
    pub(super) response: Option<Duration>,
}

impl Limits {
    /// Applies the limits to these routes and all their layers so far.
    pub(super) fn over<S: Clone + Send + Sync + 'static>(self, routes: Router<S>) -> Router<S> {
        let deadline = self.response.map(|time| TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, time));
        routes
            .layer(DefaultBodyLimit::max(self.body_bytes))
            .layer(RequestBodyTimeoutLayer::new(self.body_pause))
            .layer(option_layer(deadline))
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request, routing::post};
    use tower::ServiceExt;

    use super::*;

    const SHORT: Duration = Duration::from_millis(40);
    const LONG: Duration = Duration::from_secs(20);

    fn routes() -> Router {
        let slow = async || tokio::time::sleep(SHORT * 4).await;
        let small = Limits { body_bytes: 4, body_pause: LONG, response: Some(SHORT) };
        let large = Limits { body_bytes: 4_000, body_pause: LONG, response: None };
        let group = |name: &str| {
            Router::new()
                .route(&format!("/{name}/read"), post(async |_: String| ()))
                .route(&format!("/{name}/slow"), post(slow))
        };
        small.over(group("small")).merge(large.over(group("large")))
    }

    async fn status(path: &str, body: &'static str) -> u16 {
        let request = Request::post(path).body(Body::from(body)).unwrap();
        routes().oneshot(request).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn each_group_has_its_own_limits() {
        assert_eq!(status("/small/read", "1234").await, 200);
        assert_eq!(status("/small/read", "12345").await, 413);
        assert_eq!(status("/large/read", "12345").await, 200);
        assert_eq!(status("/small/slow", "").await, 503);
        assert_eq!(status("/large/slow", "").await, 200);
    }
}
