//! The one dispatch of commands, for every transport.

use crate::{
    hub::LobbyHandle,
    messenger::{actor::Actor, inner::Messenger, messages::Repeated, people_on_demand::WatchAnswer, policy::Result},
    model::{Anchor, DepartmentPage, FilePage, FoundPeople, MessagePage, Revision, SearchPage, Status},
};
use protocol::{
    cursor::Cursor,
    error::Refusal,
    ids::{MessageId, RoomId},
    lobby_socket::{Collection, LobbyCommand},
    room::RoomSummary,
    room_socket::{Forward, Post, RoomCommand},
    user::User,
};

/// The outcome of a command in a room.
#[derive(Debug)]
pub enum RoomOutcome {
    /// Done. For a post or a change the broadcast is the acknowledgement.
    Done,
    Repeated(Repeated),
    Page(Anchor, MessagePage),
    Found(String, SearchPage),
    /// Whether they are some of the users, in a large organisation.
    Invitable(Vec<User>, bool),
    FoundPeople(FoundPeople),
    /// The query, and its page.
    Files(Option<String>, FilePage),
    /// The id of the command, and the rooms that have the copies.
    Forwarded(MessageId, Vec<RoomId>),
    /// Whether the users are some of them, in a large organisation.
    Targets(Vec<RoomSummary>, Vec<User>, bool),
    Members(Vec<User>),
    /// An invitation to a direct room opened this group.
    Opened(RoomId),
    Pong,
}

/// The outcome of a command in the lobby.
#[derive(Debug)]
pub enum LobbyOutcome {
    /// Done. An event to all main windows of the actor carries the change.
    Done,
    Opened(RoomId),
    Delivered(RoomId, MessageId),
    Found(String, SearchPage),
    Collected(Collection, SearchPage),
    Department(DepartmentPage),
    FoundPeople(FoundPeople),
    /// Users as they are now, and the cursor with which the connection began.
    Users(Vec<User>, Cursor),
    Watching(WatchAnswer),
    Pong,
}

impl Messenger {
    /// Executes a command in a room, within the budget of its class.
    ///
    /// # Errors
    /// The refusal of the command's method; [`Refusal::TooFast`] over budget.
    pub async fn execute_in_room(&self, actor: Actor, room: RoomId, command: RoomCommand) -> Result<RoomOutcome> {
        self.admit_to_room(actor, &command)?;
        let (messages, rooms) = (self.messages(), self.rooms());
        match command {
            RoomCommand::Post(post) => messages.post(actor, room, post).await.map(changed),
            RoomCommand::Edit { id, body, mentions } => {
                messages.edit(actor, room, id, Revision { body, mentions }).await.map(changed)
            }
            RoomCommand::Recall { id } => messages.recall(actor, room, id).await.map(changed),
            RoomCommand::React { id, emoji, on } => messages.react(actor, room, id, &emoji, on).await.map(changed),
            RoomCommand::Confirm { id } => messages.confirm(actor, room, id).await.map(changed),
            RoomCommand::Schedule(schedule) => messages.schedule(actor, room, schedule).await.map(changed),
            RoomCommand::Reschedule(change) => messages.reschedule(actor, room, change).await.map(done),
            RoomCommand::Unschedule { id } => messages.unschedule(actor, id).await.map(done),
            RoomCommand::SendScheduled { id } => messages.send_scheduled(actor, room, id).await.map(done),
            RoomCommand::Announce { id } => rooms.announce(actor, room, id).await.map(done),
            RoomCommand::PinMessage { id, on } => rooms.pin_message(actor, room, id, on).await.map(done),
            RoomCommand::LimitPins { on } => rooms.limit_pins(actor, room, on).await.map(done),
            RoomCommand::Bookmark { id, on } => messages.bookmark(actor, room, id, on).await.map(done),
            RoomCommand::Forward(forward) => self.execute_forward(actor, room, forward).await,
            RoomCommand::Targets => self.execute_targets(actor).await,
            RoomCommand::Read { seq } => messages.mark_read(actor, room, seq).await.map(done),
            RoomCommand::Typing => {
                messages.typing(actor, room);
                Ok(RoomOutcome::Done)
            }
            RoomCommand::Earlier { before } => self.execute_page(actor, room, Anchor::Before(before)).await,
            RoomCommand::Later { after } => self.execute_page(actor, room, Anchor::After(after)).await,
            RoomCommand::Around { seq } => self.execute_page(actor, room, Anchor::Around(seq)).await,
            RoomCommand::AroundTime { at } => self.execute_page(actor, room, Anchor::AroundTime(at)).await,
            RoomCommand::Files { query, before } => self.execute_files(actor, room, query, before).await,
            RoomCommand::Search { query, before } => self.execute_search(actor, room, query, before).await,
            RoomCommand::People => self.execute_people(actor, room).await,
            RoomCommand::FindPeople { query, outside, after } => {
                let outside = outside.then_some(room);
                self.people().find(actor, query, outside, after).await.map(RoomOutcome::FoundPeople)
            }
            RoomCommand::Invite { users, history, title } => {
                let opened = rooms.invite(actor, room, users, history, title).await?;
                Ok(opened.map_or(RoomOutcome::Done, RoomOutcome::Opened))
            }
            RoomCommand::Members => rooms.accounts(actor, room).await.map(RoomOutcome::Members),
            RoomCommand::Remove { user } => rooms.remove(actor, room, user).await.map(done),
            RoomCommand::Rename { title } => rooms.rename(actor, room, title).await.map(done),
            RoomCommand::Mute { on, mentions_only } => rooms.mute(actor, room, on, mentions_only).await.map(done),
            RoomCommand::Hide => rooms.hide(actor, room).await.map(done),
            RoomCommand::Leave => rooms.leave(actor, room).await.map(done),
            RoomCommand::Ping => Ok(RoomOutcome::Pong),
        }
    }

    async fn execute_forward(&self, actor: Actor, room: RoomId, forward: Forward) -> Result<RoomOutcome> {
        let id = forward.id;
        Ok(RoomOutcome::Forwarded(id, self.messages().forward(actor, room, forward).await?))
    }

    async fn execute_targets(&self, actor: Actor) -> Result<RoomOutcome> {
        let (rooms, users) = self.rooms().targets(actor).await?;
        Ok(RoomOutcome::Targets(rooms, users, self.is_large()))
    }

    async fn execute_files(
        &self,
        actor: Actor,
        room: RoomId,
        query: Option<String>,
        before: Option<u64>,
    ) -> Result<RoomOutcome> {
        let page = self.files().of_room(actor, room, query.as_deref(), before).await?;
        Ok(RoomOutcome::Files(query, page))
    }

    async fn execute_search(
        &self,
        actor: Actor,
        room: RoomId,
        query: String,
        before: Option<u64>,
    ) -> Result<RoomOutcome> {
        let page = self.search().in_room(actor, room, &query, before).await?;
        Ok(RoomOutcome::Found(query, page))
    }

    async fn execute_people(&self, actor: Actor, room: RoomId) -> Result<RoomOutcome> {
        let users = self.rooms().invitable(actor, room).await?;
        Ok(RoomOutcome::Invitable(users, self.is_large()))
    }

    async fn execute_page(&self, actor: Actor, room: RoomId, anchor: Anchor) -> Result<RoomOutcome> {
        Ok(RoomOutcome::Page(anchor, self.messages().page(actor, room, anchor).await?))
    }

    /// Executes a command of a main window, within the budget of its class.
    ///
    /// # Errors
    /// The refusal of the command's method; [`Refusal::TooFast`] over budget.
    pub async fn execute_in_lobby(
        &self,
        actor: Actor,
        window: &LobbyHandle,
        command: LobbyCommand,
    ) -> Result<LobbyOutcome> {
        self.admit_to_lobby(actor, &command)?;
        let done = |()| LobbyOutcome::Done;
        match command {
            LobbyCommand::OpenDirect { user } => self.rooms().open_direct(actor, user).await.map(LobbyOutcome::Opened),
            LobbyCommand::OpenGroup { users, title } => {
                self.rooms().open_group(actor, users, title).await.map(LobbyOutcome::Opened)
            }
            LobbyCommand::Deliver { room, command } => self.deliver(actor, room, command).await,
            LobbyCommand::Search { query, before } => {
                let page = self.search().messages(actor, &query, before).await?;
                Ok(LobbyOutcome::Found(query, page))
            }
            LobbyCommand::Collect { of, before } => {
                let page = self.search().collection(actor, of, before).await?;
                Ok(LobbyOutcome::Collected(of, page))
            }
            LobbyCommand::Bookmark { room, id, on } => self.messages().bookmark(actor, room, id, on).await.map(done),
            LobbyCommand::Unschedule { id } => self.messages().unschedule(actor, id).await.map(done),
            LobbyCommand::Watch { users, departments } => {
                self.people().watch(window, users, departments).map(LobbyOutcome::Watching)
            }
            LobbyCommand::Department { path, after } => {
                self.people().department(&path, after).map(LobbyOutcome::Department)
            }
            LobbyCommand::FindPeople { query, outside, after } => {
                self.people().find(actor, query, outside, after).await.map(LobbyOutcome::FoundPeople)
            }
            LobbyCommand::People { users } => {
                let (users, began_at) = self.people().by_id(window, &users)?;
                Ok(LobbyOutcome::Users(users, began_at))
            }
            LobbyCommand::Favour { user, on } => self.people().favour(actor, user, on).await.map(done),
            LobbyCommand::Pin { room, on } => self.rooms().pin(actor, room, on).await.map(done),
            LobbyCommand::Mute { room, on, mentions_only } => {
                self.rooms().mute(actor, room, on, mentions_only).await.map(done)
            }
            LobbyCommand::Hide { room } => self.rooms().hide(actor, room).await.map(done),
            LobbyCommand::Status { busy: is_busy, text, until } => {
                self.people().set_status(actor, Status { is_busy, text, until }).await.map(done)
            }
            LobbyCommand::Absence { absence } => self.people().set_absence(actor, absence).await.map(done),
            LobbyCommand::Idle { on } => {
                window.set_idle(on);
                Ok(LobbyOutcome::Done)
            }
            LobbyCommand::Ping => Ok(LobbyOutcome::Pong),
        }
    }

    /// Executes a post or an edit of a room whose window is closed.
    async fn deliver(&self, actor: Actor, room: RoomId, command: RoomCommand) -> Result<LobbyOutcome> {
        let (RoomCommand::Post(Post { id, .. }) | RoomCommand::Edit { id, .. }) = command else {
            return Err(Refusal::Malformed);
        };
        self.execute_in_room(actor, room, command).await?;
        Ok(LobbyOutcome::Delivered(room, id))
    }
}

fn changed(repeated: Option<Repeated>) -> RoomOutcome {
    repeated.map_or(RoomOutcome::Done, RoomOutcome::Repeated)
}

fn done((): ()) -> RoomOutcome {
    RoomOutcome::Done
}
