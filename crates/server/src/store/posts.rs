//! Inserting a post, with its reply, files and mentions. Each engine inserts plain posts together, in one call.

use crate::{
    model::{Changed, Committed},
    store::{
        error::StoreResult,
        mentions, postgres, rules,
        sql::{
            attachments, confirmations,
            db::Db,
            files,
            memberships::{self, visible_after},
            messages::{current, find},
            post_ref::PostRef,
            uploads,
        },
        sqlite,
    },
};
use protocol::{
    error::Refusal,
    ids::{FileId, RoomId, UserId},
    message::Message,
    room_socket::Post,
};

/// Inserts one post, with its reply and its files. A retry returns the stored message.
pub(crate) async fn insert_one(
    db: &mut Db,
    room: RoomId,
    author: UserId,
    message: Post,
) -> StoreResult<(Changed, Option<Committed>)> {
    check_reply(&mut *db, room, author, &message).await?;
    let inserted = insert_alone(db, (room, author, &message)).await?;
    let Some(inserted) = inserted else { return retried(db, room, author, &message).await };
    attach(&mut *db, room, author, inserted.seq, &message.files).await?;
    let (is_plain, asked) = (is_plain(&message), message.asks_confirmation);
    if !message.mentions.is_empty() {
        mentions::replace(&mut *db, room, (author, inserted.seq), message.mentions).await?;
    }
    ask(&mut *db, room, inserted.seq, asked).await?;
    let message = if is_plain { inserted } else { current(db, room, inserted.seq).await? };
    Ok((Changed::Now, Some(Committed::Message { room, message })))
}

/// Whether the post can be inserted together with others, without further statements.
pub(crate) fn is_plain(message: &Post) -> bool {
    message.reply_to.is_none() && message.mentions.is_empty() && message.files.is_empty() && !message.asks_confirmation
}

/// Marks a message that was just inserted as asking for confirmations, if its author wants that.
async fn ask(db: &mut Db, room: RoomId, seq: u64, asked: bool) -> sqlx::Result<()> {
    let members = if asked { memberships::count(&mut *db, room).await? } else { 0 };
    if rules::asks(asked, members) { confirmations::ask(db, room, seq).await } else { Ok(()) }
}

/// Attaches files to a message that was just inserted: completed, unattached files of its author.
async fn attach(db: &mut Db, room: RoomId, author: UserId, seq: u64, ids: &[FileId]) -> StoreResult<()> {
    rules::may_attach(ids.len())?;
    for (nth, id) in ids.iter().enumerate() {
        if !files::attach(&mut *db, author, *id, (room, seq, nth)).await? {
            let is_pending = uploads::find(db, author, *id).await?.is_some();
            return Err(rules::why_not_attached(is_pending).into());
        }
    }
    Ok(())
}

/// Checks that the author sees the quoted message. A stored reply passes: the quoted message may have been recalled
/// since.
async fn check_reply(db: &mut Db, room: RoomId, author: UserId, message: &Post) -> StoreResult<()> {
    let Some(quoted) = message.reply_to else { return Ok(()) };
    if find(&mut *db, message.id).await?.is_none() {
        let bound = visible_after(&mut *db, room, author).await?;
        rules::see(find(db, quoted).await?, room, bound)?;
    }
    Ok(())
}

/// The answer when nothing was inserted: the id is taken, or the author is not a member.
async fn retried(
    db: &mut Db,
    room: RoomId,
    author: UserId,
    message: &Post,
) -> StoreResult<(Changed, Option<Committed>)> {
    let stored = find(&mut *db, message.id).await?.ok_or(Refusal::NotFound)?;
    let files = attachments::ids(&mut *db, stored.room, stored.seq).await?;
    if !rules::is_same(&stored, &files, room, author, message) {
        return Err(Refusal::IdConflict.into());
    }
    Ok((Changed::Already(current(db, room, stored.seq).await?.into()), None))
}

/// `None` if the post is stored already or its author is not a member.
async fn insert_alone(db: &mut Db, post: PostRef<'_>) -> sqlx::Result<Option<Message>> {
    let mut inserted = match db {
        Db::Sqlite(link) => sqlite::posts::insert_together(link.connection(), "", &[post]).await?,
        Db::Postgres(link, clock) => postgres::posts::insert_together(link.connection(), clock, None, &[post]).await?,
    };
    Ok(inserted.pop().flatten())
}
