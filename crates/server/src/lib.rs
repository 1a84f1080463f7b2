//! The server behind the routes. From the bottom: `hub` and `store`, then `messenger` (the only module that imports
//! both), then `socket` and `session`. The root package has pages, forms and routes.
//! `bus` is the transport between servers.

pub mod address;
pub mod app;
pub mod bus;
pub mod connections;
pub mod cookies;
pub mod files;
pub mod hub;
pub mod listener;
pub mod messenger;
pub mod model;
pub mod network;
pub mod origin;
mod private_files;
pub mod refusal_status;
pub mod session;
pub mod socket;
pub mod store;
pub mod supervisor;
pub mod text;
pub mod watched_stream;
