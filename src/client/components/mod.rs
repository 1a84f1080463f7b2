//! One file a component.

pub mod avatar;
pub mod bubble;
pub mod card;
pub mod chat;
pub mod composer;
pub mod field;
pub mod header;
pub mod hits;
pub mod icon;
pub mod language;
pub mod log;
pub mod menu;
pub mod panel;
pub mod people;
pub mod picker;
pub mod rooms;
pub mod session;
pub mod tabs;
pub mod toasts;
pub mod window;
