//! The extractor of forms. It checks what every form needs: that it can be read, and that it was sent from a page of
//! the account that is signed in.

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request},
    response::Response,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::http::requester::Requester;
use protocol::error::Refusal;
use server::{app::AppState, session::CurrentUser};

/// The fields of one form.
pub(super) trait Fields: DeserializeOwned {
    /// The page that shows why the form was refused.
    const PAGE: &'static str;

    /// The form that a request without readable fields is treated as; by default it is refused.
    fn unreadable() -> Option<Self> {
        None
    }
}

/// A form, who is signed in where it was sent from, and the client.
pub(super) struct Submitted<F> {
    pub(super) form: F,
    pub(super) user: Option<CurrentUser>,
    pub(super) client: Requester,
}

/// A form that only signed-in people may send.
pub(super) struct SubmittedByUser<F> {
    pub(super) form: F,
    pub(super) user: CurrentUser,
    pub(super) client: Requester,
}

/// The fields, and the account that the page with the form was rendered for.
#[derive(Deserialize)]
struct OfAccount<F> {
    #[serde(rename = "as")]
    account: Option<String>,
    #[serde(flatten)]
    form: F,
}

impl<F: Fields> FromRequest<AppState> for Submitted<F> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(client) = Requester::from_request_parts(&mut parts, app).await;
        let user = parts.extensions.get::<CurrentUser>().copied();
        let (form, account) = match Form::from_request(Request::from_parts(parts, body), app).await {
            Ok(Form(OfAccount { account, form })) => (form, account),
            Err(_) => {
                let form = F::unreadable().ok_or_else(|| client.format.refuse(F::PAGE, Refusal::Malformed, &[]))?;
                (form, None)
            }
        };
        match account {
            Some(account) if user.is_some_and(|user| !user.is(Some(&account))) => {
                Err(client.format.refuse_other_account(&account))
            }
            _ => Ok(Self { form, user, client }),
        }
    }
}

impl<F: Fields> FromRequest<AppState> for SubmittedByUser<F> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Some(user) = parts.extensions.get::<CurrentUser>().copied() else {
            let Ok(client) = Requester::from_request_parts(&mut parts, app).await;
            return Err(client.format.refuse("/sign_in", Refusal::SignedOut, &[]));
        };
        let Submitted { form, client, .. } = Submitted::from_request(Request::from_parts(parts, body), app).await?;
        Ok(Self { form, user, client })
    }
}
