//! Inserting posts, many in one call: every call is a round trip, and the rooms are locked for its duration alone.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::store::{
    clock::now_ms,
    sql::{node_clock::NodeClock, post_ref::PostRef},
};
use protocol::{ids::MessageId, message::Message};

/// A row of the feed: its writer, and its position among the transactions of that writer.
pub(crate) type FeedPosition = (Uuid, i64);

/// Inserts posts in their order. `None` for each post that is stored already or whose author is not a member. Quotes,
/// mentions and files are not filled in. `feed`: the row that this call adds to the feed, when it is a transaction of
/// its own.
pub(crate) async fn insert_together(
    connection: &mut PgConnection,
    clock: &NodeClock,
    feed: Option<FeedPosition>,
    posts: &[PostRef<'_>],
) -> sqlx::Result<Vec<Option<Message>>> {
    let sent_at = now_ms();
    let of = |id: fn(&PostRef<'_>) -> Uuid| posts.iter().map(id).collect::<Vec<_>>();
    let bodies: Vec<&str> = posts.iter().map(|(_, _, message)| message.body.as_str()).collect();
    let replies: Vec<Option<Uuid>> =
        posts.iter().map(|(_, _, message)| message.reply_to.map(MessageId::uuid)).collect();
    let times: Vec<i64> = posts.iter().map(|_| clock.time(sent_at)).collect();
    let numbers: Vec<i64> = posts.iter().map(|_| clock.number(sent_at)).collect();
    let sql = "SELECT nth, seq FROM insert_posts($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let query =
        sqlx::query_as(sql).bind(feed.map(|(writer, _)| writer)).bind(feed.map(|(_, position)| position)).bind(sent_at);
    let query = query.bind(of(|(room, ..)| room.uuid())).bind(of(|(_, author, _)| author.uuid()));
    let query = query.bind(of(|(.., message)| message.id.uuid())).bind(bodies).bind(replies);
    let stored: Vec<(i64, i64)> = query.bind(times).bind(numbers).fetch_all(connection).await?;
    let mut inserted = vec![None; posts.len()];
    for (nth, seq) in stored {
        // `WITH ORDINALITY` counts from 1.
        let index = usize::try_from(nth - 1).unwrap_or(usize::MAX);
        if let (Some(slot), Some((_, author, message))) = (inserted.get_mut(index), posts.get(index)) {
            *slot = Some(Message::new(message.id, seq as u64, *author, message.body.clone(), sent_at));
        }
    }
    Ok(inserted)
}
