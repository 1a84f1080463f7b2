//! The changes of many rooms, read in one statement: a node reads what others committed without a snapshot for each room.

use std::collections::{HashMap, HashSet};

use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::{
    model::RoomChanges,
    store::sql::{
        db::signed,
        messages::{MessageRow, select_columns},
    },
};
use protocol::ids::RoomId;

/// Changes of one room in one read, at most.
const CHANGES: usize = 10;

/// New messages are found by the primary key, older ones that changed by a separate index. $1, $2: rooms, and the version
/// that each is read from; $3: how many of each.
const SQL: &str = concat!(
    select_columns!(),
    ", rooms.version AS latest, \
     NOT (m.asks_confirmation OR EXISTS (SELECT 1 FROM files AS f WHERE f.room = m.room AND f.seq = m.seq) \
          OR EXISTS (SELECT 1 FROM reactions AS r WHERE r.room = m.room AND r.seq = m.seq)) AS is_plain \
     FROM unnest($1, $2) AS wanted (room, after) JOIN rooms ON rooms.id = wanted.room \
     JOIN LATERAL ( \
       (SELECT * FROM messages AS n WHERE n.room = wanted.room AND n.seq > wanted.after ORDER BY n.seq LIMIT $3) \
       UNION ALL \
       (SELECT * FROM messages AS n WHERE n.room = wanted.room AND n.version <> n.seq AND n.version > wanted.after \
           AND n.seq <= wanted.after ORDER BY n.version LIMIT $3) \
     ) AS m ON TRUE \
     LEFT JOIN messages AS q ON q.id = m.reply_to \
     ORDER BY m.room, m.version"
);

#[derive(FromRow)]
struct ChangeRow {
    room: Uuid,
    latest: i64,
    is_plain: bool,
    #[sqlx(flatten)]
    message: MessageRow,
}

/// What changed in these rooms after these versions, with nothing hidden. A room is left out if there is much, or if one
/// of the messages has files, reactions or confirmations.
pub(crate) async fn plain(
    db: &mut PgConnection,
    wanted: &[(RoomId, u64)],
) -> sqlx::Result<HashMap<RoomId, RoomChanges>> {
    let (rooms, versions): (Vec<Uuid>, Vec<i64>) =
        wanted.iter().map(|(room, version)| (room.uuid(), signed(*version))).unzip();
    let query = sqlx::query_as(SQL).bind(rooms).bind(versions).bind(CHANGES as i64 + 1);
    let rows: Vec<ChangeRow> = query.fetch_all(db).await?;
    let mut changes: HashMap<RoomId, RoomChanges> =
        wanted.iter().map(|(room, after)| (*room, RoomChanges { after: *after, ..RoomChanges::default() })).collect();
    let mut others: HashSet<RoomId> = HashSet::new();
    for ChangeRow { room, latest, is_plain, message } in rows {
        let Some(of_room) = changes.get_mut(&room.into()) else { continue };
        of_room.latest = latest as u64;
        of_room.messages.push(message.into_message(0));
        others.extend((!is_plain || of_room.messages.len() > CHANGES).then_some(RoomId::from(room)));
    }
    changes.retain(|room, changes| !others.contains(room) && !changes.messages.is_empty());
    Ok(changes)
}
