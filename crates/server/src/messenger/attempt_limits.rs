//! Whether an attempt may go on: counted in memory, or by all nodes of a shared database together.

use parking_lot::MutexGuard;

use crate::{
    messenger::{
        attempts::{Attempt, AttemptVerdict, Attempts},
        hashing::HashPriority,
        inner::Messenger,
        policy::Result,
        shared_attempts::{of_device, of_password, of_registration},
    },
    network::Network,
};
use protocol::ids::UserId;

impl Messenger {
    /// Counts an attempt to sign in, before its password is verified.
    ///
    /// # Errors
    /// If the shared database fails.
    pub(super) async fn attempt_to_sign_in(&self, of: Attempt<'_>) -> Result<AttemptVerdict> {
        let limit = self.sign_ins_per_minute();
        if !self.counts_together() {
            return Ok(self.attempts().sign_in(of, limit, self.rate_now()));
        }
        let Some(device) = of.device else { return self.shared_stranger(of).await };
        let may = self.0.store.take_attempt(of_device(device, limit)).await?;
        let known = HashPriority::Known(of.network);
        Ok(if may { AttemptVerdict::Now(known) } else { AttemptVerdict::Refused })
    }

    /// Refunds an attempt with the right password, and marks the network as known for this login.
    pub(super) async fn attempt_succeeded(&self, of: Attempt<'_>, priority: HashPriority) {
        if !self.counts_together() {
            return self.attempts().succeeded(of, priority, self.sign_ins_per_minute(), self.rate_now());
        }
        // Its owner is in; what is not refunded is free again within a minute.
        if let Err(refusal) = self.shared_success(of, priority).await {
            tracing::warn!(?refusal, "an attempt with the right password still counts");
        }
    }

    /// Counts an attempt to register.
    ///
    /// # Errors
    /// If the shared database fails.
    pub(super) async fn may_register(&self, network: Network) -> Result<bool> {
        let limit = self.sign_ins_per_minute();
        if self.counts_together() {
            return Ok(self.0.store.take_attempt(of_registration(network, limit)).await?);
        }
        Ok(self.attempts().registration(network, limit, self.rate_now()))
    }

    /// Counts an attempt of a signed-in user to confirm their password, in order to change it.
    ///
    /// # Errors
    /// If the shared database fails.
    pub(super) async fn may_confirm_password(&self, user: UserId) -> Result<bool> {
        let limit = self.sign_ins_per_minute();
        if self.counts_together() {
            return Ok(self.0.store.take_attempt(of_password(user, limit)).await?);
        }
        Ok(self.attempts().password(user, limit, self.rate_now()))
    }

    /// Deletes what a shared database counts no more.
    ///
    /// # Errors
    /// If it fails.
    pub(super) async fn sweep_attempts(&self) -> Result<()> {
        if self.counts_together() { Ok(self.0.store.sweep_attempts().await?) } else { Ok(()) }
    }

    /// Whether other nodes count, too.
    fn counts_together(&self) -> bool {
        self.0.store.is_shared() && self.sign_ins_per_minute() > 0
    }

    pub(super) fn sign_ins_per_minute(&self) -> u32 {
        self.policy().sign_ins_per_minute
    }

    pub(super) fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.0.attempts.lock()
    }
}
