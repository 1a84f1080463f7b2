//! What must hold after random actions, whatever they were.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    ids::{MessageId, UserId},
    message::SystemEvent,
    room_socket::RoomEvent,
};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::{cluster::ledger::received, resuming_client::ResumingClient};

/// Each window received every version in its order. Every message that it received as an event is of a time at which its user was a member: their own leaving is
/// the last one.
/// `made`: who was in the group from its beginning.
pub(crate) async fn received_as_members(
    db: &mut PgConnection,
    clients: &[&ResumingClient],
    made: &[UserId],
) -> Result<(), String> {
    let sql = "SELECT version, author, line FROM messages WHERE room = $1 AND line IS NOT NULL ORDER BY version";
    let query = sqlx::query_as(sql).bind(clients[0].room.uuid());
    let events: Vec<(i64, Uuid, String)> = query.fetch_all(db).await.unwrap();
    let events: Vec<(u64, UserId, SystemEvent)> = events
        .into_iter()
        .map(|(at, author, event)| (at.unsigned_abs(), author.into(), serde_json::from_str(&event).unwrap()))
        .collect();
    for client in clients {
        let me = client.person.id;
        if client.gaps > 0 {
            return Err(format!("{me} did not receive {} versions in their order", client.gaps));
        }
        let is_member = |version| is_member(me, &events, version, made.contains(&me));
        for event in &client.received {
            let RoomEvent::Message { message, cursor } = event else { continue };
            if !is_member(cursor.version) && !is_member(cursor.version - 1) {
                return Err(format!("{me} received {message:?} and was no member: {events:?}"));
            }
        }
    }
    Ok(())
}

/// Whether a user was a member after this version.
fn is_member(me: UserId, events: &[(u64, UserId, SystemEvent)], version: u64, at_first: bool) -> bool {
    let past = events.iter().filter(|(at, ..)| *at <= version);
    let mut changes = past.filter_map(|(_, author, event)| match event {
        SystemEvent::Invited { users } if users.contains(&me) => Some(true),
        SystemEvent::Left if *author == me => Some(false),
        SystemEvent::Removed { users } if users.contains(&me) => Some(false),
        _ => None,
    });
    changes.next_back().unwrap_or(at_first)
}

/// No table has a text of a recalled message, and no window received one after its recall.
pub(crate) async fn recalled_texts_are_gone(db: &mut PgConnection, clients: &[&ResumingClient]) -> Result<(), String> {
    let (mut texts, mut recalled) = (BTreeMap::<MessageId, BTreeSet<String>>::new(), BTreeMap::new());
    for message in clients.iter().flat_map(|client| received(client)) {
        if message.recalled.is_some() {
            recalled.insert(message.id, message.version);
        } else if message.system_event.is_none() {
            texts.entry(message.id).or_default().insert(message.body.clone());
        }
    }
    for client in clients {
        let late = received(client).find(|message| {
            let is_late = recalled.get(&message.id).is_some_and(|version| message.version > *version);
            is_late && !message.body.is_empty()
        });
        if let Some(message) = late {
            return Err(format!("received after its recall: {message:?}"));
        }
    }
    let (gone, kept): (Vec<_>, Vec<_>) = texts.into_iter().partition(|(id, _)| recalled.contains_key(id));
    let kept: BTreeSet<String> = kept.into_iter().flat_map(|(_, texts)| texts).collect();
    for text in gone.into_iter().flat_map(|(_, texts)| texts).filter(|text| !kept.contains(text)) {
        nowhere(db, &text).await?;
    }
    Ok(())
}

async fn nowhere(db: &mut PgConnection, text: &str) -> Result<(), String> {
    let sql = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *db).await.unwrap();
    for table in tables {
        // A number must not continue: 1 is not 12. Bytes appear as hexadecimal digits.
        let sql = format!(
            "SELECT count(*) FROM {table} AS t WHERE t::text ~ ($1 || '($|[^0-9])') OR t::text LIKE '%' || $2 || '%'"
        );
        let query =
            sqlx::query_scalar(AssertSqlSafe(sql)).bind(text).bind(data_encoding::HEXLOWER.encode(text.as_bytes()));
        let rows: i64 = query.fetch_one(&mut *db).await.unwrap();
        if rows > 0 {
            return Err(format!("{table} has the recalled {text:?}"));
        }
    }
    Ok(())
}
