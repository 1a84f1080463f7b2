//! Checks that charge a command to the user's budget.

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

use crate::messenger::{
    actor::Actor,
    budget::{CommandClass, Searching, lobby_class, room_class},
    inner::Messenger,
    policy::Result,
};
use protocol::{ids::UserId, lobby_socket::LobbyCommand, room_socket::RoomCommand};

impl Messenger {
    /// Charges a room command.
    ///
    /// # Errors
    /// [`Refusal::TooFast`].
    pub(super) fn admit_to_room(&self, actor: Actor, command: &RoomCommand) -> Result<()> {
        room_class(command).map_or(Ok(()), |class| self.spend(actor, class, 1.0))
    }

    /// Charges a lobby command.
    ///
    /// # Errors
    /// [`Refusal::TooFast`].
    pub(super) fn admit_to_lobby(&self, actor: Actor, command: &LobbyCommand) -> Result<()> {
        lobby_class(command).map_or(Ok(()), |class| self.spend(actor, class, 1.0))
    }

    /// Charges a post, an edit, a recall or a reaction.
    ///
    /// # Errors
    /// [`Refusal::TooFast`].
    pub(super) fn check_message_rate(&self, actor: Actor) -> Result<()> {
        self.0.rates.message(actor.user).inspect_err(|_| log_refusal(actor, "messages"))
    }

    pub(super) fn spend(&self, actor: Actor, class: CommandClass, units: f64) -> Result<()> {
        if self.has_no_budgets() {
            return Ok(());
        }
        let taken = self.0.budgets.lock().take(actor.user, class, units, self.rate_now());
        taken.inspect_err(|_| log_refusal(actor, class))
    }

    /// Charges a unit of this class.
    pub(super) fn take(&self, user: UserId, class: CommandClass) -> Result<()> {
        if self.has_no_budgets() {
            return Ok(());
        }
        self.0.budgets.lock().take(user, class, 1.0, self.rate_now())
    }

    /// Refunds a unit of [`Messenger::take`] that was not used.
    pub(super) fn refund(&self, user: UserId, class: CommandClass) {
        self.0.budgets.lock().refund(user, class);
    }

    /// How long until the user may spend a unit of this class.
    pub(super) fn wait_for(&self, user: UserId, class: CommandClass) -> Duration {
        if self.has_no_budgets() {
            return Duration::ZERO;
        }
        self.0.budgets.lock().wait(user, class, self.rate_now())
    }

    /// Charges a group with these members; the user's own membership is free.
    pub(super) fn spend_group(&self, actor: Actor, users: &[UserId]) -> Result<()> {
        self.spend(actor, CommandClass::Group, 1.0)?;
        self.spend_memberships(actor, users)
    }

    pub(super) fn spend_memberships(&self, actor: Actor, users: &[UserId]) -> Result<()> {
        if self.has_no_budgets() {
            return Ok(());
        }
        let others = users.iter().copied().filter(|user| *user != actor.user).collect();
        let taken = self.0.budgets.lock().take_memberships(actor.user, &others, self.rate_now());
        taken.inspect_err(|_| log_refusal(actor, CommandClass::Membership))
    }

    /// Whether the invited user gets an invitation event. Otherwise they find the room in their list.
    pub(super) fn may_notify_invitation(&self, by: UserId, to: UserId) -> bool {
        self.has_no_budgets() || self.0.budgets.lock().take_invitation(by, to, self.rate_now())
    }

    /// Begins a search, one at a time for each user, and charges its time; `None` if messages have no limit.
    pub(super) fn begin_search(&self, actor: Actor) -> Result<Option<Searching>> {
        if self.has_no_budgets() {
            return Ok(None);
        }
        let begun = self.0.budgets.begin_search(actor.user);
        begun.map(Some).inspect_err(|_| log_refusal(actor, CommandClass::Search))
    }

    /// The time by which the limits refill.
    pub(super) fn rate_now(&self) -> Instant {
        self.policy().rate_clock.now()
    }

    fn has_no_budgets(&self) -> bool {
        self.policy().messages_per_second == 0
    }
}

/// At the debug level, because a flooding client must not fill the log.
fn log_refusal(actor: Actor, limit: impl Debug) {
    tracing::debug!(user = %actor.user, via = ?actor.via, ?limit, "command over its limit");
}
