//! What each command costs, and how much of it one person may ask for: over all their sockets, and at nobody else's
//! expense. Over budget a command is refused with `too_fast`. Messages have their own rate (`messages_per_second`);
//! when that is 0, nothing here is limited either.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    protocol::{chat::ChatCommand, error::Refusal, ids::UserId, lobby::LobbyCommand},
    server::messenger::{Messenger, Result},
};

/// What a command costs the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// A frame or a mark of one's own, which windows send by themselves.
    Signal,
    /// A page of messages.
    Read,
    /// Everybody with an account in one frame, or a whole page of HTML.
    Directory,
    /// Milliseconds of a reader of the store.
    Search,
    /// How everybody sees me: told to all main windows.
    Announce,
    /// My name: told to all windows, and labels are computed again.
    Name,
    /// My own list: a favourite, a pin, muted, hidden.
    Setting,
    /// The conversation of two people.
    Open,
    /// A group.
    Group,
    /// A membership that somebody gets.
    Membership,
}

/// So many units at once, and so many a second from then on.
#[derive(Clone, Copy, Debug)]
struct Limit {
    burst: f64,
    per_second: f64,
}

impl Class {
    fn limit(self) -> Limit {
        let (burst, per_second) = match self {
            Self::Signal => (300.0, 50.0),
            Self::Read => (60.0, 15.0),
            Self::Directory => (30.0, 1.0),
            Self::Search => (3_000.0, 200.0),
            Self::Announce => (20.0, 0.2),
            Self::Name => (5.0, 0.05),
            Self::Setting => (40.0, 2.0),
            Self::Open => (20.0, 1.0),
            Self::Group => (10.0, 0.05),
            Self::Membership => (2_500.0, 20.0),
        };
        Limit { burst, per_second }
    }
}

/// Groups that one person may bring the same other into.
const GROUPS_FOR_ONE: Limit = Limit { burst: 10.0, per_second: 1.0 / 600.0 };
/// Invitations of one person that the same other hears of: a client of the original opens a window for each.
const CALLS: Limit = Limit { burst: 3.0, per_second: 1.0 / 20.0 };
/// Invitations of all others together that one person hears of.
const CALLS_TO_ONE: Limit = Limit { burst: 20.0, per_second: 0.5 };
/// What a search is charged at least, ms.
const SEARCH_LEAST: f64 = 20.0;
/// How often meters of those who have their whole budget again are thrown out.
const SWEEP: Duration = Duration::from_secs(60);

/// Meters by key, each the moment at which the whole budget is there again (GCRA, ITU-T I.371).
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
    fn has(&self, key: &K, units: f64, limit: Limit, now: Instant) -> bool {
        let used = self.full_at.get(key).map_or(Duration::ZERO, |full_at| full_at.saturating_duration_since(now));
        // Less than a thousandth of a unit is rounding.
        used.as_secs_f64() * limit.per_second + units <= limit.burst + 1e-3
    }

    /// Charges, whether or not it is there.
    fn charge(&mut self, key: K, units: f64, limit: Limit, now: Instant) {
        if now.saturating_duration_since(self.swept_at) >= SWEEP {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.swept_at = now;
        }
        let full_at = self.full_at.entry(key).or_insert(now);
        *full_at = (*full_at).max(now) + Duration::from_secs_f64(units / limit.per_second);
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
struct State {
    people: Meters<(UserId, Class)>,
    /// Who brings whom into groups.
    groups: Meters<(UserId, UserId)>,
    /// Who calls whom.
    calls: Meters<(UserId, UserId)>,
    called: Meters<UserId>,
    /// Whose search is under way.
    searching: HashSet<UserId>,
}

impl State {
    fn take(&mut self, me: UserId, class: Class, units: f64, now: Instant) -> Result<()> {
        if self.people.take((me, class), units, class.limit(), now) { Ok(()) } else { Err(Refusal::TooFast) }
    }

    /// A place in one group for each of these others: all or none.
    fn take_memberships(&mut self, me: UserId, others: &HashSet<UserId>, now: Instant) -> Result<()> {
        let is_within = |user: &UserId| self.groups.has(&(me, *user), 1.0, GROUPS_FOR_ONE, now);
        if !others.iter().all(is_within) {
            return Err(Refusal::TooFast);
        }
        self.take(me, Class::Membership, others.len() as f64, now)?;
        others.iter().for_each(|user| self.groups.charge((me, *user), 1.0, GROUPS_FOR_ONE, now));
        Ok(())
    }

    fn take_call(&mut self, by: UserId, to: UserId, now: Instant) -> bool {
        self.calls.take((by, to), 1.0, CALLS, now) && self.called.take(to, 1.0, CALLS_TO_ONE, now)
    }
}

#[derive(Default)]
pub(super) struct Budgets(Mutex<State>);

impl Budgets {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a command in a conversation is charged here; none: it is charged where it is carried out.
fn chat_class(command: &ChatCommand) -> Option<Class> {
    match command {
        // With the messages.
        ChatCommand::Post { .. }
        | ChatCommand::Edit { .. }
        | ChatCommand::Recall { .. }
        | ChatCommand::React { .. }
        | ChatCommand::Rename { .. } => None,
        // With the memberships.
        ChatCommand::Invite { .. } => None,
        ChatCommand::Read { .. } | ChatCommand::Typing | ChatCommand::Ping => Some(Class::Signal),
        ChatCommand::Earlier { .. }
        | ChatCommand::Later { .. }
        | ChatCommand::Around { .. }
        | ChatCommand::AroundTime { .. } => Some(Class::Read),
        ChatCommand::People => Some(Class::Directory),
        ChatCommand::Mute { .. } | ChatCommand::Hide | ChatCommand::Leave => Some(Class::Setting),
    }
}

/// The same for the main window.
fn lobby_class(command: &LobbyCommand) -> Option<Class> {
    match command {
        // With conversations of two, memberships, messages and searches.
        LobbyCommand::OpenDirect { .. }
        | LobbyCommand::OpenGroup { .. }
        | LobbyCommand::Deliver { .. }
        | LobbyCommand::Search { .. } => None,
        LobbyCommand::Favour { .. } | LobbyCommand::Pin { .. } => Some(Class::Setting),
        LobbyCommand::Status { .. } | LobbyCommand::Idle { .. } => Some(Class::Announce),
        LobbyCommand::Ping => Some(Class::Signal),
    }
}

impl Messenger {
    /// Whether a person may give this command in a conversation now.
    ///
    /// # Errors
    /// [`Refusal::TooFast`].
    pub fn admit_to_chat(&self, me: UserId, command: &ChatCommand) -> Result<()> {
        chat_class(command).map_or(Ok(()), |class| self.spend(me, class, 1.0))
    }

    /// Whether a person may give this command in their main window now.
    ///
    /// # Errors
    /// [`Refusal::TooFast`].
    pub fn admit_to_lobby(&self, me: UserId, command: &LobbyCommand) -> Result<()> {
        lobby_class(command).map_or(Ok(()), |class| self.spend(me, class, 1.0))
    }

    /// Whether a person may be told of everybody now: by a page, or as a client of the original asks.
    ///
    /// # Errors
    /// [`Refusal::TooFast`].
    pub fn admit_to_directory(&self, me: UserId) -> Result<()> {
        self.spend(me, Class::Directory, 1.0)
    }

    pub(super) fn spend(&self, me: UserId, class: Class, units: f64) -> Result<()> {
        if self.has_no_budgets() { Ok(()) } else { self.0.budgets.lock().take(me, class, units, Instant::now()) }
    }

    /// One group with these people, oneself not counted.
    pub(super) fn spend_group(&self, me: UserId, users: &[UserId]) -> Result<()> {
        self.spend(me, Class::Group, 1.0)?;
        self.spend_memberships(me, users)
    }

    pub(super) fn spend_memberships(&self, me: UserId, users: &[UserId]) -> Result<()> {
        if self.has_no_budgets() {
            return Ok(());
        }
        let others = users.iter().copied().filter(|user| *user != me).collect();
        self.0.budgets.lock().take_memberships(me, &others, Instant::now())
    }

    /// Whether an invitation is to be told to the invited. When not, they find the conversation in their list.
    pub(super) fn may_call(&self, by: UserId, to: UserId) -> bool {
        self.has_no_budgets() || self.0.budgets.lock().take_call(by, to, Instant::now())
    }

    /// Begins a search, one at a time for a person, who is charged the time it takes; none when nothing is charged.
    pub(super) fn begin_search(&self, user: UserId) -> Result<Option<Searching>> {
        if self.has_no_budgets() {
            return Ok(None);
        }
        let (mut state, begun) = (self.0.budgets.lock(), Instant::now());
        let has_time = state.people.has(&(user, Class::Search), SEARCH_LEAST, Class::Search.limit(), begun);
        if !has_time || !state.searching.insert(user) {
            return Err(Refusal::TooFast);
        }
        Ok(Some(Searching { messenger: self.clone(), user, begun }))
    }

    fn has_no_budgets(&self) -> bool {
        self.settings().messages_per_second == 0
    }
}

/// A search under way. When it is over, also because nobody waits for it any more, its time is charged.
pub(super) struct Searching {
    messenger: Messenger,
    user: UserId,
    begun: Instant,
}

impl Searching {
    /// What was waited for until now was not its own work.
    pub(super) fn starts_now(&mut self) {
        self.begun = Instant::now();
    }
}

impl Drop for Searching {
    fn drop(&mut self) {
        let took = self.begun.elapsed().as_secs_f64() * 1e3;
        let (mut state, now) = (self.messenger.0.budgets.lock(), Instant::now());
        state.searching.remove(&self.user);
        state.people.charge((self.user, Class::Search), took.max(SEARCH_LEAST), Class::Search.limit(), now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_then_the_rate_and_nobody_else_is_slowed() {
        let (mut state, me, other, now) = (State::default(), UserId::new(), UserId::new(), Instant::now());
        let taken = |state: &mut State, user, now| {
            (0..1_000).filter(|_| state.take(user, Class::Read, 1.0, now).is_ok()).count()
        };
        assert_eq!(taken(&mut state, me, now), 60);
        assert_eq!(taken(&mut state, me, now + SECOND), 15);
        assert_eq!(taken(&mut state, other, now), 60);
        assert!(state.take(me, Class::Setting, 1.0, now).is_ok(), "one class is not another");
        assert_eq!(taken(&mut state, me, now + 60 * SECOND), 60, "no more than a burst is saved up");
    }

    #[test]
    fn a_debt_is_paid_back_before_anything_is_had_again() {
        let (mut state, me, now) = (State::default(), UserId::new(), Instant::now());
        state.people.charge((me, Class::Search), 5_000.0, Class::Search.limit(), now);
        assert!(state.take(me, Class::Search, SEARCH_LEAST, now + 10 * SECOND).is_err());
        assert!(state.take(me, Class::Search, SEARCH_LEAST, now + 11 * SECOND).is_ok());
    }

    #[test]
    fn the_list_of_one_person_is_not_filled_by_another() {
        let (mut state, me, now) = (State::default(), UserId::new(), Instant::now());
        let (victim, crowd) = (UserId::new(), (0..999).map(|_| UserId::new()).collect::<HashSet<_>>());
        let groups = (0..100).filter(|_| state.take_memberships(me, &[victim].into(), now).is_ok()).count();
        assert_eq!(groups, 10);
        assert!(state.take_memberships(me, &crowd, now).is_ok() && state.take_memberships(me, &crowd, now).is_ok());
        assert!(state.take_memberships(me, &crowd, now).is_err());
        assert!(state.take_memberships(UserId::new(), &[victim].into(), now).is_ok(), "somebody else may");
        assert!(state.take_memberships(me, &[victim].into(), now + 601 * SECOND).is_ok());
    }

    #[test]
    fn somebody_is_called_a_few_times() {
        let (mut state, me, other, now) = (State::default(), UserId::new(), UserId::new(), Instant::now());
        assert_eq!((0..200).filter(|_| state.take_call(me, other, now)).count(), 3);
        assert_eq!((0..200).filter(|_| state.take_call(UserId::new(), other, now)).count(), 17);
        assert!(state.take_call(me, UserId::new(), now));
    }

    #[test]
    fn meters_of_those_who_asked_long_ago_are_thrown_out() {
        let (mut meters, now, limit) = (Meters::<UserId>::default(), Instant::now(), Class::Read.limit());
        for second in 0..1_000 {
            assert!(meters.take(UserId::new(), 1.0, limit, now + second * SECOND));
        }
        assert!(meters.full_at.len() <= 61, "{}", meters.full_at.len());
    }
}
