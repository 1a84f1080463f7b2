//! The extractor of forms. It checks that the form can be parsed, and that its page belongs to the signed-in account.

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
    /// The page that shows the refusal.
    const PAGE: &'static str;

    /// The default form for a request whose fields cannot be parsed; `None` refuses it.
    fn unreadable() -> Option<Self> {
        None
    }
}

/// A form, the signed-in user of its browser if there is one, and the client.
pub(super) struct Submitted<F> {
    pub(super) form: F,
    pub(super) user: Option<CurrentUser>,
    pub(super) client: Requester,
}

/// A form that only signed-in users may send.
pub(super) struct SubmittedByUser<F> {
    pub(super) form: F,
    pub(super) user: CurrentUser,
    pub(super) client: Requester,
}

/// The fields, and the account for which the form's page was rendered.
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
