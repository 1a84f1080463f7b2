//! The HTTP status of each [`Refusal`], for handshakes, forms and all HTTP endpoints.

use axum::http::StatusCode;

use protocol::error::Refusal;

/// The status of a response with this refusal. 422 for a valid request whose content is refused.
pub fn refusal_status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::Credentials | Refusal::Disabled | Refusal::SignedOut => StatusCode::UNAUTHORIZED,
        Refusal::RegistrationClosed => StatusCode::FORBIDDEN,
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::LoginTaken | Refusal::IdConflict | Refusal::NotReady => StatusCode::CONFLICT,
        Refusal::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        Refusal::TooFast | Refusal::AllTooOften => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::Malformed
        | Refusal::EmptyBody
        | Refusal::BodyTooLong
        | Refusal::NotYours
        | Refusal::TooLate
        | Refusal::Recalled
        | Refusal::NotAnEmoji
        | Refusal::NotAGroup
        | Refusal::NotMaker
        | Refusal::InvalidTitle
        | Refusal::InvalidProfile
        | Refusal::TooMany
        | Refusal::InvalidTime
        // Neither 5xx nor 413: an uploader would try again, or with smaller pieces.
        | Refusal::QuotaExceeded
        | Refusal::Rejected
        | Refusal::NotCleaned
        | Refusal::InvalidQuery
        | Refusal::Oneself
        | Refusal::InvalidLogin
        | Refusal::InvalidName
        | Refusal::InvalidPassword => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
