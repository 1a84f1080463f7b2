//! Rows of `users` and `favourites`.

use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    model::{Account, Credentials, ImportedAccount, Status},
    store::{
        clock::now_ms,
        sql::{
            db::{Db, unsigned},
            statement::{query, query_as, query_scalar},
        },
    },
};
use protocol::{
    ids::UserId,
    user::{Absence, Profile},
};

/// The stored hash of an account without a password. It is not a PHC string, so no password matches it.
const NO_PASSWORD: &str = "!";

#[derive(FromRow)]
struct AccountRow {
    id: Uuid,
    login: String,
    name: String,
    disabled: bool,
    is_busy: bool,
    department: Option<String>,
    title: Option<String>,
    email: Option<String>,
    status: Option<String>,
    status_until: Option<i64>,
    sort_order: Option<i64>,
    department_order: Option<i64>,
    absent_from: Option<i64>,
    absent_until: Option<i64>,
    absence_text: Option<String>,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let period = row.absent_from.zip(row.absent_until);
        let absence = period.map(|(from, until)| Absence { from, until, text: row.absence_text, is_now: false });
        let AccountRow { id, login, name, disabled, is_busy, department, title, email, .. } = row;
        let (status, status_until) = (row.status, row.status_until);
        let (order, department_order) = (row.sort_order.and_then(unsigned), row.department_order.and_then(unsigned));
        let profile = Profile { department, title, email, status, status_until, order };
        Self { id: id.into(), login, name, disabled, is_busy, profile, department_order, absence }
    }
}

/// All accounts by login, disabled ones included.
pub(crate) async fn all(db: &mut Db) -> sqlx::Result<Vec<Account>> {
    let sql = "SELECT id, login, name, disabled, is_busy, department, title, email, status, status_until, sort_order, \
               department_order, absent_from, absent_until, absence_text \
               FROM users ORDER BY login";
    let rows: Vec<AccountRow> = query_as(sql).fetch_all(db).await?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// Accounts that changed after this version of the accounts.
pub(crate) async fn changed_after(db: &mut Db, version: i64) -> sqlx::Result<Vec<Account>> {
    let sql = "SELECT id, login, name, disabled, is_busy, department, title, email, status, status_until, sort_order, \
               department_order, absent_from, absent_until, absence_text \
               FROM users WHERE changed > $1";
    let rows: Vec<AccountRow> = query_as(sql).bind(version).fetch_all(db).await?;
    Ok(rows.into_iter().map(Account::from).collect())
}

pub(crate) async fn credentials(db: &mut Db, login: &str) -> sqlx::Result<Option<Credentials>> {
    let query = query_as("SELECT id, password, disabled FROM users WHERE login = $1").bind(login);
    let row: Option<(Uuid, String, bool)> = query.fetch_optional(db).await?;
    let hash = |stored: String| Some(stored).filter(|hash| hash != NO_PASSWORD);
    Ok(row.map(|(id, stored, disabled)| Credentials { user: id.into(), hash: hash(stored), disabled }))
}

/// Whether there is any account, and whether this login is taken.
pub(crate) async fn taken(db: &mut Db, login: &str) -> sqlx::Result<(bool, bool)> {
    let sql = "SELECT EXISTS (SELECT 1 FROM users LIMIT 1), EXISTS (SELECT 1 FROM users WHERE login = $1)";
    query_as(sql).bind(login).fetch_one(db).await
}

/// Whether the account exists and is enabled.
pub(crate) async fn is_enabled(db: &mut Db, user: UserId) -> sqlx::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1 AND NOT disabled)";
    query_scalar(sql).bind(user.uuid()).fetch_one(db).await
}

pub(crate) async fn insert(db: &mut Db, login: &str, name: &str, hash: &str) -> sqlx::Result<UserId> {
    let id = UserId::new();
    query("INSERT INTO users (id, login, name, password, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(id.uuid())
        .bind(login)
        .bind(name)
        .bind(hash)
        .bind(now_ms())
        .execute(db)
        .await?;
    Ok(id)
}

/// Updates the account with this login; `false` if it does not exist.
pub(crate) async fn update_imported(db: &mut Db, account: ImportedAccount) -> sqlx::Result<bool> {
    let ImportedAccount { login, name, profile, department_order, .. } = account;
    let sql = "UPDATE users SET name = $2, department = $3, title = $4, email = $5, sort_order = $6, \
               department_order = $7 WHERE login = $1";
    let query = query(sql).bind(login).bind(name).bind(profile.department).bind(profile.title);
    let updated = query.bind(profile.email).bind(profile.order).bind(department_order).execute(db).await?;
    Ok(updated > 0)
}

/// Inserts an account; an existing one is updated and keeps its password.
pub(crate) async fn upsert_imported(db: &mut Db, account: ImportedAccount, hash: Option<String>) -> sqlx::Result<()> {
    let hash = hash.unwrap_or_else(|| NO_PASSWORD.to_owned());
    let ImportedAccount { login, name, profile, department_order, .. } = account;
    let sql = "INSERT INTO users (login, name, department, title, email, sort_order, department_order, id, password, \
                                  created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (login) DO UPDATE SET name = excluded.name, \
               department = excluded.department, title = excluded.title, email = excluded.email, \
               sort_order = excluded.sort_order, department_order = excluded.department_order";
    let query = query(sql).bind(login).bind(name).bind(profile.department).bind(profile.title);
    let query = query.bind(profile.email).bind(profile.order).bind(department_order);
    let query = query.bind(UserId::new().uuid()).bind(hash).bind(now_ms());
    query.execute(db).await.map(drop)
}

/// Sets the password of the account with this login. Returns the account, if it exists.
pub(crate) async fn update_password(db: &mut Db, login: &str, hash: &str) -> sqlx::Result<Option<UserId>> {
    let sql = "UPDATE users SET password = $2, password_at = $3 WHERE login = $1 RETURNING id";
    let query = query_scalar(sql).bind(login).bind(hash).bind(now_ms());
    let id: Option<Uuid> = query.fetch_optional(db).await?;
    Ok(id.map(UserId::from))
}

/// Disables or enables the account with this login. Returns the account, if it exists.
pub(crate) async fn update_disabled(db: &mut Db, login: &str, disabled: bool) -> sqlx::Result<Option<UserId>> {
    let sql = "UPDATE users SET disabled = $2 WHERE login = $1 RETURNING id";
    let id: Option<Uuid> = query_scalar(sql).bind(login).bind(disabled).fetch_optional(db).await?;
    Ok(id.map(UserId::from))
}

pub(crate) async fn update_name(db: &mut Db, user: UserId, name: &str) -> sqlx::Result<()> {
    query("UPDATE users SET name = $2 WHERE id = $1").bind(user.uuid()).bind(name).execute(db).await.map(drop)
}

pub(crate) async fn update_status(db: &mut Db, user: UserId, status: &Status) -> sqlx::Result<()> {
    let sql = "UPDATE users SET is_busy = $2, status = $3, status_until = $4 WHERE id = $1 \
               AND (is_busy <> $2 OR status IS DISTINCT FROM $3 OR status_until IS DISTINCT FROM $4)";
    let query = query(sql).bind(user.uuid()).bind(status.is_busy).bind(status.text.as_deref());
    query.bind(status.until).execute(db).await.map(drop)
}

/// Whether a status has ended at `now`, UTC milliseconds.
pub(crate) async fn has_ended_status(db: &mut Db, now: i64) -> sqlx::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE status_until <= $1)";
    query_scalar(sql).bind(now).fetch_one(db).await
}

/// Removes every status that has ended at `now`, UTC milliseconds.
pub(crate) async fn end_statuses(db: &mut Db, now: i64) -> sqlx::Result<()> {
    let sql = "UPDATE users SET is_busy = FALSE, status = NULL, status_until = NULL WHERE status_until <= $1";
    query(sql).bind(now).execute(db).await.map(drop)
}

pub(crate) async fn favourites(db: &mut Db, user: UserId) -> sqlx::Result<Vec<UserId>> {
    let sql = "SELECT favourite FROM favourites AS f WHERE f.user = $1 ORDER BY favourite";
    let ids: Vec<Uuid> = query_scalar(sql).bind(user.uuid()).fetch_all(db).await?;
    Ok(ids.into_iter().map(UserId::from).collect())
}

/// Inserts a favourite, unless it exists; `false` if the account does not exist.
pub(crate) async fn insert_favourite(db: &mut Db, user: UserId, favourite: UserId) -> sqlx::Result<bool> {
    let sql = "INSERT INTO favourites (\"user\", favourite) SELECT $1, id FROM users WHERE id = $2 \
               ON CONFLICT (\"user\", favourite) DO UPDATE SET favourite = excluded.favourite";
    let inserted = query(sql).bind(user.uuid()).bind(favourite.uuid()).execute(db).await?;
    Ok(inserted > 0)
}

pub(crate) async fn delete_favourite(db: &mut Db, user: UserId, favourite: UserId) -> sqlx::Result<()> {
    let sql = "DELETE FROM favourites AS f WHERE f.user = $1 AND f.favourite = $2";
    query(sql).bind(user.uuid()).bind(favourite.uuid()).execute(db).await.map(drop)
}
