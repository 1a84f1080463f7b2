//! Sizes both sides keep to: the client so that nobody is surprised, the server because it must.

/// Characters (Unicode scalar values) of a message's body.
pub const BODY_CHARS: usize = 4_000;
/// Characters of a person's name.
pub const NAME_CHARS: usize = 40;
/// Characters of a login.
pub const LOGIN_CHARS: usize = 32;
/// Characters of a password, least and most; the most bounds what hashing is asked to chew.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=256;
/// Bytes of one WebSocket frame, and of one message made of frames.
pub const FRAME_BYTES: usize = 64 * 1024;
/// Characters of a group's title.
pub const TITLE_CHARS: usize = 60;
/// Characters of a person's department, post, address or line about themselves.
pub const PROFILE_CHARS: usize = 100;
/// People in a group.
pub const GROUP_MEMBERS: usize = 1_000;
/// Members of a group that the list names.
pub const LISTED_MEMBERS: usize = 8;
/// Unread messages of one conversation that are counted; there may be more.
pub const UNREAD_COUNTED: u32 = 1_000;
/// Different emojis under one message.
pub const REACTIONS: usize = 20;
/// Reactions of people to a message up to which a change of one is told with the whole message.
pub const REACTIONS_WHOLE: usize = 24;
/// Characters of a message that an answer to it shows.
pub const QUOTE_CHARS: usize = 120;
/// Characters of what is searched for.
pub const QUERY_CHARS: usize = 100;
/// Messages that one search finds at once.
pub const PAGE_HITS: usize = 30;
/// Messages in one page of a conversation.
pub const PAGE_MESSAGES: usize = 50;
/// The password of every account of the demonstration.
pub const DEMO_PASSWORD: &str = "daehwa";
