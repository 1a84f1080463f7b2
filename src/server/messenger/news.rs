//! How news travels: what was committed goes to the rooms in commit order; who came and went, and whose
//! list changed, is gathered and told once a tick.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, mpsc},
    time::sleep,
};

use crate::{
    protocol::{
        chat::ChatEvent,
        ids::{MessageId, RoomId, UserId},
        lobby::LobbyEvent,
        message::{Line, Message},
    },
    server::{
        hub::{Hub, told},
        messenger::{
            Directory, Inner, Messenger, Result, Settings,
            budget::Budgets,
            greeting::Written,
            hashing::Hashing,
            reading::{self, Readers, tell_readers},
            roster::Roster,
            watch::watch_accounts,
        },
        store::{Access, Committed, Fault, Store},
    },
};

/// The shortest time between two frames of one kind about who is here or whose list changed.
pub(super) const TICK: Duration = Duration::from_millis(250);
/// People's lines or memberships in one question to the store: bounds how long it holds a reader.
pub(super) const PAIRS: usize = 1_000;
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
    /// Messages that were recalled; every member's list hears of them, for a hit or a notice may show their text.
    recalled: BTreeMap<RoomId, Vec<MessageId>>,
}

impl Stale {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Messenger {
    /// Opens the store in `data` for a server and begins to carry news. It goes on until the messenger is dropped.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub async fn open(data: &Path, settings: Settings) -> std::result::Result<Self, Fault> {
        Self::open_for(data, settings, Access::Serve).await
    }

    /// As [`Messenger::open`], for a server or for a command beside it.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub async fn open_for(data: &Path, settings: Settings, access: Access) -> std::result::Result<Self, Fault> {
        let (store, committed) = Store::open_for(data, settings.durability, access).await?;
        let (accounts, version) = store.changed_accounts(-1).await.map_err(|error| Fault::of(data, error))?;
        let no_thread = |error| Fault::File { path: data.to_owned(), error };
        let messenger = Self(Arc::new(Inner {
            store,
            hub: Hub::default(),
            settings,
            directory: std::sync::RwLock::new(Arc::new(Directory::new(accounts))),
            accounts_at: version.into(),
            accounts_changed: Arc::default(),
            roster: Roster::new(),
            everybody: Written::default(),
            rates: Mutex::default(),
            budgets: Budgets::default(),
            parting: Mutex::default(),
            tries: Mutex::default(),
            hashing: Hashing::start().map_err(no_thread)?,
        }));
        let (stale, readers) = (Arc::<Stale>::default(), Arc::<Readers>::default());
        tokio::spawn(tell_readers(Arc::downgrade(&messenger.0), readers.clone()));
        tokio::spawn(tell_committed(Arc::downgrade(&messenger.0), committed, stale.clone(), readers));
        tokio::spawn(tell_lists(Arc::downgrade(&messenger.0), stale));
        tokio::spawn(tell_presence(Arc::downgrade(&messenger.0)));
        tokio::spawn(watch_accounts(Arc::downgrade(&messenger.0), messenger.0.accounts_changed.clone()));
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

    pub(super) fn tell_users(&self, changed: &[UserId]) {
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
                if message.recalled.is_some() {
                    stale.recalled.entry(room).or_default().push(message.id);
                }
                self.tell_message(room, message);
            }
            // Nothing of it stands in a list.
            Committed::Reacted { room, reacted } => {
                self.hub().tell_room(room, &told(self.reacted(reacted)), None);
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
                users
                    .into_iter()
                    .filter(|user| self.may_call(author, *user))
                    .for_each(|user| self.hub().tell_user(user, &invited));
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

    async fn tell_lists(&self, Lines { rooms, own, recalled }: Lines) -> Result<()> {
        let watching = self.hub().in_lobby();
        if watching.is_empty() {
            return Ok(());
        }
        let mut shown = self.0.store.people_in(rooms.iter().copied()).await?;
        self.tell_recalled(recalled, &shown);
        shown.extend(own.into_iter().filter(|(room, _)| !rooms.contains(room)));
        shown.retain(|(_, user)| watching.contains(user));
        for pairs in shown.chunks(PAIRS) {
            self.tell_lines(pairs).await?;
        }
        Ok(())
    }

    fn tell_recalled(&self, recalled: BTreeMap<RoomId, Vec<MessageId>>, people: &[(RoomId, UserId)]) {
        for (room, ids) in recalled {
            let event = told(LobbyEvent::Recalled { room, ids });
            people.iter().filter(|(of, _)| *of == room).for_each(|(_, user)| self.hub().tell_user(*user, &event));
        }
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

/// News that could not be told is not lost: whoever missed it gets it with the next snapshot.
pub(super) fn report(what: &str, outcome: Result<()>) {
    if let Err(refusal) = outcome {
        tracing::warn!(?refusal, what, "could not be told");
    }
}
