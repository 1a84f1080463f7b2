//! One file a component.

pub mod avatar;
pub mod bubble;
pub mod card;
pub mod chat;
pub mod composer;
pub mod field;
pub mod icon;
pub mod language;
pub mod log;
pub mod people;
pub mod rooms;
pub mod tabs;
pub mod toasts;
