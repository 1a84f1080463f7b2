//! A statement that either engine runs: its text, its parameters and the type of its rows. Statements that read alike
//! on both engines are one text with `$n` placeholders; the others name two.

use std::{borrow::Cow, marker::PhantomData};

use sqlx::{
    Arguments, FromRow,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};
use uuid::Uuid;

use crate::store::{postgres::connection::answered_if, sql::db::Db};

/// The text of a statement for each engine.
#[derive(Clone, Copy)]
pub(crate) struct Sql {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

impl From<&'static str> for Sql {
    fn from(both: &'static str) -> Self {
        Self { sqlite: both, postgres: both }
    }
}

/// A parameter.
pub(crate) enum Parameter<'p> {
    Integer(Option<i64>),
    Boolean(bool),
    Text(Option<Cow<'p, str>>),
    Bytes(Option<Cow<'p, [u8]>>),
    Id(Option<Uuid>),
}

impl Parameter<'_> {
    fn add_to_sqlite(self, to: &mut SqliteArguments) -> Result<(), sqlx::error::BoxDynError> {
        match self {
            Self::Integer(number) => Arguments::add(to, number),
            Self::Boolean(flag) => Arguments::add(to, flag),
            Self::Text(text) => Arguments::add(to, text),
            Self::Bytes(bytes) => Arguments::add(to, bytes.map(Cow::into_owned)),
            Self::Id(id) => Arguments::add(to, id),
        }
    }

    fn add_to_postgres(self, to: &mut PgArguments) -> Result<(), sqlx::error::BoxDynError> {
        match self {
            Self::Integer(number) => to.add(number),
            Self::Boolean(flag) => to.add(flag),
            Self::Text(text) => to.add(text),
            Self::Bytes(bytes) => to.add(bytes.map(Cow::into_owned)),
            Self::Id(id) => to.add(id),
        }
    }
}

macro_rules! parameters {
    ($($from:ty => $value:ident $make:expr;)+) => {
        $(impl<'p> From<$from> for Parameter<'p> {
            fn from(value: $from) -> Self {
                let make: fn($from) -> _ = $make;
                Self::$value(make(value))
            }
        })+
    };
}

parameters! {
    i64 => Integer Some;
    Option<i64> => Integer |number| number;
    u32 => Integer |number| Some(number.into());
    Option<u32> => Integer |number| number.map(i64::from);
    bool => Boolean |flag| flag;
    &'p str => Text |text| Some(text.into());
    &'p String => Text |text| Some(text.as_str().into());
    String => Text |text| Some(text.into());
    Option<&'p str> => Text |text| text.map(Cow::from);
    Option<&'p String> => Text |text| text.map(|text| text.as_str().into());
    Option<String> => Text |text| text.map(Cow::from);
    Vec<u8> => Bytes |bytes| Some(bytes.into());
    Option<Vec<u8>> => Bytes |bytes| bytes.map(Cow::from);
    Uuid => Id Some;
    Option<Uuid> => Id |id| id;
}

/// A statement with its parameters.
pub(crate) struct Statement<'p> {
    sql: Sql,
    parameters: Vec<Parameter<'p>>,
}

pub(crate) fn query<'p>(sql: impl Into<Sql>) -> Statement<'p> {
    Statement { sql: sql.into(), parameters: Vec::with_capacity(8) }
}

impl<'p> Statement<'p> {
    pub(crate) fn bind(mut self, parameter: impl Into<Parameter<'p>>) -> Self {
        self.parameters.push(parameter.into());
        self
    }

    fn for_sqlite(self) -> sqlx::Result<(&'static str, SqliteArguments)> {
        let mut arguments = SqliteArguments::default();
        for parameter in self.parameters {
            parameter.add_to_sqlite(&mut arguments).map_err(sqlx::Error::Encode)?;
        }
        Ok((self.sql.sqlite, arguments))
    }

    fn for_postgres(self) -> sqlx::Result<(&'static str, PgArguments)> {
        let mut arguments = PgArguments::default();
        for parameter in self.parameters {
            parameter.add_to_postgres(&mut arguments).map_err(sqlx::Error::Encode)?;
        }
        Ok((self.sql.postgres, arguments))
    }

    /// Runs the statement. Returns how many rows it changed.
    pub(crate) async fn execute(self, db: &mut Db) -> sqlx::Result<u64> {
        match db {
            Db::Sqlite(link) => {
                let (sql, arguments) = self.for_sqlite()?;
                Ok(sqlx::query_with(sql, arguments).execute(link.connection()).await?.rows_affected())
            }
            Db::Postgres(link, _) => {
                let (sql, arguments) = self.for_postgres()?;
                let (query, is_pooled) = (sqlx::query_with(sql, arguments), link.is_pooled());
                let answer = answered_if(is_pooled, query.execute(link.connection())).await;
                Ok(link.checked(answer)?.rows_affected())
            }
        }
    }
}

/// A row that both engines give.
pub(crate) trait EngineRow: Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> {}

impl<T> EngineRow for T where T: Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> {}

/// A statement that yields rows.
pub(crate) struct RowStatement<'p, T> {
    statement: Statement<'p>,
    row: PhantomData<fn() -> T>,
}

pub(crate) fn query_as<'p, T: EngineRow>(sql: impl Into<Sql>) -> RowStatement<'p, T> {
    RowStatement { statement: query(sql), row: PhantomData }
}

impl<'p, T: EngineRow> RowStatement<'p, T> {
    pub(crate) fn bind(mut self, parameter: impl Into<Parameter<'p>>) -> Self {
        self.statement = self.statement.bind(parameter);
        self
    }

    pub(crate) async fn fetch_all(self, db: &mut Db) -> sqlx::Result<Vec<T>> {
        match db {
            Db::Sqlite(link) => {
                let (sql, arguments) = self.statement.for_sqlite()?;
                sqlx::query_as_with(sql, arguments).fetch_all(link.connection()).await
            }
            Db::Postgres(link, _) => {
                let (sql, arguments) = self.statement.for_postgres()?;
                let (query, is_pooled) = (sqlx::query_as_with(sql, arguments), link.is_pooled());
                let answer = answered_if(is_pooled, query.fetch_all(link.connection())).await;
                link.checked(answer)
            }
        }
    }

    pub(crate) async fn fetch_optional(self, db: &mut Db) -> sqlx::Result<Option<T>> {
        match db {
            Db::Sqlite(link) => {
                let (sql, arguments) = self.statement.for_sqlite()?;
                sqlx::query_as_with(sql, arguments).fetch_optional(link.connection()).await
            }
            Db::Postgres(link, _) => {
                let (sql, arguments) = self.statement.for_postgres()?;
                let (query, is_pooled) = (sqlx::query_as_with(sql, arguments), link.is_pooled());
                let answer = answered_if(is_pooled, query.fetch_optional(link.connection())).await;
                link.checked(answer)
            }
        }
    }

    pub(crate) async fn fetch_one(self, db: &mut Db) -> sqlx::Result<T> {
        self.fetch_optional(db).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

/// A statement that yields rows of one column.
pub(crate) struct ScalarStatement<'p, T>(RowStatement<'p, (T,)>);

pub(crate) fn query_scalar<'p, T>(sql: impl Into<Sql>) -> ScalarStatement<'p, T>
where
    (T,): EngineRow,
{
    ScalarStatement(query_as(sql))
}

impl<'p, T> ScalarStatement<'p, T>
where
    (T,): EngineRow,
{
    pub(crate) fn bind(self, parameter: impl Into<Parameter<'p>>) -> Self {
        Self(self.0.bind(parameter))
    }

    pub(crate) async fn fetch_all(self, db: &mut Db) -> sqlx::Result<Vec<T>> {
        Ok(self.0.fetch_all(db).await?.into_iter().map(|(value,)| value).collect())
    }

    pub(crate) async fn fetch_optional(self, db: &mut Db) -> sqlx::Result<Option<T>> {
        Ok(self.0.fetch_optional(db).await?.map(|(value,)| value))
    }

    pub(crate) async fn fetch_one(self, db: &mut Db) -> sqlx::Result<T> {
        Ok(self.0.fetch_one(db).await?.0)
    }
}
