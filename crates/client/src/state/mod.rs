//! The state and the decisions of windows: plain data and pure functions, without a browser and without leptos. Tested
//! natively.

pub mod address_book;
pub mod attachment;
pub mod browser_history;
pub mod collected;
pub mod composing;
pub mod conversation;
pub mod emoji;
pub mod excerpt;
pub mod file_search;
pub mod grid;
pub mod keystrokes;
pub mod link;
pub mod lobby;
pub mod local_time;
pub mod markup;
pub mod mention;
pub mod message_link;
pub mod message_search;
pub mod notice;
pub mod organisation;
pub mod people;
pub mod pick_tree;
pub mod room_search;
pub mod send_times;
pub mod status_end;
pub mod timeline;
pub mod toast;
pub mod unsent_message;
pub mod upload;
pub mod zoom;
