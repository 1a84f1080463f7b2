//! What keeps the messenger and routes it. From the bottom: `hub` and `store`, then `messenger` (the
//! only one that knows both), then `live`, `session` and `form`, then `router`.

pub mod app;
pub mod command;
pub mod config;
pub mod demo;
pub mod hub;
pub mod messenger;
pub mod router;
pub mod run;
pub mod session;
pub mod store;
pub mod text;

mod assets;
mod form;
mod live;
pub mod origin;
mod own;
mod page;
