//! The browser, as the rest of the client uses it. Functions that run while a page is rendered have a second body for
//! the server; all others are called only from effects and event handlers, which run in the browser.

#[cfg(feature = "hydrate")]
#[path = "rendering_browser.rs"]
mod rendering;
#[cfg(not(feature = "hydrate"))]
#[path = "rendering_server.rs"]
mod rendering;

mod browser;
mod browser_history;
mod browser_value;
mod chat_window;
mod element;
mod files;
mod form;
mod layer;
mod log;
mod menu;
mod notice;
mod rows;
mod storage;
mod transfer;

pub use browser::*;
pub use browser_history::*;
pub use browser_value::*;
pub use chat_window::*;
pub use element::*;
pub use files::*;
pub use form::*;
pub use layer::*;
pub use log::*;
pub use menu::*;
pub use notice::*;
pub use rendering::*;
pub use rows::*;
pub use storage::*;
pub use transfer::*;
