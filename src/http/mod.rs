//! HTTP: routes, pages, forms, files and static files. `router` has the table; all forms share `form`, `requester` and
//! `respond`.

mod accept;
mod account_forms;
pub(crate) mod assets;
mod compression;
mod egov;
mod files;
mod form;
mod host;
mod language;
mod limits;
mod pages;
mod paths;
mod preference;
mod requester;
mod respond;
mod room_forms;
pub mod router;
mod session_probe;
mod sign_in_forms;
mod user_agent;
