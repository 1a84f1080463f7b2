//! Responses to forms. A browser is redirected to a page; a program, which does not accept `text/html`, gets a status
//! and JSON.

use axum::{
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Json, Redirect, Response},
};
use serde_json::{Value, json};

use crate::http::paths::with_query;
use protocol::error::Refusal;
use server::refusal_status::refusal_status;

/// A refusal as a response: its status, `Retry-After` if a retry may succeed, `{"error": code}`.
pub(super) struct Refused(pub(super) Refusal);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(refusal) = self;
        (refusal_status(refusal), retry_after(refusal), Json(json!({ "error": refusal }))).into_response()
    }
}

/// `Retry-After` in seconds, for transient refusals.
pub(super) fn retry_after(refusal: Refusal) -> Option<[(HeaderName, &'static str); 1]> {
    match refusal {
        Refusal::TooFast => Some([(header::RETRY_AFTER, "10")]),
        Refusal::Unavailable => Some([(header::RETRY_AFTER, "5")]),
        _ => None,
    }
}

/// The format that the client accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseFormat {
    /// A browser: redirects to pages.
    Page,
    /// A program: statuses and JSON.
    Json,
}

impl ResponseFormat {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        if accept.is_some_and(|accept| accept.contains("text/html")) { Self::Page } else { Self::Json }
    }

    /// The answer to an executed form: a redirect to `page`, or the status and body of `json`.
    pub(super) fn done(self, page: &str, json: impl IntoResponse) -> Response {
        match self {
            Self::Page => Redirect::to(page).into_response(),
            Self::Json => json.into_response(),
        }
    }

    /// The answer to a refused form: its page shows the refusal and keeps `fields`.
    pub(super) fn refuse(self, page: &str, refusal: Refusal, fields: &[(&str, &str)]) -> Response {
        if self == Self::Json {
            return Refused(refusal).into_response();
        }
        let code = serde_json::to_value(refusal).ok();
        let code = code.as_ref().and_then(Value::as_str).unwrap_or_default();
        let fields = fields.iter().copied().filter(|(_, value)| !value.is_empty());
        Redirect::to(&with_query(page, [("error", code)].into_iter().chain(fields))).into_response()
    }

    /// The answer to a form of another account's page, `was`, which is not executed.
    pub(super) fn refuse_other_account(self, was: &str) -> Response {
        self.done(&with_query("/switched", [("was", was)]), StatusCode::CONFLICT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(accept: &str) -> ResponseFormat {
        ResponseFormat::of(&HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]))
    }

    #[test]
    fn a_browser_is_led_back_to_the_form_and_a_program_gets_a_status() {
        let fields = [("login", "김 민수"), ("next", "")];
        let page = format("text/html,*/*;q=0.8").refuse("/sign_in", Refusal::Credentials, &fields);
        let expected = "/sign_in?error=credentials&login=%EA%B9%80+%EB%AF%BC%EC%88%98";
        assert_eq!((page.status().as_u16(), &page.headers()[header::LOCATION]), (303, &expected.parse().unwrap()));
        let json = format("*/*").refuse("/sign_in", Refusal::TooFast, &fields);
        assert_eq!((json.status().as_u16(), &json.headers()[header::RETRY_AFTER]), (429, &"10".parse().unwrap()));
    }
}
