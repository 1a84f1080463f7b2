//! Attempts that all nodes of a shared database count together. A data directory has one node, which counts in memory.

use std::time::Duration;

use crate::{
    model::{AttemptBucket, SignInBuckets, SignInCharge, SignInTaken},
    store::{error::StoreResult, handle::Store, postgres::attempts, sql::read_pool::ReadPool},
};

impl Store {
    fn counting(&self) -> &ReadPool {
        self.attempts.as_ref().unwrap_or(&self.read_pool)
    }

    /// Takes an attempt from a bucket; `false` if it is empty, which costs nothing.
    ///
    /// # Errors
    /// If the database fails, or is that of a data directory.
    pub async fn take_attempt(&self, from: AttemptBucket) -> StoreResult<bool> {
        Ok(attempts::take(&mut self.counting().acquire().await?, from).await?)
    }

    /// Gives an attempt back.
    ///
    /// # Errors
    /// As [`Store::take_attempt`].
    pub async fn refund_attempt(&self, of: AttemptBucket) -> StoreResult<()> {
        Ok(attempts::refund(&mut self.counting().acquire().await?, of).await?)
    }

    /// Takes an attempt to sign in: from the network, then from the login, then from both together, until one of them is
    /// empty. The last may be overdrawn by up to `longest`.
    ///
    /// # Errors
    /// As [`Store::take_attempt`].
    pub async fn take_sign_in(&self, from: SignInBuckets, longest: Duration) -> StoreResult<SignInTaken> {
        Ok(attempts::take_sign_in(&mut self.counting().acquire().await?, from, longest).await?)
    }

    /// Gives an attempt with the right password back, and marks the network as known for the login.
    ///
    /// # Errors
    /// As [`Store::take_attempt`].
    pub async fn refund_sign_in(
        &self,
        of: SignInBuckets,
        charged: SignInCharge,
        known_for: Duration,
    ) -> StoreResult<()> {
        Ok(attempts::refund_sign_in(&mut self.counting().acquire().await?, of, charged, known_for).await?)
    }

    /// Deletes the rows that count nothing any more.
    ///
    /// # Errors
    /// As [`Store::take_attempt`].
    pub async fn sweep_attempts(&self) -> StoreResult<()> {
        Ok(attempts::sweep(&mut self.counting().acquire().await?).await?)
    }
}
