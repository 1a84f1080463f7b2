//! Limits. The server enforces all of them. The client checks those of a user's own input (texts, names, files, times)
//! before it sends; a refusal names the others. A character is a Unicode scalar value.

/// Characters of a message's body.
pub const BODY_CHARS: usize = 4_000;
/// Characters of a user's name.
pub const NAME_CHARS: usize = 40;
/// Characters of a login.
pub const LOGIN_CHARS: std::ops::RangeInclusive<usize> = 2..=32;
/// Characters of a password. The upper bound limits the work of hashing.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=256;
/// Bytes of one WebSocket frame, and of one message made of several frames.
pub const FRAME_BYTES: usize = 64 * 1024;
/// Characters of a group's title.
pub const TITLE_CHARS: usize = 60;
/// Characters of each text of a profile: department, job title, e-mail address, status.
pub const PROFILE_CHARS: usize = 100;
/// Bytes of the settings that an account keeps.
pub const SETTINGS_BYTES: usize = 500;
/// Files of one message.
pub const FILES: usize = 20;
/// Pending uploads and unattached files of one user.
pub const WAITING_FILES: usize = 200;
/// Files in one page of a room's file list.
pub const PAGE_FILES: usize = 50;
/// Bytes of a file's name in UTF-8.
pub const FILE_NAME_BYTES: usize = 255;
/// Members of a group.
pub const GROUP_MEMBERS: usize = 1_000;
/// Members that are listed in [`crate::room::RoomSummary::others`].
pub const LISTED_MEMBERS: usize = 8;
/// The highest unread count of one room.
pub const UNREAD_COUNTED: u32 = 1_000;
/// Users that one message mentions by name.
pub const MENTIONS: usize = 50;
/// Messages pinned in a room, the announcement included.
pub const PINS: usize = 20;
/// Characters of a pinned message's text.
pub const PINNED_CHARS: usize = 500;
/// Bookmarks of a user, in all rooms.
pub const BOOKMARKS: usize = 1_000;
/// Messages in one `forward`.
pub const FORWARDED: usize = 30;
/// Rooms and users to which one `forward` copies messages.
pub const FORWARD_TARGETS: usize = 10;
/// Scheduled messages of a user in all rooms, unsent ones included.
pub const SCHEDULED: usize = 50;
/// How far ahead a message may be scheduled, in milliseconds: a year.
pub const SCHEDULE_AHEAD_MS: i64 = 366 * 24 * 60 * 60 * 1000;
/// The longest absence, and how far ahead it may end, in milliseconds: two years.
pub const ABSENCE_MS: i64 = 2 * 366 * 24 * 60 * 60 * 1000;
/// Different emojis under one message.
pub const REACTIONS: usize = 20;
/// Up to this many reactions (of all users and emojis), a change of one is broadcast as the whole message; above it, as
/// [`crate::room_socket::RoomEvent::Reacted`].
pub const REACTIONS_WHOLE: usize = 24;
/// Characters of a quote.
pub const QUOTE_CHARS: usize = 120;
/// Characters of a search query.
pub const QUERY_CHARS: usize = 100;
/// Users that one lobby socket watches, and users of one `people`.
pub const WATCHED: usize = 300;
/// Departments that one lobby socket watches.
pub const WATCHED_DEPARTMENTS: usize = 8;
/// Users in one page of a department.
pub const PAGE_PEOPLE: usize = 200;
/// Departments directly below one that a `welcome` lists.
pub const SHOWN_DEPARTMENTS: usize = 100;
/// Users in one page of found users.
pub const PAGE_FOUND_PEOPLE: usize = 50;
/// Hits in one page of search results.
pub const PAGE_HITS: usize = 30;
/// Messages in one page of a room's history.
pub const PAGE_MESSAGES: usize = 50;
/// The password of every account of the demonstration.
pub const DEMO_PASSWORD: &str = "daehwa";
