//! How news travels: what was committed goes to the rooms in commit order; who came and went, and whose
//! list changed, is gathered and told once a tick.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, Semaphore, mpsc},
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{
    protocol::{
        chat::ChatEvent,
        ended::Ended,
        ids::{RoomId, UserId},
        lobby::LobbyEvent,
        message::{Line, Message},
    },
    server::{
        hub::{Hub, told},
        messenger::{
            Directory, Inner, Messenger, Result, Settings, account,
            greeting::Written,
            reading::{self, Readers, tell_readers},
            roster::Roster,
        },
        store::{Account, Committed, SessionId, Store},
    },
};

/// The shortest time between two frames of one kind about who is here or whose list changed.
const TICK: Duration = Duration::from_millis(250);
/// People's lines or memberships in one question to the store: bounds how long it holds a reader.
const PAIRS: usize = 1_000;
/// How often the store is asked whether another process changed an account.
pub(super) const ACCOUNTS_POLL: Duration = Duration::from_secs(1);

/// Whose lists changed since the last tick.
#[derive(Default)]
struct Stale {
    lines: Mutex<Lines>,
    changed: Notify,
}

/// Lines of lists.
#[derive(Default)]
struct Lines {
    /// In the lists of all their members.
    rooms: BTreeSet<RoomId>,
    /// In one member's list alone: how much they have not read is nobody else's.
    own: BTreeSet<(RoomId, UserId)>,
}

impl Stale {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Messenger {
    /// Opens the store in `data` and begins to carry news. It goes on until the messenger is dropped.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub async fn open(data: &Path, settings: Settings) -> io::Result<Self> {
        let (store, committed) = Store::open(data, settings.durability).await?;
        let unavailable = |refusal| io::Error::other(format!("{refusal:?}"));
        let accounts = store.accounts().await.map_err(|error| unavailable(error.into()))?;
        let messenger = Self(Arc::new(Inner {
            store,
            hub: Hub::default(),
            settings,
            directory: std::sync::RwLock::new(Arc::new(Directory::new(accounts))),
            roster: Roster::new(),
            everybody: Written::default(),
            rates: Mutex::default(),
            parting: Mutex::default(),
            hashing: Semaphore::new(account::HASHES_AT_ONCE),
            dummy_hash: account::hash("nobody's password").map_err(unavailable)?,
        }));
        let (stale, readers) = (Arc::<Stale>::default(), Arc::<Readers>::default());
        tokio::spawn(tell_readers(Arc::downgrade(&messenger.0), readers.clone()));
        tokio::spawn(tell_committed(Arc::downgrade(&messenger.0), committed, stale.clone(), readers));
        tokio::spawn(tell_lists(Arc::downgrade(&messenger.0), stale));
        tokio::spawn(tell_presence(Arc::downgrade(&messenger.0)));
        tokio::spawn(watch_accounts(Arc::downgrade(&messenger.0)));
        Ok(messenger)
    }

    /// Closes all sockets as going away, those too that still come, and waits for them.
    pub async fn close_sockets(&self, patience: Duration) {
        self.hub().close_all();
        let deadline = Instant::now() + patience;
        while self.hub().sockets() > 0 && Instant::now() < deadline {
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Finishes what is being saved and closes the store; what comes after is refused.
    pub async fn close(&self) {
        self.0.store.close().await;
    }

    /// Reads the accounts again, tells everybody who is new or has changed, and closes the sockets of
    /// sessions that have ended.
    ///
    /// # Errors
    /// [`crate::protocol::error::Refusal::Unavailable`].
    pub(super) async fn refresh_accounts(&self) -> Result<()> {
        let new = Arc::new(Directory::new(self.0.store.accounts().await?));
        let old = self.directory();
        *self.0.directory.write().unwrap_or_else(PoisonError::into_inner) = new.clone();
        let is_new_to_rooms = |account: &&Account| {
            old.account(account.id)
                .is_some_and(|known| known.name != account.name || known.disabled != account.disabled)
        };
        let changed: Vec<UserId> = new.accounts().filter(is_new_to_rooms).map(|account| account.id).collect();
        if !changed.is_empty() {
            // Windows of conversations name people too, and count who has not read. It is rare, and all that are open
            // are few.
            self.hub().mark_everywhere(&changed);
        }
        let is_disabled =
            |account: &Account| account.disabled && old.account(account.id).is_some_and(|old| !old.disabled);
        if new.accounts().any(is_disabled) {
            self.0.roster.begin_anew();
        }
        let changed = new.accounts().filter(|account| old.account(account.id) != Some(account));
        self.tell_users(&changed.map(|account| account.id).collect::<Vec<_>>());
        self.end_sessions().await
    }

    async fn end_sessions(&self) -> Result<()> {
        let held = self.hub().sessions().into_iter().map(|(session, user)| (SessionId(session), user));
        let held: Vec<_> = held.filter(|(session, _)| !self.is_parting(*session)).collect();
        for held in held.chunks(PAIRS) {
            for (session, why) in self.0.store.ended(held).await? {
                self.hub().close_session(&session.0, why);
            }
        }
        Ok(())
    }

    /// Ends the sessions whose time is over, and closes their sockets.
    async fn expire_sessions(&self) -> Result<()> {
        for session in self.0.store.expire_sessions().await? {
            self.hub().close_session(&session.0, Ended::Expired);
        }
        Ok(())
    }

    fn tell_users(&self, changed: &[UserId]) {
        if changed.is_empty() {
            return;
        }
        self.0.roster.tell(changed, |cursor| {
            let users = changed.iter().filter_map(|user| self.user(*user)).collect();
            self.hub().tell_lobby(&told(LobbyEvent::UsersChanged { users, cursor }));
        });
    }

    fn tell(&self, committed: Committed, stale: &mut Lines, readers: &Readers) {
        match committed {
            Committed::Message { room, message } => {
                stale.rooms.insert(room);
                self.tell_message(room, message);
            }
            Committed::Read { room, user, seq } => {
                stale.own.insert((room, user));
                if readers.take_in(room, user, seq) {
                    reading::tell(self.hub(), room, [(user, seq)]);
                }
            }
        }
    }

    /// A line also moves people and titles; in the order of the commits, so that who left hears nothing
    /// that came after.
    fn tell_message(&self, room: RoomId, message: Message) {
        let cursor = self.cursor(message.version);
        let (author, line) = (message.author, message.line.clone());
        self.hub().tell_room(room, &told(ChatEvent::Message { message, cursor }), None);
        match line {
            Some(Line::Invited { users }) => {
                self.hub().mark_members(room, &users);
                let invited = told(LobbyEvent::Invited { room, by: author });
                users.into_iter().for_each(|user| self.hub().tell_user(user, &invited));
            }
            Some(Line::Left) => {
                self.hub().mark_members(room, &[author]);
                self.hub().close_member(room, author);
                self.hub().tell_user(author, &told(LobbyEvent::RoomGone { room }));
            }
            Some(Line::Renamed { title }) => {
                self.hub().tell_room(room, &told(ChatEvent::Renamed { title }), None);
            }
            Some(Line::Made) | None => {}
        }
    }

    async fn tell_lists(&self, Lines { rooms, own }: Lines) -> Result<()> {
        let watching = self.hub().in_lobby();
        if watching.is_empty() {
            return Ok(());
        }
        let mut shown = self.0.store.people_in(rooms.iter().copied()).await?;
        shown.extend(own.into_iter().filter(|(room, _)| !rooms.contains(room)));
        shown.retain(|(_, user)| watching.contains(user));
        for pairs in shown.chunks(PAIRS) {
            self.tell_lines(pairs).await?;
        }
        Ok(())
    }

    async fn tell_members(&self, rooms: BTreeMap<RoomId, BTreeSet<UserId>>) -> Result<()> {
        let pairs: Vec<_> =
            rooms.into_iter().flat_map(|(room, users)| users.into_iter().map(move |user| (room, user))).collect();
        for pairs in pairs.chunks(PAIRS) {
            for (room, members) in self.memberships(pairs).await? {
                self.hub().tell_room(room, &told(ChatEvent::MembersChanged { members }), None);
            }
        }
        Ok(())
    }

    async fn tell_changes(&self) -> Result<()> {
        let changes = self.hub().take_changes(Instant::now());
        self.tell_users(&changes.users.into_iter().collect::<Vec<_>>());
        self.tell_members(changes.rooms).await
    }
}

async fn tell_committed(
    messenger: Weak<Inner>,
    mut committed: mpsc::Receiver<Vec<Committed>>,
    stale: Arc<Stale>,
    readers: Arc<Readers>,
) {
    while let Some(batch) = committed.recv().await {
        let Some(messenger) = messenger.upgrade().map(Messenger) else { return };
        let mut lines = stale.lines();
        batch.into_iter().for_each(|change| messenger.tell(change, &mut lines, &readers));
        stale.changed.notify_one();
    }
}

async fn tell_lists(messenger: Weak<Inner>, stale: Arc<Stale>) {
    loop {
        tokio::select! {
            () = stale.changed.notified() => {}
            // Wakes now and then only to notice that the messenger is gone.
            () = sleep(ACCOUNTS_POLL) => {}
        }
        let Some(messenger) = messenger.upgrade().map(Messenger) else { return };
        let lines = std::mem::take(&mut *stale.lines());
        report("conversations' lines in the lists", messenger.tell_lists(lines).await);
        drop(messenger);
        sleep(TICK).await;
    }
}

async fn tell_presence(messenger: Weak<Inner>) {
    while let Some(inner) = messenger.upgrade() {
        let hub = inner.hub.clone();
        drop(inner);
        // Whose grace is over is seen at the next tick, whether or not something changed.
        let _ = tokio::time::timeout(TICK, hub.changed()).await;
        let Some(messenger) = messenger.upgrade().map(Messenger) else { return };
        report("who is here", messenger.tell_changes().await);
        drop(messenger);
        sleep(TICK).await;
    }
}

async fn watch_accounts(messenger: Weak<Inner>) {
    let mut poll = interval(ACCOUNTS_POLL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known = None;
    loop {
        poll.tick().await;
        let Some(messenger) = messenger.upgrade().map(Messenger) else { return };
        report("sessions whose time is over", messenger.expire_sessions().await);
        let version = messenger.0.store.accounts_version().await.ok();
        if version.is_some() && version != known && messenger.refresh_accounts().await.is_ok() {
            known = version;
        }
    }
}

/// News that could not be told is not lost: whoever missed it gets it with the next snapshot.
fn report(what: &str, outcome: Result<()>) {
    if let Err(refusal) = outcome {
        tracing::warn!(?refusal, what, "could not be told");
    }
}
