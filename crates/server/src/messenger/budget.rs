//! Rate limits of commands, for each user over all their sockets. A command over budget is refused with `too_fast`.
//! Messages have their own limit (`messages_per_second`); when that is 0, nothing here is limited either.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{Mutex, MutexGuard};

use crate::messenger::{policy::Result, rate_clock::RateClock};
use protocol::{error::Refusal, ids::UserId, lobby_socket::LobbyCommand, room_socket::RoomCommand};

/// Commands of the same cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum CommandClass {
    /// A frame that windows send by themselves: read marks, typing, pings.
    Signal,
    /// A page of the history: messages or files.
    History,
    /// A whole list (all users, the members of a room, the rooms for a forward), or a page of HTML.
    WholeListOrPage,
    /// A page of the directory of a large organisation, or what a window watches.
    DirectoryPage,
    /// A search of the directory.
    DirectorySearch,
    /// A search, in milliseconds of a read connection of the store.
    Search,
    /// The user's own status: broadcast to all main windows.
    Status,
    /// The user's own name: broadcast to all windows.
    Name,
    /// The user's own state: favourites, bookmarks, settings, pinned, muted and hidden rooms; the end of a membership.
    Personal,
    /// Pinning in a room: all its windows receive all pinned messages.
    Pin,
    /// A message with `@모두`.
    MentionAll,
    /// A message that asks for confirmations.
    AskConfirmation,
    /// A copy of a message in another room.
    Forward,
    /// A direct room.
    Open,
    /// A group.
    Group,
    /// A membership of another user.
    Membership,
    /// A new upload.
    Upload,
    /// A transfer of an upload's bytes, which is synced to the disk, or a question for the upload's offset.
    Transfer,
    /// A file or its preview.
    Download,
}

/// A burst in units, and the rate at which it refills.
#[derive(Clone, Copy, Debug)]
struct Limit {
    burst: f64,
    per_second: f64,
}

impl CommandClass {
    fn limit(self) -> Limit {
        let (burst, per_second) = match self {
            Self::Signal => (300.0, 50.0),
            Self::History => (60.0, 15.0),
            Self::WholeListOrPage => (30.0, 1.0),
            Self::DirectoryPage => (100.0, 10.0),
            Self::DirectorySearch => (60.0, 8.0),
            Self::Search => (3_000.0, 200.0),
            Self::Status | Self::Pin => (20.0, 0.2),
            Self::Name => (5.0, 0.05),
            Self::Personal => (40.0, 2.0),
            // Five at once, then one in two minutes.
            Self::MentionAll => (5.0, 1.0 / 120.0),
            Self::AskConfirmation => (20.0, 1.0 / 15.0),
            Self::Forward => (300.0, 1.0),
            Self::Open => (20.0, 1.0),
            Self::Group => (10.0, 0.05),
            Self::Membership => (2_500.0, 20.0),
            Self::Upload => (200.0, 2.0),
            Self::Transfer => (400.0, 40.0),
            Self::Download => (1_000.0, 100.0),
        };
        Limit { burst, per_second }
    }
}

/// Groups that one user adds the same other user to.
const GROUPS_FOR_ONE: Limit = Limit { burst: 10.0, per_second: 1.0 / 600.0 };
/// Invitation events from one user to another: the original's client opens a window for each.
const INVITATION_EVENTS: Limit = Limit { burst: 3.0, per_second: 1.0 / 20.0 };
/// Invitation events from all others to one user.
const INVITATION_EVENTS_TO_ONE: Limit = Limit { burst: 20.0, per_second: 0.5 };
/// The minimum charge of a search, in milliseconds.
const MIN_SEARCH_CHARGE: f64 = 20.0;
/// How often meters with a full budget are evicted.
const SWEEP: Duration = Duration::from_secs(60);

/// GCRA (ITU-T I.371) by key: for each, the time at which the whole budget is available again. Unlike `governor` it can
/// charge after the fact and beyond the budget, which a search needs: its cost is known when it is over.
struct Meters<K> {
    full_at: HashMap<K, Instant>,
    swept_at: Instant,
}

impl<K> Default for Meters<K> {
    fn default() -> Self {
        Self { full_at: HashMap::new(), swept_at: Instant::now() }
    }
}

impl<K: Eq + Hash> Meters<K> {
    /// How long until the budget has this many units.
    fn wait(&self, key: &K, units: f64, limit: Limit, now: Instant) -> Duration {
        let used = self.full_at.get(key).map_or(Duration::ZERO, |full_at| full_at.saturating_duration_since(now));
        let missing = used.as_secs_f64() * limit.per_second + units - limit.burst;
        // A thousandth of a unit absorbs rounding.
        if missing <= 1e-3 { Duration::ZERO } else { Duration::from_secs_f64(missing / limit.per_second) }
    }

    fn has(&self, key: &K, units: f64, limit: Limit, now: Instant) -> bool {
        self.wait(key, units, limit, now).is_zero()
    }

    /// Charges units, also beyond the budget.
    fn charge(&mut self, key: K, units: f64, limit: Limit, now: Instant) {
        if now.saturating_duration_since(self.swept_at) >= SWEEP {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.swept_at = now;
        }
        let full_at = self.full_at.entry(key).or_insert(now);
        *full_at = (*full_at).max(now) + Duration::from_secs_f64(units / limit.per_second);
    }

    /// Refunds units.
    fn refund(&mut self, key: &K, units: f64, limit: Limit) {
        if let Some(full_at) = self.full_at.get_mut(key) {
            *full_at = full_at.checked_sub(Duration::from_secs_f64(units / limit.per_second)).unwrap_or(*full_at);
        }
    }

    fn take(&mut self, key: K, units: f64, limit: Limit, now: Instant) -> bool {
        let has = self.has(&key, units, limit, now);
        if has {
            self.charge(key, units, limit, now);
        }
        has
    }
}

#[derive(Default)]
pub(super) struct BudgetState {
    people: Meters<(UserId, CommandClass)>,
    /// By the user who invites and the invited user.
    groups: Meters<(UserId, UserId)>,
    /// By the user who invites and the invited user.
    invitations: Meters<(UserId, UserId)>,
    invited: Meters<UserId>,
    /// Users with a search in progress.
    searching: HashSet<UserId>,
}

impl BudgetState {
    pub(super) fn take(&mut self, me: UserId, class: CommandClass, units: f64, now: Instant) -> Result<()> {
        if self.people.take((me, class), units, class.limit(), now) { Ok(()) } else { Err(Refusal::TooFast) }
    }

    /// How long until the user may spend a unit of this class.
    pub(super) fn wait(&self, me: UserId, class: CommandClass, now: Instant) -> Duration {
        self.people.wait(&(me, class), 1.0, class.limit(), now)
    }

    /// Refunds a unit that was not used.
    pub(super) fn refund(&mut self, me: UserId, class: CommandClass) {
        self.people.refund(&(me, class), 1.0, class.limit());
    }

    /// Charges a membership for each of these users, or nothing at all.
    pub(super) fn take_memberships(&mut self, me: UserId, others: &HashSet<UserId>, now: Instant) -> Result<()> {
        let is_within = |user: &UserId| self.groups.has(&(me, *user), 1.0, GROUPS_FOR_ONE, now);
        if !others.iter().all(is_within) {
            return Err(Refusal::TooFast);
        }
        self.take(me, CommandClass::Membership, others.len() as f64, now)?;
        others.iter().for_each(|user| self.groups.charge((me, *user), 1.0, GROUPS_FOR_ONE, now));
        Ok(())
    }

    pub(super) fn take_invitation(&mut self, by: UserId, to: UserId, now: Instant) -> bool {
        self.invitations.take((by, to), 1.0, INVITATION_EVENTS, now)
            && self.invited.take(to, 1.0, INVITATION_EVENTS_TO_ONE, now)
    }
}

#[derive(Clone)]
pub(super) struct Budgets {
    state: Arc<Mutex<BudgetState>>,
    clock: RateClock,
}

impl Budgets {
    pub(super) fn new(clock: RateClock) -> Self {
        Self { state: Arc::default(), clock }
    }

    /// Begins a search, one at a time for each user, and charges the time it takes.
    ///
    /// # Errors
    /// [`Refusal::TooFast`] when another search is in progress or the budget is spent.
    pub(super) fn begin_search(&self, user: UserId) -> Result<Searching> {
        let (mut state, limit, now) = (self.lock(), CommandClass::Search.limit(), self.clock.now());
        let has_time = state.people.has(&(user, CommandClass::Search), MIN_SEARCH_CHARGE, limit, now);
        if !has_time || !state.searching.insert(user) {
            return Err(Refusal::TooFast);
        }
        Ok(Searching { budgets: self.clone(), user, begun: Instant::now() })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, BudgetState> {
        self.state.lock()
    }
}

/// The class of a room command; `None` if it is charged elsewhere.
pub(super) fn room_class(command: &RoomCommand) -> Option<CommandClass> {
    match command {
        // Charged by the message rate.
        RoomCommand::Post(_)
        | RoomCommand::Edit { .. }
        | RoomCommand::Recall { .. }
        | RoomCommand::React { .. }
        | RoomCommand::Confirm { .. }
        | RoomCommand::Schedule(_)
        | RoomCommand::Reschedule(_)
        | RoomCommand::SendScheduled { .. }
        | RoomCommand::Rename { .. } => None,
        // Charged for each membership, and for the time of the search.
        RoomCommand::Invite { .. } | RoomCommand::Search { .. } => None,
        RoomCommand::Read { .. } | RoomCommand::Typing | RoomCommand::Ping => Some(CommandClass::Signal),
        RoomCommand::Earlier { .. }
        | RoomCommand::Later { .. }
        | RoomCommand::Around { .. }
        | RoomCommand::AroundTime { .. }
        | RoomCommand::Files { .. }
        // Each copy is charged, too, once the missing copies are known.
        | RoomCommand::Forward(_) => Some(CommandClass::History),
        RoomCommand::FindPeople { .. } => Some(CommandClass::DirectorySearch),
        RoomCommand::People | RoomCommand::Targets | RoomCommand::Members => Some(CommandClass::WholeListOrPage),
        RoomCommand::Announce { .. } | RoomCommand::PinMessage { .. } | RoomCommand::LimitPins { .. } => {
            Some(CommandClass::Pin)
        }
        RoomCommand::Bookmark { .. }
        | RoomCommand::Unschedule { .. }
        | RoomCommand::Mute { .. }
        | RoomCommand::Hide
        | RoomCommand::Leave
        | RoomCommand::Remove { .. } => Some(CommandClass::Personal),
    }
}

/// The class of a lobby command; `None` if it is charged elsewhere.
pub(super) fn lobby_class(command: &LobbyCommand) -> Option<CommandClass> {
    match command {
        // Charged as direct rooms, memberships, messages and searches.
        LobbyCommand::OpenDirect { .. }
        | LobbyCommand::OpenGroup { .. }
        | LobbyCommand::Deliver { .. }
        | LobbyCommand::Search { .. } => None,
        LobbyCommand::Watch { .. } | LobbyCommand::Department { .. } | LobbyCommand::People { .. } => {
            Some(CommandClass::DirectoryPage)
        }
        LobbyCommand::FindPeople { .. } => Some(CommandClass::DirectorySearch),
        LobbyCommand::Collect { .. } => Some(CommandClass::History),
        LobbyCommand::Bookmark { .. }
        | LobbyCommand::Unschedule { .. }
        | LobbyCommand::Favour { .. }
        | LobbyCommand::Pin { .. }
        | LobbyCommand::Mute { .. }
        | LobbyCommand::Hide { .. } => Some(CommandClass::Personal),
        LobbyCommand::Status { .. } | LobbyCommand::Absence { .. } | LobbyCommand::Idle { .. } => {
            Some(CommandClass::Status)
        }
        LobbyCommand::Ping => Some(CommandClass::Signal),
    }
}

/// A search in progress. Dropping it charges its time, also when the search is cancelled.
pub(super) struct Searching {
    budgets: Budgets,
    user: UserId,
    begun: Instant,
}

impl Searching {
    /// Restarts the clock, because the time until now was not the search's.
    pub(super) fn starts_now(&mut self) {
        self.begun = Instant::now();
    }
}

impl Drop for Searching {
    fn drop(&mut self) {
        let took = self.begun.elapsed().as_secs_f64() * 1e3;
        let (mut state, now) = (self.budgets.lock(), self.budgets.clock.now());
        state.searching.remove(&self.user);
        state.people.charge(
            (self.user, CommandClass::Search),
            took.max(MIN_SEARCH_CHARGE),
            CommandClass::Search.limit(),
            now,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_then_the_rate_for_each_user_and_class() {
        let (mut state, me, other, now) = (BudgetState::default(), UserId::new(), UserId::new(), Instant::now());
        let taken = |state: &mut BudgetState, user, now| {
            (0..1_000).filter(|_| state.take(user, CommandClass::History, 1.0, now).is_ok()).count()
        };
        assert_eq!(taken(&mut state, me, now), 60);
        assert_eq!(taken(&mut state, me, now + SECOND), 15);
        assert_eq!(taken(&mut state, other, now), 60);
        assert!(state.take(me, CommandClass::Personal, 1.0, now).is_ok(), "classes are independent");
        assert_eq!(taken(&mut state, me, now + 60 * SECOND), 60, "at most a burst accumulates");
    }

    #[test]
    fn an_overdrawn_budget_refills_before_the_next_command() {
        let (mut state, me, now) = (BudgetState::default(), UserId::new(), Instant::now());
        state.people.charge((me, CommandClass::Search), 5_000.0, CommandClass::Search.limit(), now);
        assert!(state.take(me, CommandClass::Search, MIN_SEARCH_CHARGE, now + 10 * SECOND).is_err());
        assert!(state.take(me, CommandClass::Search, MIN_SEARCH_CHARGE, now + 11 * SECOND).is_ok());
    }

    #[test]
    fn what_was_refunded_can_be_spent_and_the_wait_is_until_the_next_unit() {
        let (mut state, me, now) = (BudgetState::default(), UserId::new(), Instant::now());
        let take = |state: &mut BudgetState, now| state.take(me, CommandClass::MentionAll, 1.0, now).is_ok();
        for _ in 0..20 {
            assert!(state.wait(me, CommandClass::MentionAll, now).is_zero() && take(&mut state, now));
            state.refund(me, CommandClass::MentionAll);
        }
        assert_eq!((0..20).filter(|_| take(&mut state, now)).count(), 5);
        let wait = state.wait(me, CommandClass::MentionAll, now);
        assert!(wait > 119 * SECOND && !take(&mut state, now) && take(&mut state, now + wait), "{wait:?}");
    }

    #[test]
    fn one_user_adds_another_to_a_limited_number_of_groups() {
        let (mut state, me, now) = (BudgetState::default(), UserId::new(), Instant::now());
        let (victim, crowd) = (UserId::new(), (0..999).map(|_| UserId::new()).collect::<HashSet<_>>());
        let groups = (0..100).filter(|_| state.take_memberships(me, &[victim].into(), now).is_ok()).count();
        assert_eq!(groups, 10);
        assert!(state.take_memberships(me, &crowd, now).is_ok() && state.take_memberships(me, &crowd, now).is_ok());
        assert!(state.take_memberships(me, &crowd, now).is_err());
        assert!(state.take_memberships(UserId::new(), &[victim].into(), now).is_ok(), "another user may");
        assert!(state.take_memberships(me, &[victim].into(), now + 601 * SECOND).is_ok());
    }

    #[test]
    fn invitation_events_are_limited() {
        let (mut state, me, other, now) = (BudgetState::default(), UserId::new(), UserId::new(), Instant::now());
        assert_eq!((0..200).filter(|_| state.take_invitation(me, other, now)).count(), 3);
        assert_eq!((0..200).filter(|_| state.take_invitation(UserId::new(), other, now)).count(), 17);
        assert!(state.take_invitation(me, UserId::new(), now));
    }

    #[test]
    fn full_meters_are_evicted() {
        let (mut meters, now, limit) = (Meters::<UserId>::default(), Instant::now(), CommandClass::History.limit());
        for second in 0..1_000 {
            assert!(meters.take(UserId::new(), 1.0, limit, now + second * SECOND));
        }
        assert!(meters.full_at.len() <= 61, "{}", meters.full_at.len());
    }
}
