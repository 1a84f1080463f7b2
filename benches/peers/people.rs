//! An organisation, inserted into a data directory: signed-in accounts, one group of all of them, and a direct room for
//! every two. Inserted by SQL, because hashing thousands of passwords would take hours.

use std::path::Path;

use protocol::ids::{RoomId, UserId};
use sha2::{Digest, Sha256};
use sqlx::{Connection, SqliteConnection};

const FAR_FUTURE: i64 = 4_102_444_800_000;

pub(crate) struct BenchPeople {
    /// Their sessions' tokens, in the order of `ids`.
    pub(crate) tokens: Vec<String>,
    pub(crate) ids: Vec<UserId>,
    /// The group of all users, up to the largest size of a group.
    pub(crate) group: RoomId,
    /// The direct rooms of the first and second, of the third and fourth, and so on.
    pub(crate) pairs: Vec<RoomId>,
}

impl BenchPeople {
    /// Fills a database that a server created.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn settle(data: &Path, count: usize, group_size: usize) -> sqlx::Result<Self> {
        let url = format!("sqlite://{}", data.join("daehwa.db").display());
        let mut connection = SqliteConnection::connect(&url).await?;
        let mut transaction = connection.begin().await?;
        let mut people = Self { tokens: Vec::new(), ids: Vec::new(), group: RoomId::new(), pairs: Vec::new() };
        room(&mut transaction, people.group, true).await?;
        for number in 0..count {
            let (id, token) = (UserId::new(), format!("token-{number}"));
            let sql = "INSERT INTO users (id, login, name, password, created_at) VALUES (?, ?, ?, '', 0)";
            let query = sqlx::query(sql).bind(id.uuid()).bind(format!("person{number}"));
            query.bind(format!("사람 {number}")).execute(&mut *transaction).await?;
            let session = Sha256::digest(token.as_bytes()).to_vec();
            let query = sqlx::query("INSERT INTO sessions (id, user, expires_at) VALUES (?, ?, ?)").bind(session);
            query.bind(id.uuid()).bind(FAR_FUTURE).execute(&mut *transaction).await?;
            if number < group_size {
                member(&mut transaction, people.group, id).await?;
            }
            people.ids.push(id);
            people.tokens.push(token);
        }
        for two in people.ids.chunks_exact(2) {
            let id = RoomId::new();
            room(&mut transaction, id, false).await?;
            member(&mut transaction, id, two[0]).await?;
            member(&mut transaction, id, two[1]).await?;
            let (low, high) = (two[0].uuid().min(two[1].uuid()), two[0].uuid().max(two[1].uuid()));
            let query = sqlx::query("INSERT INTO directs (low, high, room) VALUES (?, ?, ?)").bind(low).bind(high);
            query.bind(id.uuid()).execute(&mut *transaction).await?;
            people.pairs.push(id);
        }
        transaction.commit().await?;
        connection.close().await?;
        Ok(people)
    }
}

async fn room(connection: &mut SqliteConnection, id: RoomId, is_group: bool) -> sqlx::Result<()> {
    let query = sqlx::query("INSERT INTO rooms (id, created_at, is_group) VALUES (?, 0, ?)");
    query.bind(id.uuid()).bind(is_group).execute(connection).await.map(drop)
}

async fn member(connection: &mut SqliteConnection, room: RoomId, user: UserId) -> sqlx::Result<()> {
    let query = sqlx::query("INSERT INTO memberships (room, user) VALUES (?, ?)");
    query.bind(room.uuid()).bind(user.uuid()).execute(connection).await.map(drop)
}
