//! What a person sees, rendered on the server and then alive in the browser. `state` is plain data,
//! `components` and `pages` are thin over it, `platform` is the seam to the browser.

pub mod app;
pub mod clock;
pub mod components;
pub mod decode;
pub mod later;
pub mod live;
pub mod outbox;
pub mod pages;
pub mod platform;
pub mod settings;
pub mod socket;
pub mod state;
pub mod text;
