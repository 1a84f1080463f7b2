//! The state that all HTTP handlers share.

use axum::extract::FromRef;

use crate::{address::Proxies, cookies::Cookies, messenger::Messenger, origin::Origins};

#[derive(Clone)]
pub struct AppState {
    pub messenger: Messenger,
    pub origins: Origins,
    pub proxies: Proxies,
    pub cookies: Cookies,
}

impl AppState {
    /// `port` is the port that the server listens on.
    pub fn new(messenger: Messenger, origins: Origins, proxies: Proxies, port: u16) -> Self {
        let cookies = Cookies::new(&origins, port);
        Self { messenger, origins, proxies, cookies }
    }
}

impl FromRef<AppState> for Messenger {
    fn from_ref(app: &AppState) -> Self {
        app.messenger.clone()
    }
}

impl FromRef<AppState> for Origins {
    fn from_ref(app: &AppState) -> Self {
        app.origins.clone()
    }
}
