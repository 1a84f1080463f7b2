//! What keeps the messenger and routes it. From the bottom: `hub` and `store`, then `messenger` (the
//! only one that knows both), then `live`, `session` and `form`, then `router`.

pub mod address;
pub mod app;
pub mod command;
pub mod config;
pub mod cookies;
pub mod demo;
pub mod doors;
pub mod hub;
pub mod messenger;
pub mod network;
pub mod router;
pub mod run;
pub mod serve;
pub mod session;
pub mod store;
pub mod text;

mod accept;
mod assets;
mod compression;
mod form;
mod host;
mod live;
pub mod origin;
mod own;
mod page;
mod stream;
