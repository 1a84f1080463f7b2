//! Rules of what members may do, as pure functions. The store reads what a rule needs and writes what it allows, in one
//! transaction. Some conditions are SQL, because one statement tests and writes: membership and id of a post (the
//! trigger in `sqlite/posts.rs`, PostgreSQL's function `insert_posts`), who may read or attach a file (`sql/files.rs`),
//! and the membership of muting, pinning and hiding a room (`sql/memberships.rs`).

use protocol::{
    ended::Ended,
    error::Refusal,
    ids::{FileId, MessageId, RoomId, UserId},
    limit::{
        ABSENCE_MS, BOOKMARKS, FILES, GROUP_MEMBERS, PINS, REACTIONS, SCHEDULE_AHEAD_MS, SCHEDULED, SETTINGS_BYTES,
        WAITING_FILES,
    },
    message::Mentions,
    room_socket::Post,
};

use crate::model::{Quotas, RateLimitedParts};

/// Milliseconds after a password change in which a deleted session counts as ended by the change.
const PASSWORD_GRACE: i64 = 10_000;

/// A stored message, as far as the rules need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredMessage {
    pub(crate) id: MessageId,
    pub(crate) room: RoomId,
    pub(crate) seq: u64,
    pub(crate) version: u64,
    pub(crate) author: UserId,
    pub(crate) body: String,
    /// UTC milliseconds.
    pub(crate) sent_at: i64,
    pub(crate) is_edited: bool,
    pub(crate) is_recalled: bool,
    /// Whether it is a system event.
    pub(crate) is_system: bool,
    /// Whether it asks for confirmations.
    pub(crate) asks_confirmation: bool,
    /// Its row in the search index; `None` without a text.
    pub(crate) number: Option<i64>,
}

/// What an allowed write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteEffect {
    Change,
    /// The state is already as requested: an idempotent retry.
    Nothing,
}

/// A membership as group operations need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupMembership {
    pub(crate) is_group: bool,
    /// The room's version.
    pub(crate) version: u64,
    pub(crate) visible_after: u64,
}

/// The message, if it is in this room, a member with this lower bound sees it, and it is not a system event. An unknown
/// id, a message of another room and one below the bound get the same refusal. `visible_after` is `None` for a
/// non-member.
pub(crate) fn see(
    message: Option<StoredMessage>,
    room: RoomId,
    visible_after: Option<u64>,
) -> Result<StoredMessage, Refusal> {
    let bound = visible_after.ok_or(Refusal::NotFound)?;
    let seen = message.filter(|message| message.room == room && message.seq > bound && !message.is_system);
    seen.ok_or(Refusal::NotFound)
}

/// Whether a post with the id of a stored message, which has these files, is a retry of it. A text that was edited or
/// recalled since is not compared.
pub(crate) fn is_same(stored: &StoredMessage, files: &[FileId], room: RoomId, author: UserId, post: &Post) -> bool {
    let is_equal = stored.is_edited || stored.is_recalled || stored.body == post.body && *files == *post.files;
    stored.room == room && stored.author == author && !stored.is_system && is_equal
}

/// Whether a stored message with the id of a copy is that copy, so that the forward is a retry. It may have been edited
/// or recalled since.
pub(crate) fn is_copy(stored: &StoredMessage, to: RoomId, by: UserId) -> bool {
    stored.room == to && stored.author == by && !stored.is_system
}

/// Whether the author may replace the text. `oldest`: messages sent before this moment cannot be edited.
pub(crate) fn may_edit(message: &StoredMessage, me: UserId, body: &str, oldest: i64) -> Result<WriteEffect, Refusal> {
    if message.author != me {
        return Err(Refusal::NotYours);
    }
    if message.is_recalled {
        return Err(Refusal::Recalled);
    }
    if message.body == body {
        return Ok(WriteEffect::Nothing);
    }
    if message.sent_at < oldest { Err(Refusal::TooLate) } else { Ok(WriteEffect::Change) }
}

/// Whether a message with or without files may have this text.
pub(crate) fn may_be_empty(body: &str, has_files: bool) -> Result<(), Refusal> {
    if body.is_empty() && !has_files { Err(Refusal::EmptyBody) } else { Ok(()) }
}

/// Whether a message may have this number of files.
pub(crate) fn may_attach(files: usize) -> Result<(), Refusal> {
    if files > FILES { Err(Refusal::TooMany) } else { Ok(()) }
}

/// Why a file cannot be attached: its upload is not complete, or it does not exist for this author, or it is attached
/// already.
pub(crate) fn why_not_attached(is_pending: bool) -> Refusal {
    if is_pending { Refusal::NotReady } else { Refusal::NotFound }
}

/// Whether the author may recall the message. `oldest` as in [`may_edit`].
pub(crate) fn may_recall(message: &StoredMessage, me: UserId, oldest: i64) -> Result<WriteEffect, Refusal> {
    if message.author != me {
        return Err(Refusal::NotYours);
    }
    if message.is_recalled {
        return Ok(WriteEffect::Nothing);
    }
    if message.sent_at < oldest { Err(Refusal::TooLate) } else { Ok(WriteEffect::Change) }
}

/// The mentions that are stored, of those that the author asked for: `named` are the mentioned users who are members.
/// The author is left out, and only a group has `@모두`.
pub(crate) fn mentioned(asked: Mentions, author: UserId, is_group: bool, named: &[UserId]) -> Mentions {
    let Mentions { mut users, all } = asked;
    users.retain(|user| *user != author && named.contains(user));
    users.sort_unstable();
    users.dedup();
    Mentions { users, all: all && is_group }
}

/// Whether a member may pin and unpin messages of a room: everybody may, unless the group limits pins to its maker.
pub(crate) fn may_pin(is_group: bool, by_maker: bool, maker: Option<UserId>, me: UserId) -> Result<(), Refusal> {
    if is_group && by_maker && maker != Some(me) { Err(Refusal::NotMaker) } else { Ok(()) }
}

/// Whether a room with this number of pinned messages may get one more.
pub(crate) fn may_pin_more(pinned: usize) -> Result<(), Refusal> {
    if pinned >= PINS { Err(Refusal::TooMany) } else { Ok(()) }
}

/// Whether a user with this number of bookmarks may get one more.
pub(crate) fn may_bookmark_more(bookmarks: usize) -> Result<(), Refusal> {
    if bookmarks >= BOOKMARKS { Err(Refusal::TooMany) } else { Ok(()) }
}

/// Whether a user with this number of scheduled messages may get one more.
pub(crate) fn may_schedule_more(scheduled: usize) -> Result<(), Refusal> {
    if scheduled >= SCHEDULED { Err(Refusal::TooMany) } else { Ok(()) }
}

/// Whether a message may be sent at this time; both UTC milliseconds.
pub(crate) fn may_schedule_at(at: i64, now: i64) -> Result<(), Refusal> {
    if at <= now || at - now > SCHEDULE_AHEAD_MS { Err(Refusal::InvalidTime) } else { Ok(()) }
}

/// Whether a scheduled message may be sent now. `does`: what it does that is rate-limited; `may`: what its author may
/// do now.
pub(crate) fn may_send_now(does: RateLimitedParts, may: RateLimitedParts) -> Result<(), Refusal> {
    if does.mentions_all && !may.mentions_all {
        return Err(Refusal::AllTooOften);
    }
    if does.asks_confirmation && !may.asks_confirmation { Err(Refusal::TooFast) } else { Ok(()) }
}

/// The settings of a user after changes; both are `name.value` pairs separated by `&`. Other settings stay.
pub(crate) fn changed_settings(kept: &str, changes: &str) -> Result<String, Refusal> {
    fn name(pair: &str) -> Option<&str> {
        pair.split('.').next()
    }
    let stays = |pair: &&str| !pair.is_empty() && changes.split('&').all(|change| name(change) != name(pair));
    let settings = kept.split('&').filter(stays).chain(changes.split('&')).collect::<Vec<_>>().join("&");
    if settings.len() > SETTINGS_BYTES { Err(Refusal::Malformed) } else { Ok(settings) }
}

/// Whether a user may set an absence with these times; all UTC milliseconds.
pub(crate) fn may_be_absent(from: i64, until: i64, now: i64) -> Result<(), Refusal> {
    let is_long = until.saturating_sub(from) > ABSENCE_MS || until.saturating_sub(now) > ABSENCE_MS;
    if from >= until || until <= now || is_long { Err(Refusal::InvalidTime) } else { Ok(()) }
}

/// Whether members may add and remove reactions to the message.
pub(crate) fn not_recalled(message: &StoredMessage) -> Result<(), Refusal> {
    if message.is_recalled { Err(Refusal::Recalled) } else { Ok(()) }
}

/// Whether a post asks for confirmations: its author wants that, and the room has other members.
pub(crate) fn asks(asked: bool, members: usize) -> bool {
    asked && members > 1
}

/// Whether a member who joined at this version of the room may confirm the message: it asks for confirmations, and was
/// posted after they joined.
pub(crate) fn may_confirm(message: &StoredMessage, me: UserId, joined: u64) -> Result<(), Refusal> {
    if message.is_recalled {
        return Err(Refusal::Recalled);
    }
    if message.author == me {
        return Err(Refusal::Oneself);
    }
    if message.asks_confirmation && joined < message.seq { Ok(()) } else { Err(Refusal::NotFound) }
}

/// Whether a message with this number of distinct emojis may get one more.
pub(crate) fn may_add_emoji(distinct: usize) -> Result<(), Refusal> {
    if distinct >= REACTIONS { Err(Refusal::TooMany) } else { Ok(()) }
}

/// Whether a user may change a group: invite, leave, rename.
pub(crate) fn may_manage(membership: Option<GroupMembership>) -> Result<GroupMembership, Refusal> {
    match membership {
        Some(membership) if membership.is_group => Ok(membership),
        Some(_) => Err(Refusal::NotAGroup),
        None => Err(Refusal::NotFound),
    }
}

/// The maker of a group, who may remove others: of these members the one who joined first, by the room's version; of
/// those who joined together, the one with the lowest id. So the role passes on when the maker leaves.
pub(crate) fn maker(members: impl IntoIterator<Item = (u64, UserId)>) -> Option<UserId> {
    members.into_iter().min().map(|(_, user)| user)
}

/// Whether `me` may end the membership of `user`. `has_left` is `None` if `user` never was a member.
pub(crate) fn may_remove(
    maker: Option<UserId>,
    me: UserId,
    user: UserId,
    has_left: Option<bool>,
) -> Result<WriteEffect, Refusal> {
    if maker != Some(me) {
        return Err(Refusal::NotMaker);
    }
    if user == me {
        return Err(Refusal::Oneself);
    }
    if has_left.ok_or(Refusal::NotFound)? { Ok(WriteEffect::Nothing) } else { Ok(WriteEffect::Change) }
}

/// Whether these users may join a room: each account exists and is enabled, and the room stays within its limit.
/// `found` of the `asked` accounts were added, and the room has `size` members now.
pub(crate) fn may_join(asked: usize, found: usize, size: usize) -> Result<(), Refusal> {
    if found < asked {
        return Err(Refusal::NotFound);
    }
    if size > GROUP_MEMBERS { Err(Refusal::TooMany) } else { Ok(()) }
}

/// The lower bound of visible history for the users whom this member invites: the inviter's own, or the room's current
/// version.
pub(crate) fn bound_of_invited(inviter: GroupMembership, with_history: bool) -> u64 {
    if with_history { inviter.visible_after } else { inviter.version }
}

/// The new read mark: it moves forward only, never beyond the room's newest change. `None` if it stays.
pub(crate) fn advance_read_mark(last_read: u64, seq: u64, version: u64) -> Option<u64> {
    let seq = seq.min(version);
    (seq > last_read).then_some(seq)
}

/// Whether an account may be created. `only_first`: only if the database has no other account.
pub(crate) fn may_create_account(only_first: bool, has_accounts: bool, is_login_taken: bool) -> Result<(), Refusal> {
    if only_first && has_accounts {
        return Err(Refusal::RegistrationClosed);
    }
    if is_login_taken { Err(Refusal::LoginTaken) } else { Ok(()) }
}

/// Whether a user may store this many bytes more. `used`: the bytes of the user's files; `used_by_all`: those of all
/// users.
pub(crate) fn may_store(bytes: u64, used: u64, used_by_all: u64, quotas: Quotas) -> Result<(), Refusal> {
    // The largest number of a column.
    let most = i64::MAX as u64;
    let exceeds = |used: u64, quota: Option<u64>| used.saturating_add(bytes) > quota.unwrap_or(most);
    if exceeds(used, quotas.per_user) || exceeds(used_by_all, quotas.total) {
        return Err(Refusal::QuotaExceeded);
    }
    Ok(())
}

/// Whether a user with this number of pending uploads and unattached files may have one more.
pub(crate) fn may_have_unattached(waiting: usize) -> Result<(), Refusal> {
    if waiting >= WAITING_FILES { Err(Refusal::TooMany) } else { Ok(()) }
}

/// Why a session ended. `expires_at` is `None` once its row is deleted; times are UTC milliseconds.
pub(crate) fn why_ended(is_disabled: bool, password_at: Option<i64>, expires_at: Option<i64>, now: i64) -> Ended {
    match expires_at {
        _ if is_disabled => Ended::Disabled,
        Some(_) => Ended::Expired,
        None if password_at.is_some_and(|at| at > now - PASSWORD_GRACE) => Ended::PasswordChanged,
        None => Ended::SignedOut,
    }
}

#[cfg(test)]
mod tests;
