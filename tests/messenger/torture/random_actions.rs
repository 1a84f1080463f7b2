//! Random actions: for any actions of users in a group, and any cuts of their connections, the state that each of
//! them derives from events equals a fresh snapshot, in the room and in the lobby.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use client::{
    state::{conversation::Conversation, lobby::Lobby},
    text::Lang,
};
use proptest::{prelude::*, test_runner::TestRunner};
use protocol::{
    ids::{MessageId, RoomId, UserId},
    message::Message,
    room::Member,
    room_socket::{Post, RoomCommand},
    user::Presence,
};

use crate::{
    resuming_client::ResumingClient,
    stage::{Person, Socket, Stage},
    torture::{check, long_or, row},
};

pub(crate) const LOGINS: [&str; 4] = ["minsu", "younghee", "jiwoo", "cheolsu"];
const EMOJIS: [&str; 3] = ["👍", "🎉", "😮"];

/// An action of one user. Numbers choose a message, counted from the newest.
#[derive(Clone, Debug)]
pub(crate) enum PlayerAction {
    Post,
    Answer(usize),
    Edit(usize),
    Recall(usize),
    React(usize, usize, bool),
    Read,
    Rename(u8),
    Mute(bool),
    Hide,
    Leave,
    Invite(usize, bool),
    /// Loses the connection.
    Cut,
    Resume,
    /// Applies the events that have arrived.
    ApplyEvents,
}

/// Who acts, and how.
pub(crate) fn action() -> impl Strategy<Value = (usize, PlayerAction)> {
    let action = prop_oneof![
        6 => Just(PlayerAction::Post),
        2 => (0usize..4).prop_map(PlayerAction::Answer),
        3 => (0usize..4).prop_map(PlayerAction::Edit),
        2 => (0usize..4).prop_map(PlayerAction::Recall),
        3 => (0usize..4, 0..EMOJIS.len(), any::<bool>()).prop_map(|(of, emoji, on)| PlayerAction::React(of, emoji, on)),
        3 => Just(PlayerAction::Read),
        1 => (0u8..3).prop_map(PlayerAction::Rename),
        1 => any::<bool>().prop_map(PlayerAction::Mute),
        1 => Just(PlayerAction::Hide),
        1 => Just(PlayerAction::Leave),
        2 => (0..LOGINS.len(), any::<bool>()).prop_map(|(whom, history)| PlayerAction::Invite(whom, history)),
        3 => Just(PlayerAction::Cut),
        3 => Just(PlayerAction::Resume),
        4 => Just(PlayerAction::ApplyEvents),
    ];
    (0..LOGINS.len(), action)
}

/// A user with a window of the room and a main window.
pub(crate) struct Player {
    pub(crate) client: ResumingClient,
    lobby: Lobby,
    list: Socket,
}

impl Player {
    pub(crate) async fn new(stage: &Stage, person: &Person, room: RoomId) -> Self {
        let lobby = Lobby::from(stage.messenger.people().lobby(person.actor(), None).await.unwrap());
        Self { client: ResumingClient::new(person, room), lobby, list: person.lobby().await }
    }

    pub(crate) async fn act(&mut self, action: PlayerAction, ids: &mut Vec<MessageId>, people: &[Person]) {
        let chosen = |of: usize| ids.iter().rev().nth(of).copied();
        let command = match action {
            PlayerAction::Post => {
                let message = self.client.conversation.post(&format!("말 {}", ids.len()), None, 0);
                ids.extend(message.as_ref().map(id_of));
                message
            }
            PlayerAction::Answer(of) => {
                let quoted = chosen(of).and_then(|id| self.client.conversation.message(id).cloned());
                let quote = quoted.as_ref().map(protocol::message::Quote::of);
                let answer = self.client.conversation.post(&format!("답 {}", ids.len()), quote, 0);
                ids.extend(answer.as_ref().map(id_of));
                answer
            }
            PlayerAction::Edit(of) => {
                chosen(of).map(|id| RoomCommand::Edit { id, body: format!("고침 {}", ids.len()), mentions: None })
            }
            PlayerAction::Recall(of) => chosen(of).map(|id| RoomCommand::Recall { id }),
            PlayerAction::React(of, emoji, on) => {
                chosen(of).map(|id| RoomCommand::React { id, emoji: EMOJIS[emoji].into(), on })
            }
            PlayerAction::Read => self.client.conversation.unread().map(|seq| RoomCommand::Read { seq }),
            PlayerAction::Rename(number) => {
                Some(RoomCommand::Rename { title: (number > 0).then(|| format!("모임 {number}")) })
            }
            PlayerAction::Mute(on) => Some(RoomCommand::Mute { on, mentions_only: false }),
            PlayerAction::Hide => Some(RoomCommand::Hide),
            PlayerAction::Leave => Some(RoomCommand::Leave),
            PlayerAction::Invite(whom, history) => {
                Some(RoomCommand::Invite { users: vec![people[whom].id], history, title: None })
            }
            PlayerAction::Cut => return self.client.cut(),
            PlayerAction::Resume => {
                self.client.try_connect_or_not().await;
                // Events that the lobby has not read are lost with its connection.
                self.list = self.client.person.lobby_since(self.lobby.cursor()).await;
                return;
            }
            PlayerAction::ApplyEvents => {
                while self.client.step(Duration::from_millis(3)).await {}
                return;
            }
        };
        if let Some(command) = command {
            self.client.send(&command).await;
        }
    }

    /// Applies events until the state equals a fresh snapshot; the difference if it never does.
    pub(crate) async fn agree(&mut self, stage: &Stage) -> Result<(), String> {
        let deadline = Instant::now() + Duration::from_secs(15);
        loop {
            let difference = self.difference(stage).await;
            match difference {
                None => return Ok(()),
                Some(difference) if Instant::now() > deadline => return Err(difference),
                Some(_) => {}
            }
            if !self.client.is_connected() {
                self.client.try_connect_or_not().await;
            }
            self.client.step(Duration::from_millis(20)).await;
            self.list.lobby_events(&mut self.lobby).await;
        }
    }

    async fn difference(&self, stage: &Stage) -> Option<String> {
        let me = self.client.person.id;
        let fresh = Lobby::from(stage.messenger.people().lobby(crate::stage::actor(me), None).await.unwrap());
        let rooms = |lobby: &Lobby| lobby.rooms("", Lang::Ko.words());
        if rooms(&self.lobby) != rooms(&fresh) || self.lobby.unread() != fresh.unread() {
            return Some(format!("the list of {me}: {:#?}\nfresh: {:#?}", rooms(&self.lobby), rooms(&fresh)));
        }
        if presences(&self.lobby) != presences(&fresh) {
            return Some(format!("people as {me} sees them: {:#?}\nfresh: {fresh:#?}", self.lobby));
        }
        // A former member has no snapshot to compare with.
        let snapshot = stage.messenger.rooms().snapshot(crate::stage::actor(me), self.client.room).await.ok()?;
        let fresh = Conversation::new(me, snapshot);
        if !self.client.is_connected() {
            return Some(format!("the window of {me} is not connected"));
        }
        window_difference(&self.client.conversation, &fresh)
    }
}

/// How a window differs from a fresh one.
pub(crate) fn window_difference(known: &Conversation, fresh: &Conversation) -> Option<String> {
    // Messages that were refused after leaving stay unsent.
    let is_same = known.unacknowledged().is_empty()
        && ends_alike(known, fresh)
        && (&known.title, known.is_muted) == (&fresh.title, fresh.is_muted)
        && standings(known) == standings(fresh)
        && known.cursor() == fresh.cursor();
    (!is_same).then(|| format!("the window: {known:#?}\nfresh: {fresh:#?}"))
}

fn presences(lobby: &Lobby) -> BTreeMap<UserId, Presence> {
    lobby.users().map(|user| (user.id, user.presence)).collect()
}

fn id_of(command: &RoomCommand) -> MessageId {
    let RoomCommand::Post(Post { id, .. }) = command else { panic!("a post") };
    *id
}

/// A window that was open longer may hold older messages; the newest ones are the same.
fn ends_alike(known: &Conversation, fresh: &Conversation) -> bool {
    let (known_messages, messages): (Vec<&Message>, Vec<&Message>) =
        (known.messages().collect(), fresh.messages().collect());
    // A post from before a member left is acknowledged again, to its author, when they are back without the history.
    let mut more = known_messages.iter().take(known_messages.len() - messages.len().min(known_messages.len()));
    known_messages.ends_with(&messages) && (fresh.has_earlier || more.all(|message| message.author == known.me))
}

fn standings(conversation: &Conversation) -> Vec<(&Member, bool)> {
    conversation.members.iter().map(|member| (member, member.has_left)).collect()
}

#[test]
fn state_from_events_equals_a_fresh_snapshot() {
    let cases = long_or(120, 10);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..ProptestConfig::default()
    });
    let runs = proptest::collection::vec(action(), 5..long_or(120, 60));
    let actions = std::cell::Cell::new(0);
    let outcome = runner.run(&runs, |steps| {
        actions.set(actions.get() + steps.len());
        runtime.block_on(live(steps)).map_err(TestCaseError::fail)
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    row(
        &format!("{cases} random runs of actions"),
        "state from events equals a fresh snapshot",
        &format!("{} actions of four users; always equal", actions.get()),
    );
}

async fn live(steps: Vec<(usize, PlayerAction)>) -> Result<(), String> {
    let stage = Stage::new().await;
    let mut people = Vec::new();
    for login in LOGINS {
        people.push(stage.person(login, login).await);
    }
    let others = vec![people[1].id, people[2].id];
    let room = stage.messenger.rooms().open_group(people[0].actor(), others, None).await.unwrap();
    let mut actors = Vec::new();
    for person in &people {
        actors.push(Player::new(&stage, person, room).await);
    }
    let mut ids = Vec::new();
    for (who, action) in steps {
        actors[who].act(action, &mut ids, &people).await;
    }
    for actor in &mut actors {
        actor.agree(&stage).await?;
    }
    stage.messenger.close().await;
    check(stage.data.path());
    Ok(())
}
