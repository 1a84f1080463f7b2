//! The user interface: rendered on the server, hydrated in the browser. `state` is plain data, `lobby` and `room` hold
//! the controllers of the two live pages, `components` and `pages` show them, `platform` wraps the browser.

#![recursion_limit = "512"]

pub mod app;
pub mod clock;
pub mod components;
pub mod decode;
pub mod decode_on_demand;
pub mod dialogs;
pub mod feedback;
pub mod lobby;
pub mod normalise;
pub mod pages;
pub mod platform;
pub mod refusal;
pub mod room;
pub mod served_page;
pub mod settings;
pub mod socket;
pub mod split;
pub mod state;
pub mod text;
pub mod unicode;
pub mod user_storage;
pub mod view;
