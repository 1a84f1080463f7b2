//! Rows of `attempts`: a bucket of one minute's attempts is the time at which it is full again. Each statement changes
//! a row of a network, then of a login, then of both, so that no two wait for each other.

use std::time::Duration;

use sqlx::AssertSqlSafe;

use crate::{
    model::{AttemptBucket, SignInBuckets, SignInCharge, SignInTaken},
    store::{postgres::connection::answered, sql::db::Db},
};

/// The clock of the database: clocks of nodes differ.
const NOW: &str = "(extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT";
/// What a bucket holds, in microseconds.
const MINUTE: i64 = 60_000_000;
/// A row that is full only later than this is of before the clock was set back, and counts as full.
const FAR: i64 = 2 * MINUTE;
/// Rows that one sweep deletes, at most.
const SWEPT: i64 = 20_000;

/// The microseconds in which the bucket regains one attempt.
fn cost(of: AttemptBucket) -> i64 {
    MINUTE / i64::from(of.per_minute.max(1))
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Charges the row that exists already. `cost`, `over`: SQL for microseconds. The inserted row is full after `cost`, so
/// `excluded` says what the time is.
fn charged(cost: &str, over: &str) -> String {
    let now = format!("(excluded.full_at - {cost})");
    let used = format!("(CASE WHEN a.full_at BETWEEN {now} AND {now} + {FAR} THEN a.full_at ELSE {now} END + {cost})");
    format!("ON CONFLICT (key) DO UPDATE SET full_at = {used} WHERE {used} <= {now} + {MINUTE} + {over}")
}

pub(crate) async fn take(db: &mut Db, from: AttemptBucket) -> sqlx::Result<bool> {
    let charged = charged("$2", "0");
    let sql = format!("INSERT INTO attempts AS a (key, full_at) VALUES ($1, {NOW} + $2) {charged}");
    let query = sqlx::query(AssertSqlSafe(sql)).bind(from.key.0.to_vec()).bind(cost(from));
    let answer = answered(query.execute(db.postgres()?)).await;
    Ok(db.checked(answer)?.rows_affected() == 1)
}

pub(crate) async fn refund(db: &mut Db, of: AttemptBucket) -> sqlx::Result<()> {
    let query = sqlx::query("UPDATE attempts SET full_at = full_at - $2 WHERE key = $1");
    let answer = answered(query.bind(of.key.0.to_vec()).bind(cost(of)).execute(db.postgres()?)).await;
    db.checked(answer).map(drop)
}

pub(crate) async fn take_sign_in(db: &mut Db, from: SignInBuckets, longest: Duration) -> sqlx::Result<SignInTaken> {
    let sql = format!(
        "WITH clock AS MATERIALIZED (SELECT {NOW} AS now), \
         known AS MATERIALIZED (SELECT 1 FROM attempts, clock WHERE key = $1 AND known_until > now), \
         network AS (INSERT INTO attempts AS a (key, full_at) SELECT $3, now + $4 FROM clock \
           WHERE NOT EXISTS (SELECT 1 FROM known) {} RETURNING 1), \
         login AS (INSERT INTO attempts AS a (key, full_at) SELECT $5, now + $6 FROM clock, network \
           WHERE $5::BYTEA IS NOT NULL {} RETURNING 1), \
         may AS MATERIALIZED (SELECT 1 FROM known UNION ALL SELECT 1 FROM login \
           UNION ALL SELECT 1 FROM network WHERE $5::BYTEA IS NULL), \
         pair AS (INSERT INTO attempts AS a (key, full_at) SELECT $1, now + $2 FROM clock, may {} RETURNING full_at) \
         SELECT EXISTS (SELECT 1 FROM known), EXISTS (SELECT 1 FROM network), \
           (SELECT greatest(full_at - now - {MINUTE}, 0) FROM pair, clock)",
        charged("$4", "0"),
        charged("$6", "0"),
        charged("$2", "$7"),
    );
    let SignInBuckets { pair, network, login } = from;
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(pair.key.0.to_vec()).bind(cost(pair));
    let query = query.bind(network.key.0.to_vec()).bind(cost(network));
    let query = query.bind(login.map(|login| login.key.0.to_vec())).bind(login.map_or(0, cost)).bind(micros(longest));
    let answer = answered(query.fetch_one(db.postgres()?)).await;
    let (is_known, network_may, wait): (bool, bool, Option<i64>) = db.checked(answer)?;
    let wait = wait.map(|wait| Duration::from_micros(wait.unsigned_abs()));
    Ok(SignInTaken { is_known, network_may: is_known || network_may, wait })
}

pub(crate) async fn refund_sign_in(
    db: &mut Db,
    of: SignInBuckets,
    charged: SignInCharge,
    known_for: Duration,
) -> sqlx::Result<()> {
    let sql = format!(
        "WITH network AS (UPDATE attempts SET full_at = full_at - $4 WHERE key = $3 RETURNING 1), \
         login AS (UPDATE attempts SET full_at = full_at - $6 WHERE key = $5 AND (SELECT count(*) FROM network) >= 0 \
           RETURNING 1) \
         INSERT INTO attempts AS a (key, full_at, known_until) SELECT $1, {NOW} - $2, {NOW} + $7 \
           WHERE (SELECT count(*) FROM login) >= 0 \
         ON CONFLICT (key) DO UPDATE SET full_at = a.full_at - $2, known_until = excluded.known_until"
    );
    let SignInBuckets { pair, network, login } = of;
    let of_pair = if charged == SignInCharge::None { 0 } else { cost(pair) };
    let stranger = |bucket: AttemptBucket| (charged == SignInCharge::All).then(|| bucket.key.0.to_vec());
    let query = sqlx::query(AssertSqlSafe(sql)).bind(pair.key.0.to_vec()).bind(of_pair);
    let query = query.bind(stranger(network)).bind(cost(network));
    let query = query.bind(login.and_then(stranger)).bind(login.map_or(0, cost)).bind(micros(known_for));
    let answer = answered(query.execute(db.postgres()?)).await;
    db.checked(answer).map(drop)
}

/// Leaves out rows that an attempt has locked. A sweep that waits for no row cannot be part of a deadlock.
pub(crate) async fn sweep(db: &mut Db) -> sqlx::Result<()> {
    let sql = format!(
        "DELETE FROM attempts WHERE key IN (SELECT key FROM attempts \
           WHERE (full_at <= {NOW} OR full_at > {NOW} + {FAR}) AND known_until <= {NOW} LIMIT $1 FOR UPDATE SKIP LOCKED)"
    );
    let answer = answered(sqlx::query(AssertSqlSafe(sql)).bind(SWEPT).execute(db.postgres()?)).await;
    db.checked(answer).map(drop)
}
