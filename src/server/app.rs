//! What every handler holds.

use axum::extract::FromRef;

use crate::server::{address::Proxies, cookies::Cookies, messenger::Messenger, origin::Origins};

#[derive(Clone)]
pub struct App {
    pub messenger: Messenger,
    pub origins: Origins,
    pub proxies: Proxies,
    pub cookies: Cookies,
}

impl App {
    /// `port` is where the server listens.
    pub fn new(messenger: Messenger, origins: Origins, proxies: Proxies, port: u16) -> Self {
        let cookies = Cookies::new(&origins, port);
        Self { messenger, origins, proxies, cookies }
    }
}

impl FromRef<App> for Messenger {
    fn from_ref(app: &App) -> Self {
        app.messenger.clone()
    }
}

impl FromRef<App> for Origins {
    fn from_ref(app: &App) -> Self {
        app.origins.clone()
    }
}
