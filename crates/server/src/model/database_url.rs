//! The address of a shared database.

use std::{
    borrow::Cow,
    convert::Infallible,
    fmt::{self, Debug, Formatter},
    str::FromStr,
};

/// The URL of a PostgreSQL database. It may have a password, so nothing prints it whole.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

/// Every text is accepted: an error of a parser of arguments would repeat it. The store says what is wrong.
impl FromStr for DatabaseUrl {
    type Err = Infallible;

    fn from_str(url: &str) -> Result<Self, Infallible> {
        Ok(Self(url.to_owned()))
    }
}

impl DatabaseUrl {
    /// The URL with its password, for the connection alone.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// Names and values of its parameters, for the connection alone.
    pub fn parameters(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        let rest = self.0.split_once('?').map_or("", |(_, rest)| rest);
        let parameters = rest.split('#').next().unwrap_or_default();
        form_urlencoded::parse(parameters.as_bytes())
    }

    /// The URL without user, password and parameters, as operators see it; `postgres://…` if the ends of
    /// these are not clear.
    pub fn redacted(&self) -> String {
        format!("postgres://{}", self.visible().unwrap_or("…"))
    }

    fn visible(&self) -> Option<&str> {
        let (_, rest) = self.0.split_once("://")?;
        let (rest, parameters) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
        let shown = rest.split_once('@').map_or(rest, |(_, shown)| shown);
        let authority = shown.split('/').next().unwrap_or_default();
        let port = authority.rsplit_once(':').filter(|_| !authority.ends_with(']')).map_or("", |(_, port)| port);
        let is_clear = !shown.contains('@') && !parameters.contains('@') && port.chars().all(|c| c.is_ascii_digit());
        is_clear.then_some(shown)
    }
}

impl Debug for DatabaseUrl {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.write_str(&self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password() {
        for (url, shown) in [
            ("postgres://daehwa:password@db:5432/chat?password=secret", "postgres://db:5432/chat"),
            ("postgresql://db/chat", "postgres://db/chat"),
            ("postgres:///chat?host=/run/postgresql&password=x", "postgres:///chat"),
            ("postgres://daehwa@%2Frun%2Fpostgresql/chat", "postgres://%2Frun%2Fpostgresql/chat"),
            ("postgres://daehwa:secret@[::1]:5432/chat", "postgres://[::1]:5432/chat"),
            ("postgres://daehwa:pass@word@db/chat", "postgres://…"),
            ("postgres://daehwa:pass?word@db/chat", "postgres://…"),
            ("postgres://daehwa:password/chat", "postgres://…"),
            ("password", "postgres://…"),
        ] {
            let url: DatabaseUrl = url.parse().unwrap();
            assert_eq!((url.redacted(), format!("{url:?}")), (shown.to_owned(), shown.to_owned()));
        }
    }
}
