//! The server's data for rendering a live page.

use std::sync::Arc;

use protocol::page::LivePage;

/// The page with normalised texts ([`crate::normalise`]), and its JSON, from which the browser hydrates.
#[derive(Clone)]
pub struct ServedPage {
    pub page: Arc<LivePage>,
    pub json: Arc<str>,
}

/// The tab of the main window that was last open in the browser; empty if there was none.
#[derive(Clone, Default)]
pub struct LastTab(pub String);
