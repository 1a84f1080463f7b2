//! One file a component.

pub mod avatar;
pub mod bubble;
pub mod card;
pub mod chat;
pub mod composer;
pub mod emoji;
pub mod field;
pub mod header;
pub mod hits;
pub mod icon;
pub mod keys;
pub mod language;
pub mod log;
pub mod lost;
pub mod menu;
pub mod new_group;
mod news;
pub mod palette;
pub mod panel;
pub mod people;
pub mod picker;
pub mod profile;
pub mod rooms;
pub mod session;
pub mod tabs;
pub mod toasts;
pub mod window;
