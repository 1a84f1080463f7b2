//! The data of the settings page.

use axum_extra::extract::cookie::CookieJar;

use crate::http::{preference::PageSettings, user_agent::device_name};
use client::pages::settings::{DeviceView, SettingsView};
use protocol::error::Refusal;
use server::{
    app::AppState,
    messenger::{Result, Via},
    model::SessionInfo,
    session::CurrentUser,
};

/// # Errors
/// [`Refusal::SignedOut`] if the account was removed after the request was identified, and refusals of the store.
pub(super) async fn of(app: &AppState, me: CurrentUser, jar: &CookieJar) -> Result<SettingsView> {
    let devices = app.messenger.accounts().devices(me.actor(Via::Form)).await?;
    let device = |session: SessionInfo| DeviceView {
        key: session.id.to_string(),
        signed_in_at: session.created_at,
        name: session.agent.as_deref().map(device_name).unwrap_or_default(),
        is_this: session.id == me.session,
    };
    Ok(SettingsView {
        user: app.messenger.people().user(me.id).ok_or(Refusal::SignedOut)?,
        settings: PageSettings::of(app, Some(me), jar).await.value,
        devices: devices.into_iter().map(device).collect(),
        is_saved: false,
        refused: None,
    })
}
