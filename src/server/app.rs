//! What every handler holds.

use axum::extract::FromRef;

use crate::server::{messenger::Messenger, origin::Origins};

#[derive(Clone)]
pub struct App {
    pub messenger: Messenger,
    pub origins: Origins,
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
