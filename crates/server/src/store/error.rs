//! Why a store method failed.

use protocol::error::Refusal;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum StoreError {
    /// A rule forbids it.
    #[error("refused: {}", code(*.0))]
    Refused(Refusal),
    /// The database engine failed: a full disk, a damaged file.
    #[error("the database failed: {0}")]
    Database(#[source] sqlx::Error),
}

pub type StoreResult<T> = Result<T, StoreError>;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Refusal {
    /// The caller's answer. The engine's own words go to the log only.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal,
            // A call after the store was closed is not a failure.
            StoreError::Database(sqlx::Error::PoolClosed) => Self::Unavailable,
            StoreError::Database(error) => {
                tracing::error!(%error, "the database failed");
                Self::Unavailable
            }
        }
    }
}

/// The code of the protocol, as `too_fast`.
fn code(refusal: Refusal) -> String {
    // An enum without fields: serde_json cannot refuse it.
    serde_json::to_string(&refusal).unwrap_or_default().trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn an_error_names_its_code_or_its_source() {
        let refused = StoreError::from(Refusal::TooFast);
        assert_eq!(refused.to_string(), "refused: too_fast");
        assert!(refused.source().is_none());
        let failed = StoreError::from(sqlx::Error::PoolTimedOut);
        assert!(failed.source().is_some_and(|source| failed.to_string().ends_with(&source.to_string())));
    }
}
